/// The steps of a delivery, by its partner.
#include "http-edge/deliveries.hpp"

#include "http-edge/commands.hpp"
#include "http-edge/requests.hpp"

namespace dabba::http {
namespace {

partner_id me(const call& c) { return {c.who->id.value}; }

/// The order of the path, when the caller carries or carried it.
asio::awaitable<answer_or_problem<order_id>> own_delivery(call& c) {
  auto id = c.id<order_id>(0, errc::order_not_found);
  if (!id || c.earlier) co_return id;
  auto state = co_await read_entity<order>(c.shared, ref(*id));
  if (!state) co_return refused(state.error());
  if (!state->carried_by || state->carried_by->partner != me(c)) co_return refused(errc::order_not_found);
  co_return id;
}

asio::awaitable<handled> step(call& c, order_command what) {
  auto id = co_await own_delivery(c);
  if (!id) co_return tl::unexpected{std::move(id.error())};
  order_request request{meta_of(c), *id, std::move(what)};
  auto got = co_await command_for<order>(c, ref(*id), std::move(request));
  if (!got) co_return tl::unexpected{std::move(got.error())};
  co_return json_response(delivery_json(*got));
}

asio::awaitable<handled> arrived(call& c) {
  order_command what = partner_arrived{me(c)};
  co_return co_await step(c, std::move(what));
}

asio::awaitable<handled> picked_up(call& c) {
  order_command what = pick_up{me(c)};
  co_return co_await step(c, std::move(what));
}

asio::awaitable<handled> delivered(call& c) {
  auto pin = read_pin(c.body);
  if (!pin) co_return refused(std::move(pin.error()));
  order_command what = deliver{me(c), std::move(*pin)};
  co_return co_await step(c, std::move(what));
}

asio::awaitable<handled> failed(call& c) {
  auto reason = read_reason(c.body, presence::required);
  if (!reason) co_return refused(std::move(reason.error()));
  order_command what = fail_delivery{me(c), std::move(*reason)};
  co_return co_await step(c, std::move(what));
}

asio::awaitable<handled> released(call& c) {
  auto reason = read_reason(c.body, presence::optional);
  if (!reason) co_return refused(std::move(reason.error()));
  order_command what = release_order{me(c), std::move(*reason)};
  co_return co_await step(c, std::move(what));
}

/// A delivery whose order can't be read this moment: as it was when it was assigned.
void put_assigned(json_object& out, const active_delivery& x) {
  order known;
  known.id = x.order;
  known.status = order_status::accepted;
  known.delivery = delivery_status::assigned;
  known.restaurant = x.restaurant;
  known.restaurant_name = x.restaurant_name;
  known.pickup = x.pickup;
  known.dropoff = {x.address_line, x.dropoff};
  known.ready_by = x.ready_by;
  known.carried_by = carrier{{}, x.offer, x.job, x.slot, x.sequence};
  put_delivery(out, known);
}

constexpr auto partners = access::only({user_role::partner});

constexpr std::array routes{
    route{verb::post, "/v1/deliveries/{}/arrived", partners, key_rule::accepted, body_rule::optional, arrived},
    route{verb::post, "/v1/deliveries/{}/picked-up", partners, key_rule::accepted, body_rule::optional, picked_up},
    route{verb::post, "/v1/deliveries/{}/delivered", partners, key_rule::accepted, body_rule::required, delivered},
    route{verb::post, "/v1/deliveries/{}/failed", partners, key_rule::accepted, body_rule::required, failed},
    route{verb::post, "/v1/deliveries/{}/release", partners, key_rule::accepted, body_rule::optional, released},
};

}  // namespace

asio::awaitable<std::string> deliveries_json(core& shared, std::vector<active_delivery> which) {
  std::string out = "[";
  for (const auto& each : which) {
    auto state = co_await read_entity<order>(shared, ref(each.order));
    if (out.size() > 1) out += ',';
    json_object one{out};
    if (state)
      put_delivery(one, *state);
    else
      put_assigned(one, each);
    one.close();
  }
  out += ']';
  co_return out;
}

std::span<const route> delivery_routes() { return routes; }

}  // namespace dabba::http
