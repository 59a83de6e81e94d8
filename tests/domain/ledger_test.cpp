/// Who gets what of an order's money: entries balance, and nobody is paid twice or not at all.
#include <algorithm>
#include <catch2/catch_test_macros.hpp>

#include "actors/domain/ledger/settlement.hpp"
#include "actors/domain/pricing/shares.hpp"
#include "tests/domain/order_script.hpp"
#include "tests/domain/pricing_generators.hpp"

using namespace dabba;
using namespace dabba::samples;

namespace {

using os = order_status;
using ds = delivery_status;

constexpr minor_units delivery_pay{40'00};
const settlement_terms usual{{20'00}, {50'00}};
const auto the_customer = account_of(place().customer);
const auto the_kitchen = account_of(place().restaurant);
const auto the_rider = account_of(nth<partner_id>(the_carrier));
const auto the_cash = cash_of(nth<partner_id>(the_carrier));

/// 200.00 of food, 20.00 off by the platform and 10.00 by the restaurant, 5 % tax added, all fees: 232.50 with the tip.
order priced_order_in(os status, ds delivery, payment_method by = payment_method::card) {
  auto x = order_in(status, delivery);
  x.payment = by;
  x.subtotal = {200'00};
  x.delivery_fee = {30'00};
  x.tip = {12'00};
  x.price.lines = {{{200'00}, {30'00}, {8'50}, {170'00}}};
  x.price.order_discount = {30'00};
  x.price.tax = {8'50};
  x.price.platform_fee = {5'00};
  x.price.small_order_fee = {7'00};
  x.price.promotions = {{nth<promotion_id>(1), 1, "ten off", "", promotion_funding::restaurant, {10'00}},
                        {nth<promotion_id>(2), 1, "twenty off", "CODE", promotion_funding::platform, {20'00}}};
  x.total = total_of(x.subtotal, x.delivery_fee, x.tip, x.price);
  return x;
}

order cancelled_in(os status, ds delivery, party liable, payment_method by = payment_method::card) {
  auto x = priced_order_in(status, delivery, by);
  REQUIRE(carry_out(x, cancel_order{{party::support, "called", liable}}, noon + std::chrono::hours{1}));
  return x;
}

minor_units of_purpose(const std::vector<ledger_entry>& entries, const ledger_account& who, ledger_purpose what) {
  minor_units all;
  for (const auto& each : entries)
    if (each.account == who && each.purpose == what) all += each.amount;
  return all;
}

minor_units gets(const settlement& x, const ledger_account& who) { return minor_units{} - balance_of(x.entries, who); }

}  // namespace

TEST_CASE("of a delivered order everybody gets their part, and the customer has paid the total") {
  auto x = priced_order_in(os::delivered, ds::delivered);
  REQUIRE(x.total == minor_units{232'50});
  auto made = settle(x, x.total, delivery_pay, usual);
  CHECK(made.refund == minor_units{});
  CHECK(balance_of(made.entries) == minor_units{});
  CHECK(balance_of(made.entries, the_customer) == x.total);
  // 200 - 10 of its own promotion, less a fifth of that.
  CHECK(gets(made, the_kitchen) == minor_units{152'00});
  CHECK(gets(made, the_rider) == minor_units{52'00});
  CHECK(gets(made, tax_account) == minor_units{8'50});
  // Fees 5 + 7 + 30, commission 38, less its promotion of 20 and the pay of 40.
  CHECK(gets(made, platform_account) == minor_units{20'00});
  CHECK(of_purpose(made.entries, platform_account, ledger_purpose::shortfall) == minor_units{});
}

TEST_CASE("of a cash order the partner has the money, and the customer no account") {
  auto x = priced_order_in(os::delivered, ds::delivered, payment_method::cash_on_delivery);
  auto made = settle(x, {}, delivery_pay, usual);
  CHECK(balance_of(made.entries) == minor_units{});
  CHECK(balance_of(made.entries, the_cash) == x.total);
  CHECK(balance_of(made.entries, the_customer) == minor_units{});
  CHECK(gets(made, the_kitchen) == minor_units{152'00});
  CHECK(made.refund == minor_units{});
}

TEST_CASE("what was captured beyond a total is given back, what was not is the platform's loss") {
  auto x = priced_order_in(os::delivered, ds::delivered);
  CHECK(settle(x, x.total + minor_units{10'00}, delivery_pay, usual).refund == minor_units{10'00});
  auto less = settle(x, x.total - minor_units{10'00}, delivery_pay, usual);
  CHECK(less.refund == minor_units{});
  CHECK(of_purpose(less.entries, platform_account, ledger_purpose::shortfall) == minor_units{10'00});
  CHECK(gets(less, the_kitchen) == minor_units{152'00});
}

TEST_CASE("an order that was not accepted costs nobody anything") {
  auto rejected = priced_order_in(os::rejected, ds::not_started);
  for (auto liable : {party::customer, party::restaurant, party::platform}) {
    auto x = cancelled_in(os::pending_restaurant_acceptance, ds::not_started, liable);
    for (const auto& each : {rejected, x}) {
      auto made = settle(each, each.total, delivery_pay, usual);
      CHECK(made.entries.empty());
      CHECK(made.refund == each.total);
    }
  }
}

TEST_CASE("a customer who cancels an accepted order pays the fee to the restaurant") {
  auto x = cancelled_in(os::accepted, ds::searching, party::customer);
  auto made = settle(x, x.total, delivery_pay, usual);
  // Half of 232.50 - 12.
  CHECK(balance_of(made.entries, the_customer) == minor_units{110'25});
  CHECK(made.refund == minor_units{122'25});
  CHECK(gets(made, the_kitchen) == minor_units{88'20});
  CHECK(gets(made, platform_account) == minor_units{22'05});
  CHECK(balance_of(made.entries) == minor_units{});
}

TEST_CASE("a customer who is liable for food that is being made pays for it, but no tip") {
  auto x = cancelled_in(os::in_preparation, ds::searching, party::customer);
  auto made = settle(x, x.total, delivery_pay, usual);
  CHECK(made.refund == x.tip);
  CHECK(gets(made, the_kitchen) == minor_units{152'00});
  CHECK(gets(made, tax_account) == x.price.tax);
  CHECK(gets(made, the_rider) == minor_units{});
  auto on_the_way = cancelled_in(os::out_for_delivery, ds::picked_up, party::customer);
  CHECK(gets(settle(on_the_way, on_the_way.total, delivery_pay, usual), the_rider) == delivery_pay);
}

TEST_CASE("who owes for a cash order that came to nothing pays nothing, and the platform does") {
  auto x = cancelled_in(os::in_preparation, ds::searching, party::customer, payment_method::cash_on_delivery);
  auto made = settle(x, {}, delivery_pay, usual);
  CHECK(made.refund == minor_units{});
  CHECK(balance_of(made.entries, the_customer) == minor_units{});
  CHECK(gets(made, the_kitchen) == minor_units{152'00});
  CHECK(gets(made, tax_account) == minor_units{});
  CHECK(of_purpose(made.entries, platform_account, ledger_purpose::shortfall) == minor_units{190'00});
}

TEST_CASE("a liable restaurant gets nothing and bears the partner's way") {
  auto x = cancelled_in(os::out_for_delivery, ds::picked_up, party::restaurant);
  auto made = settle(x, x.total, delivery_pay, usual);
  CHECK(made.refund == x.total);
  CHECK(balance_of(made.entries, the_kitchen) == delivery_pay);
  CHECK(gets(made, the_rider) == delivery_pay);
  CHECK(balance_of(made.entries, platform_account) == minor_units{});
}

TEST_CASE("a liable partner is not paid, and the restaurant is") {
  auto x = cancelled_in(os::out_for_delivery, ds::picked_up, party::partner);
  auto made = settle(x, x.total, delivery_pay, usual);
  CHECK(made.refund == x.total);
  CHECK(gets(made, the_rider) == minor_units{});
  CHECK(gets(made, the_kitchen) == minor_units{152'00});
}

TEST_CASE("food that nobody could deliver is the platform's loss") {
  auto x = priced_order_in(os::undeliverable, ds::failed);
  auto made = settle(x, x.total, delivery_pay, usual);
  CHECK(made.refund == x.total);
  CHECK(gets(made, the_kitchen) == minor_units{152'00});
  CHECK(gets(made, the_rider) == delivery_pay);
  CHECK(balance_of(made.entries, platform_account) == minor_units{192'00});
}

TEST_CASE("a refund that is granted is borne by whoever is liable, and is the customer's until it is paid") {
  auto x = priced_order_in(os::delivered, ds::delivered);
  for (auto [liable, bearer] :
       {std::pair{party::restaurant, the_kitchen},
        {party::partner, the_rider},
        {party::platform, platform_account},
        {party::support, platform_account}}) {
    auto entries = granted(x, {50'00}, liable);
    CHECK(balance_of(entries, bearer) == minor_units{50'00});
    CHECK(balance_of(entries, the_customer) == minor_units{-50'00});
    auto paid = refunded(x.customer, {50'00});
    entries.insert(entries.end(), paid.begin(), paid.end());
    CHECK(balance_of(entries, the_customer) == minor_units{});
    CHECK(balance_of(entries, gateway_account) == minor_units{-50'00});
  }
}

TEST_CASE("whatever an order costs and however it ends, the books balance and the customer's account is even") {
  CHECK(rc::check([] {
    auto wanted = some_order();
    auto price = priced(wanted, some_terms(), some_promotions());
    auto pick = *rc::gen::inRange(0, 5);
    auto x = pick == 0   ? order_in(os::delivered, ds::delivered)
             : pick == 1 ? order_in(os::rejected, ds::not_started)
             : pick == 2 ? order_in(os::accepted, ds::searching)
             : pick == 3 ? order_in(os::in_preparation, ds::assigned)
                         : order_in(os::out_for_delivery, ds::picked_up);
    x.payment = *rc::gen::element(payment_method::card, payment_method::cash_on_delivery);
    x.subtotal = price.subtotal, x.delivery_fee = price.delivery_fee, x.tip = price.tip, x.total = price.total;
    x.price = price.details;
    auto liable = *rc::gen::element(party::customer, party::restaurant, party::partner, party::platform);
    if (pick > 1) RC_ASSERT(carry_out(x, cancel_order{{party::support, "", liable}}, noon).has_value());
    auto taken = x.payment == payment_method::card ? x.total : minor_units{};
    settlement_terms terms{some_rate(), some_rate()};
    auto made = settle(x, taken, some_amount(100'00), terms);
    RC_ASSERT(made.refund.value >= 0);
    RC_ASSERT(made.refund <= taken);
    auto all = made.entries;
    auto add = [&all](const std::vector<ledger_entry>& more) { all.insert(all.end(), more.begin(), more.end()); };
    add(captured(x.customer, taken));
    add(refunded(x.customer, made.refund));
    RC_ASSERT(balance_of(all) == minor_units{});
    RC_ASSERT(balance_of(all, account_of(x.customer)) == minor_units{});
    RC_ASSERT(balance_of(all, gateway_account) == taken - made.refund);
    if (x.status == os::delivered)
      RC_ASSERT(of_purpose(all, platform_account, ledger_purpose::shortfall) == minor_units{});
  }));
}
