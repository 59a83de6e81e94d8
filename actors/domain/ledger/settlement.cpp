#include "actors/domain/ledger/settlement.hpp"

#include <algorithm>

#include "actors/domain/pricing/shares.hpp"

namespace dabba {
namespace {

minor_units share(minor_units of, basis_points rate) noexcept { return part_of(of, rate.value, all_of_it.value); }

bool was_accepted(const order& x) noexcept { return x.accepted_at.has_value(); }
bool was_begun(const order& x) noexcept { return !x.stage.empty() || x.ready_at || x.picked_up_at; }

minor_units own_promotions(const order& x, promotion_funding funded_by) noexcept {
  minor_units all;
  for (const auto& each : x.price.promotions)
    if (each.funded_by == funded_by) all += each.discount;
  return all;
}

/// What its customers pay for the food, without tax.
minor_units net_food(const order& x) noexcept {
  if (x.price.lines.empty()) return x.subtotal;
  minor_units all;
  for (const auto& line : x.price.lines) all += line.net;
  return all;
}

class posting {
 public:
  posting(const order& of, const settlement_terms& terms) : order_{of}, terms_{terms} {}

  void debit(const ledger_account& who, ledger_purpose what, minor_units amount) { add({who, what, amount}); }
  void credit(const ledger_account& who, ledger_purpose what, minor_units amount) {
    add({who, what, minor_units{} - amount});
  }

  void pay_restaurant() {
    auto own = own_promotions(order_, promotion_funding::restaurant);
    auto food = net_food(order_) + order_.price.item_discount + order_.price.order_discount;
    auto restaurant = account_of(order_.restaurant);
    credit(restaurant, ledger_purpose::food, food);
    debit(restaurant, ledger_purpose::promotion, own);
    take_commission(std::max(minor_units{}, food - own));
  }
  void pay_cancelled(minor_units fee) {
    credit(account_of(order_.restaurant), ledger_purpose::cancellation_fee, fee);
    take_commission(fee);
  }
  void pay_partner(minor_units pay) {
    if (order_.carried_by) credit(account_of(order_.carried_by->partner), ledger_purpose::delivery_pay, pay);
  }
  void earn_fees() {
    credit(tax_account, ledger_purpose::tax, order_.price.tax);
    credit(platform_account, ledger_purpose::platform_fee, order_.price.platform_fee);
    credit(platform_account, ledger_purpose::small_order_fee, order_.price.small_order_fee);
    credit(platform_account, ledger_purpose::delivery_fee, order_.delivery_fee);
    debit(platform_account, ledger_purpose::promotion, own_promotions(order_, promotion_funding::platform));
  }

  /// The platform bears what is missing.
  std::vector<ledger_entry> finish() {
    credit(platform_account, ledger_purpose::shortfall, balance_of(entries_));
    return std::move(entries_);
  }

 private:
  void add(const ledger_entry& x) {
    if (x.amount != minor_units{}) entries_.push_back(x);
  }
  void take_commission(minor_units on) {
    auto commission = share(on, terms_.commission);
    debit(account_of(order_.restaurant), ledger_purpose::commission, commission);
    credit(platform_account, ledger_purpose::commission, commission);
  }

  const order& order_;
  const settlement_terms& terms_;
  std::vector<ledger_entry> entries_;
};

}  // namespace

std::vector<ledger_entry> captured(user_id customer, minor_units amount) {
  return {{gateway_account, ledger_purpose::payment, amount},
          {account_of(customer), ledger_purpose::payment, minor_units{} - amount}};
}

settlement settle(const order& ended, minor_units taken, minor_units delivery_pay, const settlement_terms& terms) {
  posting all{ended, terms};
  auto charge = [&, customer = account_of(ended.customer)](minor_units wanted) {
    auto paid = std::min(wanted, taken);
    all.debit(customer, ledger_purpose::payment, paid);
    return taken - paid;
  };
  auto pay_carrier = [&] {
    all.pay_partner(delivery_pay);
    if (ended.carried_by) all.debit(platform_account, ledger_purpose::delivery_pay, delivery_pay);
  };

  if (ended.status == order_status::delivered) {
    bool is_cash = ended.payment == payment_method::cash_on_delivery;
    if (is_cash && ended.carried_by)
      all.debit(cash_of(ended.carried_by->partner), ledger_purpose::payment, ended.total);
    auto refund = is_cash ? minor_units{} : charge(ended.total);
    all.pay_restaurant();
    all.earn_fees();
    pay_carrier();
    if (ended.carried_by) all.credit(account_of(ended.carried_by->partner), ledger_purpose::tip, ended.tip);
    return {all.finish(), refund};
  }

  auto liable = ended.ended ? ended.ended->liable : party::platform;
  if (!was_accepted(ended)) return {{}, taken};
  if (liable == party::customer && !was_begun(ended)) {
    auto fee = std::min(share(ended.total - ended.tip, terms.cancellation_fee), taken);
    auto refund = charge(fee);
    all.pay_cancelled(fee);
    return {all.finish(), refund};
  }
  auto wanted = liable == party::customer ? ended.total - ended.tip : minor_units{};
  auto refund = charge(wanted);
  // What was not paid was not sold: there is no tax on it.
  if (liable == party::customer && taken >= wanted) all.earn_fees();
  if (liable != party::restaurant) all.pay_restaurant();
  if (ended.picked_up_at && liable == party::restaurant) {
    all.pay_partner(delivery_pay);
    if (ended.carried_by) all.debit(account_of(ended.restaurant), ledger_purpose::delivery_pay, delivery_pay);
  } else if (ended.picked_up_at && liable != party::partner) {
    pay_carrier();
  }
  return {all.finish(), refund};
}

std::vector<ledger_entry> granted(const order& of, minor_units amount, party liable) {
  auto bearer = platform_account;
  if (liable == party::restaurant) bearer = account_of(of.restaurant);
  if (liable == party::partner && of.carried_by) bearer = account_of(of.carried_by->partner);
  return {{bearer, ledger_purpose::refund, amount},
          {account_of(of.customer), ledger_purpose::refund, minor_units{} - amount}};
}

std::vector<ledger_entry> refunded(user_id customer, minor_units amount) {
  return {{account_of(customer), ledger_purpose::refund, amount},
          {gateway_account, ledger_purpose::refund, minor_units{} - amount}};
}

}  // namespace dabba
