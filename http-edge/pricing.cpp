#include "http-edge/pricing.hpp"

#include <algorithm>

#include "http-edge/commands.hpp"

namespace dabba::http {
namespace {

bool wants_first_order(const price_lines::circumstances& x) {
  return (x.coupon && x.coupon->what.is_first_order_only) ||
         std::ranges::any_of(x.deals, [](const auto& deal) { return deal.what.is_first_order_only; });
}

}  // namespace

std::string capitals(std::string code) {
  for (char& c : code)
    if (c >= 'a' && c <= 'z') c = static_cast<char>(c - 'a' + 'A');
  return code;
}

asio::awaitable<answer_or_problem<price_lines::circumstances>> circumstances_of(
    core& shared, user_id customer, restaurant_id at, const std::string& coupon) {
  price_lines::circumstances made;
  auto deals = co_await shared.promotions.deals_for(at, shared.services.time.now(), customer);
  if (!deals) co_return refused(deals.error());
  made.deals = std::move(*deals);
  if (!coupon.empty()) {
    auto found = co_await shared.promotions.find_code(capitals(coupon), customer);
    if (!found) co_return refused(found.error());
    if (!*found) co_return refused(errc::promotion_not_found);
    made.coupon = std::move(**found);
  }
  if (wants_first_order(made)) {
    auto query = [customer](entity_reader& reader) { return reader.has_ordered(customer); };
    auto has_ordered = co_await shared.reads.read(query);
    if (!has_ordered) co_return refused(has_ordered.error());
    made.is_first_order = !*has_ordered;
  }
  co_return made;
}

void put_price(json_object& out, const price_breakdown& x, audience to) {
  const auto& d = x.details;
  out.put("subtotal", x.subtotal).put("discount", d.item_discount + d.order_discount);
  out.put("tax", d.tax).put("taxIncluded", d.taxed == tax_mode::included);
  out.put("platformFee", d.platform_fee).put("smallOrderFee", d.small_order_fee);
  out.put("deliveryFee", x.delivery_fee).put("deliveryDiscount", d.delivery_discount);
  out.put("tip", x.tip).put("total", x.total);
  if (d.promotions.empty()) return;
  out.array("promotions", d.promotions, [to](json_object& each, const applied_promotion& y) {
    each.put("promotionId", y.promotion).put("name", y.name).put("discount", y.discount);
    if (!y.code.empty() && to != audience::everybody) each.put("code", y.code);
    if (to == audience::staff || to == audience::restaurant) each.put("fundedBy", y.funded_by);
  });
}

}  // namespace dabba::http
