/// Promotions: whether a coupon can be used, the deals of a restaurant, and their administration.
#include "http-edge/commands.hpp"
#include "http-edge/pricing.hpp"
#include "http-edge/query.hpp"
#include "http-edge/quotes.hpp"
#include "http-edge/requests.hpp"
#include "protocols/codec.hpp"
#include "protocols/model/limits.hpp"

namespace dabba::http {
namespace {

// -- What is shown ---------------------------------------------------------------------------------------------------

void put_texts(json_object& out, std::string_view key, const std::vector<std::string>& all) {
  if (all.empty()) return;
  std::string list;
  for (const auto& each : all) {
    list += list.empty() ? '[' : ',';
    append_json(list, each);
  }
  out.put_raw(key, list + ']');
}

template <class Id>
void put_ids(json_object& out, std::string_view key, const std::vector<Id>& all) {
  std::vector<std::string> texts;
  for (auto each : all) texts.push_back(to_string(each));
  put_texts(out, key, texts);
}

void put_selection(json_object& out, const food_selection& x) {
  put_ids(out, "items", x.items);
  put_texts(out, "categories", x.categories);
}

struct effect_writer {
  json_object& out;

  void operator()(const percentage_off& x) const {
    out.put("percent", minor_units{x.rate.value}).put("atMost", x.at_most);
    put_selection(out, x.of);
  }
  void operator()(const amount_off& x) const {
    out.put("amount", x.amount);
    put_selection(out, x.of);
  }
  void operator()(const free_delivery& x) const { out.put("atMost", x.at_most); }
  void operator()(const buy_and_get& x) const {
    out.put("buy", x.buy).put("get", x.get).put("times", x.times);
    put_selection(out, x.of);
  }
  void operator()(const combo& x) const {
    out.put("price", x.price).put("times", x.times);
    out.array("parts", x.parts, [](json_object& part, const combo_part& y) {
      part.put("count", y.count);
      put_selection(part, y.of);
    });
  }
};

/// What customers may know of it.
void put_promotion(json_object& out, const promotion& x) {
  out.put("promotionId", x.id).put("name", x.name);
  if (!x.is_deal()) out.put("code", x.code);
  out.put("kind", kind_of(x.effect));
  std::visit(effect_writer{out}, x.effect);
  out.put("currency", x.money).put("minimum", x.minimum).put("startsAt", x.starts_at).put("endsAt", x.ends_at);
  put_ids(out, "restaurants", x.restaurants);
  out.put("firstOrderOnly", x.is_first_order_only).put("combinable", x.is_combinable);
  out.put("perCustomerLimit", x.per_customer_limit);
}

void put_managed(json_object& out, const known_promotion& x) {
  put_promotion(out, x.what);
  out.put("version", x.what.version).put("fundedBy", x.what.funded_by).put("isActive", x.what.is_active);
  out.put("totalLimit", x.what.total_limit);
  if (x.what.total_limit) out.put("used", x.used);
}

response managed_response(const call& c, const known_promotion& x, unsigned status = 200) {
  auto body = json_text_of([&](json_object& out) { put_managed(out, x); });
  return versioned_response(c.in, x.what.version, std::move(body), status);
}

// -- For customers ---------------------------------------------------------------------------------------------------

/// A coupon that can't be used is an answer here, and no error.
handled coupon_answer(const std::string& code, errc refusal, const quote* priced) {
  return json_response(json_text_of([&](json_object& out) {
    out.put("code", code).put("valid", refusal == errc::none);
    if (refusal != errc::none) out.put("reason", refusal).put("detail", detail_of(refusal));
    if (!priced) return;
    out.put("currency", priced->money);
    put_price(out, priced->price, audience::customer);
  }));
}

bool is_about_coupon(const problem& x) { return x.code == name(errc::promotion_not_found); }

asio::awaitable<handled> validate(call& c) {
  auto wanted = read_coupon_question(c.body);
  if (!wanted) co_return refused(std::move(wanted.error()));
  auto code = capitals(wanted->code);
  auto given = co_await circumstances_of(c.shared, c.who->id, wanted->restaurant, code);
  if (!given && is_about_coupon(given.error())) co_return coupon_answer(code, errc::promotion_not_found, nullptr);
  if (!given) co_return tl::unexpected{std::move(given.error())};
  given->dropoff = wanted->dropoff;
  given->tip = wanted->tip;
  price_lines question{std::move(wanted->lines), std::move(*given)};
  auto priced = co_await quote_of(c.shared, wanted->restaurant, std::move(question));
  if (!priced) co_return tl::unexpected{std::move(priced.error())};
  co_return coupon_answer(code, priced->coupon, &*priced);
}

asio::awaitable<handled> list_deals(call& c) {
  auto at = query_string{c.in.query}.text("restaurantId");
  auto restaurant = at ? parse_uuid(*at) : std::nullopt;
  if (!restaurant) co_return tl::unexpected{invalid_parameter("restaurantId", "must be a UUID")};
  auto deals = co_await c.shared.promotions.deals(restaurant_id{*restaurant}, c.shared.services.time.now());
  if (!deals) co_return refused(deals.error());
  co_return json_response(json_text_of([&](json_object& out) { out.array("items", *deals, put_promotion); }));
}

// -- For administrators ----------------------------------------------------------------------------------------------

asio::awaitable<answer_or_problem<known_promotion>> managed(call& c, promotion_id which) {
  auto found = co_await c.shared.promotions.find(which);
  if (!found) co_return refused(found.error());
  if (!*found) co_return refused(errc::promotion_not_found);
  co_return std::move(**found);
}

asio::awaitable<errc> write_version(call& c, const promotion& what) {
  promotion_change change{what, encode(what), c.who->id, c.shared.services.time.now()};
  auto done = co_await c.shared.promotions.write(std::move(change));
  co_return done ? errc::none : done.error();
}

asio::awaitable<handled> create(call& c) {
  auto wanted = read_promotion(c.body);
  if (!wanted) co_return refused(std::move(wanted.error()));
  // The same request makes the same promotion: its repetition finds it.
  wanted->id = promotion_id{derive_uuid(meta_of(c).command.value, "promotion")};
  if (!c.in.idempotency_key) wanted->id = promotion_id::make(c.shared.services.time.now());
  wanted->version = 1;
  auto refusal = co_await write_version(c, *wanted);
  if (refusal == errc::stale_version) {
    auto earlier = co_await managed(c, wanted->id);
    if (!earlier) co_return tl::unexpected{std::move(earlier.error())};
    if (earlier->what != *wanted) co_return refused(errc::idempotency_key_reused);
    c.replayed = true;
  } else if (refusal != errc::none) {
    co_return refused(refusal);
  }
  auto out = managed_response(c, {*wanted, 0, 0}, 201);
  out.headers.emplace_back("Location", "/v1/admin/promotions/" + to_string(wanted->id));
  co_return out;
}

asio::awaitable<handled> read_one(call& c) {
  auto which = c.id<promotion_id>(0, errc::promotion_not_found);
  if (!which) co_return tl::unexpected{std::move(which.error())};
  auto found = co_await managed(c, *which);
  if (!found) co_return tl::unexpected{std::move(found.error())};
  co_return managed_response(c, *found);
}

asio::awaitable<handled> replace(call& c) {
  auto which = c.id<promotion_id>(0, errc::promotion_not_found);
  if (!which) co_return tl::unexpected{std::move(which.error())};
  auto wanted = read_promotion(c.body);
  if (!wanted) co_return refused(std::move(wanted.error()));
  auto before = co_await managed(c, *which);
  if (!before) co_return tl::unexpected{std::move(before.error())};
  auto version = expected_version(c.in).value_or(std::nullopt).value_or(before->what.version);
  if (version != before->what.version) co_return refused(errc::stale_version);
  if (wanted->total_limit.has_value() != before->what.total_limit.has_value())
    co_return refused(
        std::vector{field_error{"/totalLimit", "not-allowed", "a limit can be changed, but not given or taken away"}});
  wanted->id = *which;
  wanted->version = version + 1;
  auto refusal = co_await write_version(c, *wanted);
  // Another change came in between; this one was made upon what is no longer there.
  if (refusal != errc::none) co_return refused(refusal);
  co_return managed_response(c, {*wanted, before->used, 0});
}

asio::awaitable<handled> list_all(call& c) {
  query_string query{c.in.query};
  auto limit = query.number("limit", 1, limits::page_items, limits::page_items_default);
  auto before = query.number("cursor", 1, INT64_MAX, INT64_MAX);
  if (!limit) co_return tl::unexpected{invalid_parameter("limit", "must be a number from 1 to 200")};
  if (!before) co_return tl::unexpected{invalid_parameter("cursor", "must be the nextCursor of an answer")};
  auto page = co_await c.shared.promotions.list(static_cast<std::int64_t>(*before), *limit);
  if (!page) co_return refused(page.error());
  co_return json_response(json_text_of([&](json_object& out) {
    out.array("items", page->items, put_managed);
    if (page->next) out.put("nextCursor", std::to_string(*page->next));
  }));
}

constexpr auto customers = access::only({user_role::customer});
constexpr auto admins = access::only({user_role::admin});
constexpr auto operators = access::only({user_role::support, user_role::admin});

constexpr std::array routes{
    route{verb::post, "/v1/promotions/validate", customers, key_rule::ignored, body_rule::required, validate},
    route{verb::get, "/v1/promotions/deals", access::signed_in(), key_rule::ignored, body_rule::none, list_deals},
    route{verb::post, "/v1/admin/promotions", admins, key_rule::accepted, body_rule::required, create},
    route{verb::get, "/v1/admin/promotions", operators, key_rule::ignored, body_rule::none, list_all},
    route{verb::get, "/v1/admin/promotions/{}", operators, key_rule::ignored, body_rule::none, read_one},
    route{verb::put, "/v1/admin/promotions/{}", admins, key_rule::ignored, body_rule::required, replace},
};

}  // namespace

std::span<const route> promotion_routes() { return routes; }

}  // namespace dabba::http
