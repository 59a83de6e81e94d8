/// Delivery partners: shift, positions, offers.
#include "http-edge/account_commands.hpp"
#include "http-edge/commands.hpp"
#include "http-edge/deliveries.hpp"
#include "http-edge/requests.hpp"

namespace dabba::http {
namespace {

partner_id me(const call& c) { return {c.who->id.value}; }

/// Offers say where customers live: they are made to partners whom somebody has looked at.
asio::awaitable<std::optional<problem>> check_approval(const call& c) {
  auto known = co_await confirmed_account(c);
  if (!known) co_return std::move(known.error());
  if (*known && (*known)->approval != account_approval::approved) co_return to_problem(errc::partner_not_approved);
  co_return std::nullopt;
}

asio::awaitable<handled> set_availability(call& c) {
  auto wanted = read_availability(c.body);
  if (!wanted) co_return refused(std::move(wanted.error()));
  // A repeat is answered as before, also when the shift has ended meanwhile.
  if (!c.earlier && wanted->shift_ends_at && *wanted->shift_ends_at <= c.shared.services.time.now())
    co_return refused(std::vector{field_error{"/shiftEndsAt", "in-the-past", "must be in the future"}});
  partner_command what = go_offline{};
  if (wanted->status == shift_status::online) {
    if (auto refusal = co_await check_approval(c)) co_return tl::unexpected{std::move(*refusal)};
    what = go_online{wanted->at, wanted->shift_ends_at};
  }
  partner_request request{meta_of(c), me(c), std::move(what)};
  auto got = co_await command_for<partner>(c, ref(me(c)), std::move(request));
  if (!got) co_return tl::unexpected{std::move(got.error())};
  co_return json_response(partner_json(*got));
}

asio::awaitable<handled> report_locations(call& c) {
  auto points = read_locations(c.body);
  if (!points) co_return refused(std::move(points.error()));
  auto count = points->size();
  c.shared.counted.positions->inc(static_cast<std::int64_t>(count));
  c.shared.actors.tell(ref(me(c)), locations{std::move(*points)});
  co_return json_response(json_text_of([&](json_object& out) { out.put("accepted", count); }), 202);
}

asio::awaitable<handled> list_offers(call& c) {
  auto got = co_await c.shared.actors.ask(ref(me(c)), read_offers{});
  if (!got) co_return refused(got.error());
  auto* open = std::get_if<open_offers>(&*got);
  if (!open) co_return refused(errc::internal);
  co_return json_response(json_text_of([&](json_object& out) { out.array("items", open->offers, put_offer); }));
}

asio::awaitable<handled> accept_one(call& c) {
  auto which = c.id<offer_id>(0, errc::offer_no_longer_available);
  if (!which) co_return tl::unexpected{std::move(which.error())};
  partner_request request{meta_of(c), me(c), accept_offer{*which}};
  auto got = co_await command_for<awarded_job>(c, ref(me(c)), std::move(request));
  if (!got) co_return tl::unexpected{std::move(got.error())};
  auto deliveries = co_await deliveries_json(c.shared, got->deliveries);
  co_return json_response(
      json_text_of([&](json_object& out) { out.put("offerId", got->offer).put_raw("deliveries", deliveries); }));
}

asio::awaitable<handled> decline_one(call& c) {
  auto which = c.id<offer_id>(0, errc::offer_no_longer_available);
  if (!which) co_return tl::unexpected{std::move(which.error())};
  auto reason = read_reason(c.body, presence::optional);
  if (!reason) co_return refused(std::move(reason.error()));
  partner_request request{meta_of(c), me(c), decline_offer{*which, std::move(*reason)}};
  auto got = co_await command(c, ref(me(c)), std::move(request));
  if (!got) co_return tl::unexpected{std::move(got.error())};
  co_return json_response(json_text_of([&](json_object& out) { out.put("offerId", *which); }));
}

asio::awaitable<handled> list_deliveries(call& c) {
  auto state = co_await read_entity<partner>(c.shared, ref(me(c)));
  if (!state) co_return refused(state.error());
  auto deliveries = co_await deliveries_json(c.shared, state->active);
  co_return json_response(json_text_of([&](json_object& out) { out.put_raw("items", deliveries); }));
}

constexpr auto partners = access::only({user_role::partner});

constexpr std::array routes{
    route{verb::patch, "/v1/partners/me/availability", partners, key_rule::accepted, body_rule::required,
          set_availability},
    // Positions have no durable effect to remember a key with; the latest wins.
    route{verb::post, "/v1/partners/me/locations", partners, key_rule::ignored, body_rule::required, report_locations,
          surface::api, pace::unlimited},
    route{verb::get, "/v1/partners/me/offers", partners, key_rule::ignored, body_rule::none, list_offers},
    route{verb::post, "/v1/offers/{}/accept", partners, key_rule::accepted, body_rule::optional, accept_one},
    route{verb::post, "/v1/offers/{}/decline", partners, key_rule::accepted, body_rule::optional, decline_one},
    route{verb::get, "/v1/partners/me/deliveries", partners, key_rule::ignored, body_rule::none, list_deliveries},
};

}  // namespace

std::span<const route> partner_routes() { return routes; }

}  // namespace dabba::http
