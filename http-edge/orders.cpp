/// Orders: checkout, reading, cancelling.
#include <openssl/rand.h>
#include <charconv>

#include "http-edge/commands.hpp"
#include "http-edge/order_events.hpp"
#include "http-edge/pricing.hpp"
#include "http-edge/query.hpp"
#include "http-edge/quotes.hpp"
#include "http-edge/requests.hpp"
#include "protocols/codec.hpp"

namespace dabba::http {
namespace {

/// More than an order ever has; who needs the rest asks again with `since`.
constexpr std::size_t events_per_answer = 1000;

struct seen_order {
  order state;
  audience to = audience::everybody;
};

/// The order of the path as the caller may see it; somebody else's is 404.
asio::awaitable<answer_or_problem<seen_order>> visible_order(call& c) {
  auto id = c.id<order_id>(0, errc::order_not_found);
  if (!id) co_return tl::unexpected{std::move(id.error())};
  auto state = co_await read_entity<order>(c.shared, ref(*id));
  if (!state) co_return refused(state.error());
  auto to = co_await audience_of(c.shared, c.who, *state);
  if (!to) co_return refused(to.error());
  if (!*to) co_return refused(errc::order_not_found);
  co_return seen_order{std::move(*state), **to};
}

/// Four digits that nobody can guess from the last ones.
std::string new_pin() {
  std::uint32_t number = 0;
  // 2^32 is not a multiple of 10,000: numbers above the last whole multiple would favour small PINs.
  constexpr std::uint32_t limit = UINT32_MAX - UINT32_MAX % 10'000;
  do {
    if (RAND_bytes(reinterpret_cast<unsigned char*>(&number), sizeof number) != 1)
      throw std::runtime_error{"no random numbers"};
  } while (number >= limit);
  auto digits = std::to_string(number % 10'000);
  return std::string(4 - digits.size(), '0') + digits;
}

place_order to_command(const call& c, checkout wanted, quote priced) {
  place_order made;
  made.customer = c.who->id;
  made.restaurant = wanted.restaurant;
  made.restaurant_name = std::move(priced.restaurant_name);
  made.pickup = priced.pickup;
  made.dropoff = std::move(wanted.dropoff);
  made.lines = std::move(priced.lines);
  made.note = std::move(wanted.note);
  made.payment = wanted.payment;
  made.money = priced.money;
  made.delivery_fee = priced.price.delivery_fee;
  made.tip = wanted.tip;
  made.price = std::move(priced.price.details);
  made.pin = new_pin();
  made.zone = priced.zone;
  made.kitchen = priced.kitchen;
  return made;
}

response placed_response(const call& c, const order& x) {
  auto out = versioned_response(c.in, x.version, order_json(x, audience::customer), 201);
  out.headers.emplace_back("Location", "/v1/orders/" + to_string(x.id));
  return out;
}

asio::awaitable<answer_or_problem<quote>> price_of(call& c, const checkout& wanted) {
  auto given = co_await circumstances_of(c.shared, c.who->id, wanted.restaurant, wanted.coupon);
  if (!given) co_return tl::unexpected{std::move(given.error())};
  given->dropoff = wanted.dropoff.at;
  given->tip = wanted.tip;
  price_lines question{wanted.lines, std::move(*given)};
  auto offered = co_await quote_of(c.shared, wanted.restaurant, std::move(question));
  if (offered && offered->coupon != errc::none) co_return refused(offered->coupon);
  co_return std::move(offered);
}

asio::awaitable<handled> check_out(call& c) {
  auto wanted = read_checkout(c.body);
  if (!wanted) co_return refused(std::move(wanted.error()));
  if (wanted->payment != payment_method::cash_on_delivery)
    co_return refused(errc::payment_method_unavailable, "cards and UPI need the payment gateway");
  place_order what;
  auto restaurant = wanted->restaurant;
  if (!c.earlier) {
    auto priced = co_await price_of(c, *wanted);
    if (!priced) co_return tl::unexpected{std::move(priced.error())};
    what = to_command(c, std::move(*wanted), std::move(*priced));
  }
  auto made = make_order_id(c.shared.services.time.now(), restaurant);
  order_request request{meta_of(c), made, std::move(what)};
  auto got = co_await command_for<order>(c, ref(made), std::move(request));
  if (!got) co_return tl::unexpected{std::move(got.error())};
  co_return placed_response(c, *got);
}

asio::awaitable<handled> read_one(call& c) {
  auto seen = co_await visible_order(c);
  if (!seen) co_return tl::unexpected{std::move(seen.error())};
  co_return versioned_response(c.in, seen->state.version, order_json(seen->state, seen->to));
}

asio::awaitable<handled> read_status(call& c) {
  auto seen = co_await visible_order(c);
  if (!seen) co_return tl::unexpected{std::move(seen.error())};
  co_return versioned_response(c.in, seen->state.version, order_status_json(seen->state));
}

asio::awaitable<handled> read_where(call& c) {
  auto seen = co_await visible_order(c);
  if (!seen) co_return tl::unexpected{std::move(seen.error())};
  // On an open city everybody reads orders, but not where the one is who carries them.
  if (seen->to == audience::everybody) co_return refused(errc::order_not_found);
  if (!seen->state.carried_by) co_return refused(errc::no_location);
  auto got = co_await c.shared.actors.ask(ref(seen->state.id), read_location{});
  if (!got) co_return refused(got.error());
  auto* located = std::get_if<located_partner>(&*got);
  if (!located) co_return refused(errc::internal);
  co_return json_response(located_json(*located));
}

std::string events_json(const std::vector<stored_event>& events, const std::vector<any_event>& decoded, audience to) {
  std::size_t next = 0;
  return json_text_of([&](json_object& out) {
    out.array("items", events, [&](json_object& each, const stored_event& x) {
      each.put("seq", x.seq).put("type", x.event.type).put("at", x.at);
      each.put_raw("data", event_data(decoded[next++], to));
    });
  });
}

/// Where an event stream goes on: after the last event the client saw, or after `since`.
answer_or_problem<std::uint64_t> resume_point(const request& in) {
  if (in.last_event_id.empty()) {
    auto since = query_string{in.query}.number("since", 0, INT64_MAX, 0);
    if (since) return *since;
    return tl::unexpected{invalid_parameter("since", "must be the seq of an event")};
  }
  std::uint64_t seq = 0;
  auto end = in.last_event_id.data() + in.last_event_id.size();
  auto parsed = std::from_chars(in.last_event_id.data(), end, seq);
  if (parsed.ec == std::errc{} && parsed.ptr == end && seq <= INT64_MAX) return seq;
  return refused(errc::invalid_argument, "Last-Event-ID must be the id of an event");
}

asio::awaitable<handled> read_events(call& c) {
  auto seen = co_await visible_order(c);
  if (!seen) co_return tl::unexpected{std::move(seen.error())};
  auto since = resume_point(c.in);
  if (!since) co_return tl::unexpected{std::move(since.error())};
  if (c.in.accept.find("text/event-stream") != std::string::npos)
    co_return co_await open_order_events(
        c.shared, seen->state.id, *since, viewer_of(seen->state, seen->to), c.token_ends);
  auto read = [which = ref(seen->state.id), since = *since](entity_reader& reader) {
    return reader.events(which, since, events_per_answer);
  };
  auto events = co_await c.shared.reads.read(read);
  if (!events) co_return refused(events.error());
  std::vector<any_event> decoded;
  for (const auto& each : *events) {
    auto event = decode_event(each.event.type, each.event.version, each.event.payload);
    if (!event) co_return refused(event.error());
    decoded.push_back(std::move(*event));
  }
  co_return json_response(events_json(*events, decoded, seen->to));
}

asio::awaitable<handled> cancel_one(call& c) {
  auto seen = co_await visible_order(c);
  if (!seen) co_return tl::unexpected{std::move(seen.error())};
  auto wanted = read_cancellation(c.body);
  if (!wanted) co_return refused(std::move(wanted.error()));
  bool is_staff = seen->to == audience::staff;
  if (!is_staff && seen->to != audience::customer) co_return refused(errc::order_not_found);
  if (!is_staff && wanted->liable)
    co_return refused(std::vector{field_error{"/liable", "not-allowed", "only support says who is liable"}});
  ending how;
  how.by = is_staff ? party::support : party::customer;
  how.reason = std::move(wanted->reason);
  how.liable = wanted->liable.value_or(is_staff ? party::platform : party::customer);
  order_request request{meta_of(c), seen->state.id, cancel_order{std::move(how)}};
  auto got = co_await command_for<order>(c, ref(seen->state.id), std::move(request));
  if (!got) co_return tl::unexpected{std::move(got.error())};
  co_return versioned_response(c.in, got->version, order_json(*got, seen->to));
}

constexpr auto customers = access::only({user_role::customer});
constexpr auto cancellers = access::only({user_role::customer, user_role::support, user_role::admin});
constexpr auto readers = access::signed_in().or_open_city();

constexpr std::array routes{
    route{verb::post, "/v1/orders/checkout", customers, key_rule::required, body_rule::required, check_out},
    route{verb::get, "/v1/orders/{}", readers, key_rule::ignored, body_rule::none, read_one},
    route{verb::get, "/v1/orders/{}/status", readers, key_rule::ignored, body_rule::none, read_status},
    route{verb::get, "/v1/orders/{}/location", access::signed_in(), key_rule::ignored, body_rule::none, read_where},
    route{verb::get, "/v1/orders/{}/events", readers, key_rule::ignored, body_rule::none, read_events},
    route{verb::post, "/v1/orders/{}/cancel", cancellers, key_rule::accepted, body_rule::optional, cancel_one},
};

}  // namespace

std::span<const route> order_routes() { return routes; }

}  // namespace dabba::http
