/// Prices from the restaurant's menu and the operator's terms, and promotions from the order they are used by to its
/// end.
#include "actors/domain/pricing/fees.hpp"
#include "tests/actors/platform.hpp"

using namespace dabba;
using namespace dabba::testing;
using namespace dabba::samples;

namespace {

menu_item item(std::uint64_t n, std::int64_t price, std::string category) {
  return {nth<item_id>(n),
          "dish " + std::to_string(n),
          "",
          std::move(category),
          food_type::veg,
          {price},
          currency::INR,
          true};
}

platform_options with_fees() {
  platform_options options;
  options.pricing.tax = {tax_mode::added, {500}, {{"drinks", {1800}}}};
  options.pricing.platform_fee = {5'00};
  options.pricing.delivery = {{{{1000}, {20'00}}}, {10'00}};
  return options;
}

void open_kitchen(platform& city) {
  city.open_restaurant();
  city.expect<restaurant>(city.command(platform::the_restaurant, add_menu_item{item(1, 120'00, "mains")}));
  city.expect<restaurant>(city.command(platform::the_restaurant, add_menu_item{item(2, 50'00, "drinks")}));
}

price_lines two_dosas_and_a_coffee() { return {{{nth<item_id>(1), 2, ""}, {nth<item_id>(2), 1, "no sugar"}}, {}}; }

offered_promotion offered_amount(std::uint64_t n, std::int64_t amount, std::string code = "") {
  promotion made;
  made.id = nth<promotion_id>(n);
  made.version = 1;
  made.code = std::move(code);
  made.effect = amount_off{{amount}, {}};
  made.starts_at = noon;
  made.ends_at = noon + std::chrono::hours{1};
  return {made, 0, 0};
}

/// An order whose price has a promotion of 50.00, of which there are `limit`.
place_order discounted(const platform& city, promotion_id which, std::optional<std::int32_t> per_customer = {}) {
  auto order = city.order_from_kitchen();
  auto& price = order.price;
  price.lines = {{240'00, 40'00, {}, 200'00}, {45'50, 10'00, {}, 35'50}};
  price.order_discount = {50'00};
  price.promotions = {{which, 1, "fifty", "FIFTY", promotion_funding::platform, {50'00}, true, per_customer}};
  return order;
}

}  // namespace

TEST_CASE("a restaurant quotes its lines with the operator's taxes and fees, and the best deal there is") {
  platform city{make_store(), {}, with_fees()};
  open_kitchen(city);
  auto asked = two_dosas_and_a_coffee();
  asked.given.dropoff = north_of(kitchen, 2500);
  asked.given.tip = {15'00};
  auto plain = city.expect<quote>(city.ask(ref(platform::the_restaurant), asked));
  // 240.00 + 5 %, 50.00 + 18 %, platform 5.00, delivery 20.00 and two kilometres at 10.00, tip 15.00.
  CHECK(plain.price.subtotal == minor_units{290'00});
  CHECK(plain.price.details.tax == minor_units{21'00});
  CHECK(plain.price.delivery_fee == minor_units{40'00});
  CHECK(plain.price.total == minor_units{371'00});

  asked.given.deals = {offered_amount(1, 29'00), offered_amount(2, 10'00)};
  auto cheaper = city.expect<quote>(city.ask(ref(platform::the_restaurant), asked));
  REQUIRE(cheaper.price.details.promotions.size() == 1);
  CHECK(cheaper.price.details.promotions[0].promotion == nth<promotion_id>(1));
  // A tenth off everything: 216.00 + 10.80, 45.00 + 8.10.
  CHECK(cheaper.price.total == minor_units{339'90});
}

TEST_CASE("a quote says why the coupon is not in it") {
  platform city{make_store()};
  open_kitchen(city);
  auto asked = two_dosas_and_a_coffee();
  asked.given.coupon = offered_amount(1, 29'00, "NINE");
  CHECK(city.expect<quote>(city.ask(ref(platform::the_restaurant), asked)).coupon == errc::none);
  asked.given.coupon->what.restaurants = {nth<restaurant_id>(2)};
  auto refused = city.expect<quote>(city.ask(ref(platform::the_restaurant), asked));
  CHECK(refused.coupon == errc::promotion_not_here);
  CHECK(refused.price.total == minor_units{290'00});
}

TEST_CASE("what the restaurant quotes, the order takes as its price") {
  platform city{make_store(), {}, with_fees()};
  open_kitchen(city);
  auto asked = two_dosas_and_a_coffee();
  asked.given.dropoff = north_of(kitchen, 2000);
  asked.given.deals = {offered_amount(1, 29'00)};
  auto quoted = city.expect<quote>(city.ask(ref(platform::the_restaurant), asked));
  auto wanted = city.order_from_kitchen();
  wanted.lines = quoted.lines;
  wanted.delivery_fee = quoted.price.delivery_fee;
  wanted.tip = {};
  wanted.price = quoted.price.details;
  auto placed = city.expect<order>(city.command(city.new_order_id(), wanted));
  CHECK(placed.total == quoted.price.total);
  CHECK(placed.price == quoted.price.details);
}

TEST_CASE("a price that does not add up is refused") {
  platform city{make_store()};
  auto wanted = discounted(city, nth<promotion_id>(1));
  wanted.price.lines[0].net = {201'00};
  CHECK(city.command(city.new_order_id(), wanted).error() == errc::invalid_argument);
}

TEST_CASE("the last one of a promotion is had by one order, and the others are told") {
  platform city{make_store()};
  auto which = nth<promotion_id>(1);
  city.store().set_limit(which, 1);
  auto first = city.expect<order>(city.command(city.new_order_id(), discounted(city, which)));
  CHECK(first.total == minor_units{285'50 - 50'00 + 30'00 + 20'00});
  CHECK(city.command(city.new_order_id(), discounted(city, which)).error() == errc::promotion_used_up);
  CHECK(city.store().active_redemptions(which) == 1);
}

TEST_CASE("a customer is told that they have used a promotion as often as they may") {
  platform city{make_store()};
  auto which = nth<promotion_id>(1);
  city.store().set_limit(which, 10);
  city.expect<order>(city.command(city.new_order_id(), discounted(city, which, 1)));
  CHECK(city.command(city.new_order_id(), discounted(city, which, 1)).error() == errc::promotion_already_used);
  auto other = discounted(city, which, 1);
  other.customer = nth<user_id>(2);
  city.expect<order>(city.command(city.new_order_id(), other));
}

TEST_CASE("an order that comes to nothing gives its promotions back, unless that is the customer's fault") {
  platform city{make_store()};
  auto which = nth<promotion_id>(1);
  city.store().set_limit(which, 1);
  auto used_after = [&](std::vector<order_command> commands) {
    auto id = city.new_order_id();
    city.expect<order>(city.command(id, discounted(city, which)));
    CHECK(city.store().active_redemptions(which) == 1);
    for (auto& each : commands) city.expect<order>(city.command(id, std::move(each)));
    return city.store().active_redemptions(which);
  };
  ending by_customer{party::customer, "", party::customer};
  ending by_support{party::support, "", party::platform};
  CHECK(used_after({reject_order{"out of batter"}}) == 0);
  CHECK(used_after({cancel_order{by_customer}}) == 0);
  CHECK(used_after({accept_order{12}, cancel_order{by_support}}) == 0);
  CHECK(used_after({accept_order{12}, cancel_order{by_customer}}) == 1);
}

TEST_CASE("an order that is changed gives back what is no longer in its price, once") {
  platform city{make_store()};
  auto which = nth<promotion_id>(1);
  city.store().set_limit(which, 1);
  auto id = city.new_order_id();
  auto placed = city.expect<order>(city.command(id, discounted(city, which)));
  auto plain = city.expect<order>(city.command(id, modify_order{placed.lines, placed.dropoff, "", {}}));
  CHECK(plain.total == placed.total + minor_units{50'00});
  CHECK(city.store().active_redemptions(which) == 0);
  city.expect<order>(city.command(id, reject_order{"closed"}));
  CHECK(city.store().active_redemptions(which) == 0);
}
