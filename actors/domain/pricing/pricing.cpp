#include "actors/domain/pricing/pricing.hpp"

#include <algorithm>
#include <tuple>

#include "actors/domain/pricing/fees.hpp"
#include "actors/domain/pricing/shares.hpp"
#include "protocols/model/limits.hpp"

namespace dabba {
namespace {

bool is_amount(minor_units x) noexcept { return x.value >= 0 && x.value <= limits::amount_minor; }

bool is_within_limits(const food_line& x) noexcept {
  return x.quantity >= 1 && x.quantity <= limits::quantity_per_line && is_amount(x.unit_price) &&
         x.options.size() <= limits::priced_options_per_line && std::ranges::all_of(x.options, is_amount);
}

/// The subtotal, when the order is one that can be priced.
std::optional<minor_units> subtotal_of(const order_to_price& order) noexcept {
  if (order.lines.empty() || order.lines.size() > limits::lines_per_order || !is_amount(order.tip)) return std::nullopt;
  minor_units subtotal;
  for (const auto& line : order.lines) {
    if (!is_within_limits(line)) return std::nullopt;
    subtotal += gross_of(line);
    if (subtotal.value > limits::order_minor) return std::nullopt;
  }
  return subtotal;
}

minor_units tax_on(minor_units amount, const tax_rule& rule, basis_points rate) noexcept {
  auto whole = rule.mode == tax_mode::added ? all_of_it.value : all_of_it.value + rate.value;
  return part_of(amount, rate.value, whole);
}

/// Taxes what is left on the bill: once for all lines of one rate, so that the sum is rounded and not each of them.
std::vector<minor_units> taxes_of(const bill& x, const tax_rule& rule) {
  std::map<basis_points, std::vector<std::size_t>> by_rate;
  for (std::size_t i = 0; i < x.lines.size(); ++i) by_rate[rule.rate_of(x.lines[i].what->category)].push_back(i);
  std::vector<minor_units> taxes(x.lines.size());
  for (const auto& [rate, members] : by_rate) {
    std::vector<minor_units> left;
    for (auto i : members) left.push_back(x.lines[i].left());
    auto shares = spread(tax_on(sum(left), rule, rate), left);
    for (std::size_t n = 0; n < members.size(); ++n) taxes[members[n]] = shares[n];
  }
  return taxes;
}

price_details close_bill(const bill& x, const pricing_terms& terms, minor_units subtotal) {
  price_details made;
  made.lines.resize(x.lines.size());
  made.delivery_discount = x.delivery_discount;
  made.taxed = terms.tax.mode;
  made.platform_fee = terms.platform_fee;
  made.small_order_fee = small_order_fee(terms, subtotal);
  auto taxes = taxes_of(x, terms.tax);
  for (std::size_t i = 0; i < x.lines.size(); ++i) {
    const auto& line = x.lines[i];
    auto net = made.taxed == tax_mode::added ? line.left() : line.left() - taxes[i];
    made.lines[line.place] = {line.gross, line.off_items + line.off_order, taxes[i], net};
    made.item_discount += line.off_items;
    made.order_discount += line.off_order;
    made.tax += taxes[i];
  }
  return made;
}

applied_promotion to_applied(const promotion& x, minor_units discount) {
  return {x.id, x.version, x.name, x.code, x.funded_by, discount, x.total_limit.has_value(), x.per_customer_limit};
}

/// One of the ways an order can be priced.
struct way {
  std::vector<const promotion*> promotions;
  price_breakdown price;
  bool has_coupon = false;
};

bool all_take_something(const price_breakdown& x) noexcept {
  return std::ranges::all_of(x.details.promotions, [](const auto& each) { return each.discount.value > 0; });
}

bool is_better(const way& a, const way& b) {
  auto rank = [](const way& x) { return std::tuple{x.price.total, x.promotions.size(), !x.has_coupon}; };
  if (rank(a) != rank(b)) return rank(a) < rank(b);
  return std::ranges::lexicographical_compare(a.promotions, b.promotions, {}, &promotion::id, &promotion::id);
}

/// The ways there are, priced. The first is the one without promotions.
class ways {
 public:
  ways(const order_to_price& order, const pricing_terms& terms) : order_{order}, terms_{terms} {}

  /// False when it can't be priced, or one of its promotions takes nothing off.
  tl::expected<bool, errc> add(std::vector<const promotion*> promotions, bool has_coupon) {
    auto price = price_with(order_, terms_, promotions);
    if (!price) return tl::unexpected{price.error()};
    if (!all_take_something(*price)) return false;
    all_.push_back({std::move(promotions), std::move(*price), has_coupon});
    return true;
  }
  way& best() { return *std::ranges::min_element(all_, is_better); }

