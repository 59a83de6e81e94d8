/// Whatever is ordered and whatever is off it: sums hold, nothing is negative, and the order of lines does not matter.
#include <algorithm>
#include <catch2/catch_test_macros.hpp>
#include <tuple>

#include "actors/domain/pricing/fees.hpp"
#include "actors/domain/pricing/shares.hpp"
#include "tests/domain/pricing_generators.hpp"

using namespace dabba;
using namespace dabba::samples;

namespace {

std::vector<minor_units> gross_lines(const order_to_price& order) {
  std::vector<minor_units> out;
  for (const auto& line : order.lines) out.push_back(gross_of(line));
  return out;
}

void expect_sound(const order_to_price& order, const price_breakdown& x) {
  const auto& d = x.details;
  RC_ASSERT(is_sound(d, gross_lines(order), x.delivery_fee));
  minor_units gross;
  minor_units paid;
  for (const auto& line : d.lines) gross += line.gross, paid += line.net + line.tax;
  RC_ASSERT(x.subtotal == gross);
  RC_ASSERT(x.total == paid + d.platform_fee + d.small_order_fee + (x.delivery_fee - d.delivery_discount) + x.tip);
  RC_ASSERT(x.total.value >= x.tip.value);
  RC_ASSERT(d.item_discount + d.order_discount <= x.subtotal);
  minor_units promised;
  for (const auto& each : d.promotions) promised += each.discount;
  RC_ASSERT(promised == d.discount());
}

/// Each line: what it is made of, and what it costs.
auto by_content(const order_to_price& order, const price_breakdown& x) {
  std::vector<std::tuple<item_id, minor_units, minor_units, std::int32_t, minor_units, minor_units, minor_units>> out;
  for (std::size_t i = 0; i < order.lines.size(); ++i) {
    const auto& line = order.lines[i];
    const auto& price = x.details.lines[i];
    out.emplace_back(line.item, gross_of(line), line.unit_price, line.quantity, price.discount, price.tax, price.net);
  }
  std::ranges::sort(out);
  return out;
}

}  // namespace

TEST_CASE("whatever is spread over whatever, the shares add up and none is more than its weight") {
  CHECK(rc::check([] {
    std::vector<minor_units> weights;
    for (auto n = *rc::gen::inRange(1, 20); n > 0; --n) weights.push_back(some_amount(1'000'000'00));
    auto whole = sum(weights);
    minor_units total{*rc::gen::inRange<std::int64_t>(0, whole.value + 1)};
    auto shares = spread(total, weights);
    RC_ASSERT(sum(shares) == total);
    for (std::size_t i = 0; i < weights.size(); ++i) {
      RC_ASSERT(shares[i] <= weights[i]);
      RC_ASSERT(shares[i].value >= 0);
      // Never a whole unit from the exact share.
      auto exact = whole.value == 0 ? 0.0L : static_cast<long double>(total.value) * weights[i].value / whole.value;
      RC_ASSERT(std::abs(static_cast<long double>(shares[i].value) - exact) < 1.0L);
    }
  }));
}

TEST_CASE("however an order is made up, its lines add up to its totals") {
  CHECK(rc::check([] {
    auto order = some_order();
    expect_sound(order, priced(order, some_terms(), some_promotions()));
  }));
}

TEST_CASE("the same lines in another order cost the same, line by line") {
  CHECK(rc::check([] {
    auto order = some_order();
    auto terms = some_terms();
    auto promotions = some_promotions();
    auto other = order;
    for (std::size_t i = other.lines.size(); i > 1; --i)
      std::swap(other.lines[i - 1], other.lines[*rc::gen::inRange<std::size_t>(0, i)]);
    auto a = priced(order, terms, promotions);
    auto b = priced(other, terms, promotions);
    RC_ASSERT(by_content(order, a) == by_content(other, b));
    a.details.lines.clear(), b.details.lines.clear();
    RC_ASSERT(a == b);
  }));
}

TEST_CASE("more food, a longer way or a larger tip never makes an order cheaper") {
  CHECK(rc::check([] {
    auto order = some_order();
    auto terms = some_terms();
    auto before = priced(order, terms).total;
    auto more = order;
    more.lines.push_back(some_food());
    RC_ASSERT(priced(more, terms).total >= before);
    auto farther = order;
    farther.distance.value += *rc::gen::inRange(0, 9000);
    RC_ASSERT(priced(farther, terms).total >= before);
    auto kinder = order;
    kinder.tip += some_amount(50'00);
    RC_ASSERT(priced(kinder, terms).total >= before);
  }));
}

TEST_CASE("a larger percentage or amount never takes less off") {
  CHECK(rc::check([] {
    auto order = some_order();
    auto of = some_selection();
    auto less = some_rate();
    basis_points more{*rc::gen::inRange(less.value, 10'001)};
    auto off = [&](promotion_effect what) {
      return priced(order, {}, {promotion_of(1, std::move(what))}).details.discount();
    };
    RC_ASSERT(off(percentage_off{less, {}, of}) <= off(percentage_off{more, {}, of}));
    auto amount = some_amount(300'00);
    RC_ASSERT(off(amount_off{amount, of}) <= off(amount_off{amount + some_amount(300'00), of}));
  }));
}

TEST_CASE(
    "the price that is chosen is sound, no dearer than without promotions, and the same however deals are listed") {
  CHECK(rc::check([] {
    auto order = some_order();
    auto terms = some_terms();
    std::vector<offered_promotion> deals;
    for (auto& each : some_promotions()) {
      each.code.clear();
      each.is_combinable = *rc::gen::arbitrary<bool>();
      deals.push_back(offered(std::move(each)));
    }
    auto coupon = offered(promotion_of(9, some_effect(), "CODE"));
    coupon.what.is_combinable = *rc::gen::arbitrary<bool>();
    auto got = price_order(order, terms, deals, &coupon).value();
    expect_sound(order, got.price);
    RC_ASSERT(got.price.total <= priced(order, terms).total);
    RC_ASSERT(got.price.details.promotions.size() <= 2);
    bool has_coupon =
        std::ranges::count(got.price.details.promotions, std::string{"CODE"}, &applied_promotion::code) > 0;
    RC_ASSERT(has_coupon == (got.coupon == errc::none));
    std::ranges::reverse(deals);
    RC_ASSERT(price_order(order, terms, deals, &coupon).value().price == got.price);
  }));
}
