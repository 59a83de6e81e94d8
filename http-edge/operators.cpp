/// What operators look at: searches and zones.
#include "http-edge/commands.hpp"

namespace dabba::http {
namespace {

asio::awaitable<handled> read_search_of(call& c) {
  auto id = c.id<order_id>(0, errc::search_not_found);
  if (!id) co_return tl::unexpected{std::move(id.error())};
  auto state = co_await read_entity<order>(c.shared, ref(*id));
  if (!state) co_return refused(state.error() == errc::order_not_found ? errc::search_not_found : state.error());
  auto got = co_await c.shared.actors.ask(matchmaker_ref(state->zone), read_search{*id});
  if (!got) co_return refused(got.error());
  auto* record = std::get_if<search_record>(&*got);
  if (!record) co_return refused(errc::internal);
  co_return json_response(search_json(*record));
}

asio::awaitable<handled> list_all_zones(call& c) {
  auto got = co_await c.shared.actors.zones();
  if (!got) co_return refused(got.error());
  co_return json_response(zones_json(*got));
}

constexpr auto operators = access::only({user_role::support, user_role::admin}).or_open_city();

constexpr std::array routes{
    route{verb::get, "/v1/admin/searches/{}", operators, key_rule::ignored, body_rule::none, read_search_of},
    route{verb::get, "/v1/zones", operators, key_rule::ignored, body_rule::none, list_all_zones},
};

}  // namespace

std::span<const route> operator_routes() { return routes; }

}  // namespace dabba::http