 private:
  const order_to_price& order_;
  const pricing_terms& terms_;
  std::vector<way> all_;
};

}  // namespace

tl::expected<price_breakdown, errc> price_with(const order_to_price& order, const pricing_terms& terms,
                                               std::span<const promotion* const> promotions) {
  auto subtotal = subtotal_of(order);
  if (!subtotal) return tl::unexpected{errc::invalid_argument};
  auto fee = delivery_fee(terms.delivery, order.distance);
  auto open = open_bill(order.lines, fee);
  std::vector<const promotion*> staged(promotions.begin(), promotions.end());
  std::ranges::stable_sort(staged, {}, [](const promotion* x) { return stage_of(x->effect); });
  std::vector<applied_promotion> applied;
  for (const auto* each : staged) applied.push_back(to_applied(*each, take_off(open, each->effect)));
  price_breakdown made{*subtotal, fee, order.tip, {}, close_bill(open, terms, *subtotal)};
  made.details.promotions = std::move(applied);
  made.total = total_of(made.subtotal, made.delivery_fee, made.tip, made.details);
  return made;
}

errc why_not(const offered_promotion& x, const order_to_price& order) noexcept {
  const auto& what = x.what;
  if (!what.is_active) return errc::promotion_not_found;
  if (order.now < what.starts_at) return errc::promotion_not_started;
  if (order.now >= what.ends_at) return errc::promotion_expired;
  bool is_here =
      what.restaurants.empty() || std::ranges::find(what.restaurants, order.restaurant) != what.restaurants.end();
  if (!is_here || what.money != order.money) return errc::promotion_not_here;
  minor_units subtotal;
  for (const auto& line : order.lines) subtotal += gross_of(line);
  if (subtotal < what.minimum) return errc::promotion_below_minimum;
  if (what.is_first_order_only && !order.is_first_order) return errc::promotion_first_order_only;
  if (what.per_customer_limit && x.used_by_customer >= *what.per_customer_limit) return errc::promotion_already_used;
  if (what.total_limit && x.used >= *what.total_limit) return errc::promotion_used_up;
  return errc::none;
}

tl::expected<priced_order, errc> price_order(const order_to_price& order, const pricing_terms& terms,
                                             std::span<const offered_promotion> deals,
                                             const offered_promotion* coupon) {
  ways all{order, terms};
  auto plain = all.add({}, false);
  if (!plain) return tl::unexpected{plain.error()};
  auto refusal = coupon ? why_not(*coupon, order) : errc::none;
  bool may_use_coupon = coupon && refusal == errc::none;
  if (may_use_coupon && !*all.add({&coupon->what}, true)) refusal = errc::promotion_without_effect;
  for (const auto& deal : deals) {
    if (why_not(deal, order) != errc::none) continue;
    (void)*all.add({&deal.what}, false);
    bool go_together = may_use_coupon && coupon->what.is_combinable && deal.what.is_combinable;
    if (go_together) (void)*all.add({&deal.what, &coupon->what}, true);
  }
  auto& best = all.best();
  if (may_use_coupon && refusal == errc::none && !best.has_coupon) refusal = errc::promotion_not_combinable;
  if (best.has_coupon) refusal = errc::none;
  return priced_order{std::move(best.price), refusal};
}

price_details plain_details(std::span<const minor_units> gross) {
  price_details made;
  for (auto each : gross) made.lines.push_back({each, {}, {}, each});
  return made;
}

bool is_sound(const price_details& x, std::span<const minor_units> gross, minor_units delivery_fee) noexcept {
  if (x.lines.size() != gross.size()) return false;
  minor_units discount;
  minor_units tax;
  for (std::size_t i = 0; i < gross.size(); ++i) {
    const auto& line = x.lines[i];
    auto paid = x.taxed == tax_mode::added ? line.net : line.net + line.tax;
    bool is_whole = line.gross == gross[i] && line.gross == line.discount + paid;
    if (!is_whole || std::min({line.gross, line.discount, line.tax, line.net}).value < 0) return false;
    discount += line.discount;
    tax += line.tax;
  }
  return discount == x.item_discount + x.order_discount && tax == x.tax && x.delivery_discount <= delivery_fee &&
         std::min({x.item_discount, x.order_discount, x.delivery_discount, x.platform_fee, x.small_order_fee}).value >=
             0;
}

}  // namespace dabba
