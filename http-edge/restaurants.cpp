/// Restaurants: registration, verification, status, and what they do with their orders.
#include "http-edge/restaurants.hpp"

#include <charconv>

#include "http-edge/query.hpp"
#include "http-edge/restaurant_requests.hpp"
#include "protocols/codec.hpp"
#include "protocols/model/limits.hpp"

namespace dabba::http {

asio::awaitable<answer_or_problem<restaurant_id>> own_restaurant(call& c) {
  auto which = c.id<restaurant_id>(0, errc::restaurant_not_found);
  if (!which || c.who->role == user_role::admin) co_return which;
  auto owner = co_await owner_of(c.shared, *which);
  if (!owner) co_return refused(owner.error());
  if (*owner != c.who->id) co_return refused(errc::restaurant_not_found);
  co_return which;
}

response shown(const call& c, const restaurant& x, unsigned status) {
  auto now = c.shared.services.time.now();
  bool is_its_own = is_staff(c.who->role) || (c.who->role == user_role::restaurant && x.profile.owner == c.who->id);
  auto to = is_its_own ? restaurant_audience::its_own : restaurant_audience::everybody;
  return tagged(c.in, restaurant_tag(x, now), json_response(restaurant_json(x, to, now), status));
}

asio::awaitable<handled> change(call& c, restaurant_id which, restaurant_command what) {
  restaurant_request wanted{meta_of(c), which, std::move(what)};
  auto got = co_await command_for<restaurant>(c, ref(which), std::move(wanted));
  if (!got) co_return tl::unexpected{std::move(got.error())};
  co_return shown(c, *got);
}

namespace {

asio::awaitable<handled> register_one(call& c) {
  auto profile = read_profile(c.body);
  if (!profile) co_return refused(std::move(profile.error()));
  profile->owner = c.who->id;
  auto made = restaurant_id::make(c.shared.services.time.now());
  restaurant_request wanted{meta_of(c), made, register_restaurant{std::move(*profile)}};
  auto got = co_await command_for<restaurant>(c, ref(made), std::move(wanted));
  if (!got) co_return tl::unexpected{std::move(got.error())};
  auto out = shown(c, *got, 201);
  out.headers.emplace_back("Location", "/v1/restaurants/" + to_string(got->id));
  co_return out;
}

asio::awaitable<handled> read_one(call& c) {
  auto which = c.id<restaurant_id>(0, errc::restaurant_not_found);
  if (!which) co_return tl::unexpected{std::move(which.error())};
  auto state = co_await read_entity<restaurant>(c.shared, ref(*which));
  if (!state) co_return refused(state.error());
  co_return shown(c, *state);
}

asio::awaitable<handled> verify_one(call& c) {
  auto which = c.id<restaurant_id>(0, errc::restaurant_not_found);
  if (!which) co_return tl::unexpected{std::move(which.error())};
  auto decision = read_verification(c.body);
  if (!decision) co_return refused(std::move(decision.error()));
  restaurant_command what = std::move(*decision);
  co_return co_await change(c, *which, std::move(what));
}

asio::awaitable<handled> set_status(call& c) {
  auto which = co_await own_restaurant(c);
  if (!which) co_return tl::unexpected{std::move(which.error())};
  auto status = read_restaurant_status(c.body);
  if (!status) co_return refused(std::move(status.error()));
  restaurant_command what = set_restaurant_status{*status};
  co_return co_await change(c, *which, std::move(what));
}

std::string cursor_text(const order& x) { return std::to_string(x.placed_at.micros) + '.' + to_string(x.id); }

std::optional<order_cursor> parse_cursor(std::string_view text) {
  auto dot = text.find('.');
  if (dot == std::string_view::npos) return std::nullopt;
  order_cursor made;
  auto [end, error] = std::from_chars(text.data(), text.data() + dot, made.placed_at.micros);
  auto order = parse_uuid(text.substr(dot + 1));
  if (error != std::errc{} || end != text.data() + dot || !order) return std::nullopt;
  made.order = order_id{*order};
  return made;
}

std::string orders_page(const std::vector<order>& orders, std::size_t limit, audience to) {
  bool has_more = orders.size() > limit;
  std::span shown{orders.data(), has_more ? limit : orders.size()};
  return json_text_of([&](json_object& out) {
    out.array("items", shown, [&](json_object& each, const order& x) { put_order(each, x, to); });
    if (has_more) out.put("nextCursor", cursor_text(shown.back()));
  });
}

asio::awaitable<handled> list_orders(call& c) {
  auto which = co_await own_restaurant(c);
  if (!which) co_return tl::unexpected{std::move(which.error())};
  query_string query{c.in.query};
  auto limit = query.number("limit", 1, limits::page_items, limits::page_items_default);
  auto status = query.text("status");
  auto cursor = query.text("cursor");
  auto wanted = status ? parse_enum<order_status>(*status) : std::nullopt;
  auto after = cursor ? parse_cursor(*cursor) : std::nullopt;
  if (!limit) co_return tl::unexpected{invalid_parameter("limit", "must be a number from 1 to 200")};
  if (status && !wanted) co_return tl::unexpected{invalid_parameter("status", "is no status of orders")};
  if (cursor && !after) co_return tl::unexpected{invalid_parameter("cursor", "must be the nextCursor of an answer")};
  auto read = [which = *which, wanted, after, limit = *limit](entity_reader& reader) {
    return reader.restaurant_orders(which, wanted, after, limit + 1);
  };
  auto states = co_await c.shared.reads.read(read);
  if (!states) co_return refused(states.error());
  std::vector<order> orders;
  for (const auto& each : *states) {
    auto decoded = decode_order(each);
    if (!decoded) co_return refused(decoded.error());
    orders.push_back(std::move(*decoded));
  }
  auto to = c.who->role == user_role::admin ? audience::staff : audience::restaurant;
  co_return json_response(orders_page(orders, *limit, to));
}

/// The order of the path, of the caller's restaurant of the path.
asio::awaitable<answer_or_problem<order>> own_order(call& c) {
  auto which = co_await own_restaurant(c);
  if (!which) co_return tl::unexpected{std::move(which.error())};
  auto id = c.id<order_id>(1, errc::order_not_found);
  if (!id) co_return tl::unexpected{std::move(id.error())};
  auto state = co_await read_entity<order>(c.shared, ref(*id));
  if (!state) co_return refused(state.error());
  if (state->restaurant != *which) co_return refused(errc::order_not_found);
  co_return std::move(*state);
}

asio::awaitable<handled> change_order(call& c, order_id which, order_command what) {
  order_request wanted{meta_of(c), which, std::move(what)};
  auto got = co_await command_for<order>(c, ref(which), std::move(wanted));
  if (!got) co_return tl::unexpected{std::move(got.error())};
  auto to = c.who->role == user_role::admin ? audience::staff : audience::restaurant;
  co_return versioned_response(c.in, got->version, order_json(*got, to));
}

asio::awaitable<handled> accept_one(call& c) {
  auto state = co_await own_order(c);
  if (!state) co_return tl::unexpected{std::move(state.error())};
  auto minutes = read_preparation_minutes(c.body);
  if (!minutes) co_return refused(std::move(minutes.error()));
  order_command what = accept_order{*minutes};
  co_return co_await change_order(c, state->id, std::move(what));
}

asio::awaitable<handled> reject_one(call& c) {
  auto state = co_await own_order(c);
  if (!state) co_return tl::unexpected{std::move(state.error())};
  auto reason = read_reason(c.body, presence::required);
  if (!reason) co_return refused(std::move(reason.error()));
  order_command what = reject_order{std::move(*reason)};
  co_return co_await change_order(c, state->id, std::move(what));
}

asio::awaitable<handled> start_one(call& c) {
  auto state = co_await own_order(c);
  if (!state) co_return tl::unexpected{std::move(state.error())};
  auto stage = read_stage(c.body);
  if (!stage) co_return refused(std::move(stage.error()));
  bool is_started = state->status == order_status::in_preparation && !stage->empty();
  order_command what = start_preparing{*stage};
  if (is_started) what = change_stage{*stage};
  co_return co_await change_order(c, state->id, std::move(what));
}

asio::awaitable<handled> ready_one(call& c) {
  auto state = co_await own_order(c);
  if (!state) co_return tl::unexpected{std::move(state.error())};
  order_command what = mark_ready{};
  co_return co_await change_order(c, state->id, std::move(what));
}

constexpr auto owners = restaurant_owners;
constexpr auto admins = access::only({user_role::admin}).confirmed();

constexpr std::array routes{
    route{verb::post, "/v1/restaurants", owners, key_rule::accepted, body_rule::required, register_one},
    route{verb::get, "/v1/restaurants/{}", access::signed_in(), key_rule::ignored, body_rule::none, read_one},
    route{verb::post, "/v1/admin/restaurants/{}/verification", admins, key_rule::accepted, body_rule::required,
          verify_one},
    route{verb::patch, "/v1/restaurants/{}/status", owners, key_rule::accepted, body_rule::required, set_status},
    route{verb::get, "/v1/restaurants/{}/orders", owners, key_rule::ignored, body_rule::none, list_orders},
    route{
        verb::post, "/v1/restaurants/{}/orders/{}/accept", owners, key_rule::accepted, body_rule::required, accept_one},
    route{
        verb::post, "/v1/restaurants/{}/orders/{}/reject", owners, key_rule::accepted, body_rule::required, reject_one},
    route{verb::post, "/v1/restaurants/{}/orders/{}/start", owners, key_rule::accepted, body_rule::optional, start_one},
    route{verb::post, "/v1/restaurants/{}/orders/{}/ready", owners, key_rule::accepted, body_rule::optional, ready_one},
};

}  // namespace

std::span<const route> restaurant_routes() { return routes; }

}  // namespace dabba::http
