/// Promotions: coupons, which want their code, and deals, which apply by themselves.
#pragma once

#include <variant>

#include "protocols/model/instant.hpp"
#include "protocols/model/price.hpp"

namespace dabba {

/// Food by item or by category of the menu; without either all food.
struct food_selection {
  std::vector<item_id> items;
  std::vector<std::string> categories;
  friend bool operator==(const food_selection&, const food_selection&) = default;

  [[nodiscard]] bool is_everything() const noexcept { return items.empty() && categories.empty(); }
};

struct percentage_off {
  basis_points rate;
  std::optional<minor_units> at_most{};
  food_selection of{};
  friend bool operator==(const percentage_off&, const percentage_off&) = default;
};
struct amount_off {
  minor_units amount;
  food_selection of{};
  friend bool operator==(const amount_off&, const amount_off&) = default;
};
struct free_delivery {
  std::optional<minor_units> at_most{};
  friend bool operator==(const free_delivery&, const free_delivery&) = default;
};
/// Of each `buy` + `get` pieces, counted from the dearest, the `get` cheapest are free. Their options are not.
struct buy_and_get {
  std::int32_t buy = 1;
  std::int32_t get = 1;
  std::int32_t times = 1;  ///< at most, in one order
  food_selection of{};
  friend bool operator==(const buy_and_get&, const buy_and_get&) = default;
};
struct combo_part {
  food_selection of;
  std::int32_t count = 1;
  friend bool operator==(const combo_part&, const combo_part&) = default;
};
/// The parts together at a price. Each part takes the dearest pieces that those before it have left; options are paid
/// as ever.
struct combo {
  std::vector<combo_part> parts;
  minor_units price;
  std::int32_t times = 1;  ///< at most, in one order
  friend bool operator==(const combo&, const combo&) = default;
};
using promotion_effect = std::variant<percentage_off, amount_off, free_delivery, buy_and_get, combo>;

/// Its name in the API, in the order of the alternatives.
enum class promotion_kind : std::uint8_t { percentage, amount, free_delivery, buy_and_get, combo };
template <>
inline constexpr auto enum_names<promotion_kind> =
    std::to_array<std::string_view>({"PERCENTAGE", "AMOUNT", "FREE_DELIVERY", "BUY_AND_GET", "COMBO"});
static_assert(enum_names<promotion_kind>.size() == std::variant_size_v<promotion_effect>);
inline promotion_kind kind_of(const promotion_effect& x) noexcept { return static_cast<promotion_kind>(x.index()); }

struct promotion {
  promotion_id id;
  std::uint64_t version = 0;  ///< number of times it was written; 0: never
  std::string name;
  std::string code;  ///< in capitals; empty: a deal
  promotion_effect effect;
  promotion_funding funded_by = promotion_funding::platform;
  currency money = currency::INR;
  minor_units minimum;  ///< of the order's subtotal
  instant starts_at;
  instant ends_at;                         ///< from then on it is over
  std::vector<restaurant_id> restaurants;  ///< none: all of them
  std::optional<std::int64_t> total_limit;
  std::optional<std::int32_t> per_customer_limit;
  bool is_first_order_only = false;
  bool is_combinable = false;  ///< a coupon with a deal, when both are
  bool is_active = true;
  friend bool operator==(const promotion&, const promotion&) = default;

  [[nodiscard]] bool is_deal() const noexcept { return code.empty(); }
};

/// A promotion, and how far it had been used when somebody looked. The store decides when the order is placed.
struct offered_promotion {
  promotion what;
  std::int64_t used = 0;              ///< of the total limit; not counted without one
  std::int32_t used_by_customer = 0;  ///< by the one who asks
  friend bool operator==(const offered_promotion&, const offered_promotion&) = default;
};

template <class Inspector>
bool inspect(Inspector& f, food_selection& x) {
  return f.object(x).fields(f.field("items", x.items), f.field("categories", x.categories));
}
template <class Inspector>
bool inspect(Inspector& f, percentage_off& x) {
  return f.object(x).fields(f.field("rate", x.rate), f.field("atMost", x.at_most), f.field("of", x.of));
}
template <class Inspector>
bool inspect(Inspector& f, amount_off& x) {
  return f.object(x).fields(f.field("amount", x.amount), f.field("of", x.of));
}
template <class Inspector>
bool inspect(Inspector& f, free_delivery& x) {
  return f.object(x).fields(f.field("atMost", x.at_most));
}
template <class Inspector>
bool inspect(Inspector& f, buy_and_get& x) {
  return f.object(x).fields(
      f.field("buy", x.buy), f.field("get", x.get), f.field("times", x.times), f.field("of", x.of));
}
template <class Inspector>
bool inspect(Inspector& f, combo_part& x) {
  return f.object(x).fields(f.field("of", x.of), f.field("count", x.count));
}
template <class Inspector>
bool inspect(Inspector& f, combo& x) {
  return f.object(x).fields(f.field("parts", x.parts), f.field("price", x.price), f.field("times", x.times));
}

/// The one alternative that is there, by name: as JSON no variant would be.
struct named_effect {
  std::optional<percentage_off> percentage;
  std::optional<amount_off> amount;
  std::optional<free_delivery> delivery;
  std::optional<buy_and_get> buy_get;
  std::optional<combo> together;

  void operator()(const percentage_off& x) { percentage = x; }
  void operator()(const amount_off& x) { amount = x; }
  void operator()(const free_delivery& x) { delivery = x; }
  void operator()(const buy_and_get& x) { buy_get = x; }
  void operator()(const combo& x) { together = x; }

  /// Nothing unless exactly one is there.
  [[nodiscard]] std::optional<promotion_effect> only() const {
    std::optional<promotion_effect> found;
    int count = 0;
    auto take = [&](const auto& each) {
      if (!each) return;
      found = *each;
      ++count;
    };
    take(percentage), take(amount), take(delivery), take(buy_get), take(together);
    return count == 1 ? found : std::nullopt;
  }
};
template <class Inspector>
bool inspect(Inspector& f, named_effect& x) {
  return f.object(x).fields(
      f.field("percentage", x.percentage), f.field("amount", x.amount), f.field("freeDelivery", x.delivery),
      f.field("buyAndGet", x.buy_get), f.field("combo", x.together));
}
template <class Inspector>
bool inspect(Inspector& f, promotion& x) {
  auto get = [&x] {
    named_effect named;
    std::visit([&named](const auto& each) { named(each); }, x.effect);
    return named;
  };
  auto set = [&x](const named_effect& named) {
    auto only = named.only();
    if (only) x.effect = *only;
    return only.has_value();
  };
  return f.object(x).fields(
      f.field("promotionId", x.id), f.field("version", x.version), f.field("name", x.name), f.field("code", x.code),
      f.field("effect", get, set), f.field("fundedBy", x.funded_by), f.field("currency", x.money),
      f.field("minimum", x.minimum), f.field("startsAt", x.starts_at), f.field("endsAt", x.ends_at),
      f.field("restaurants", x.restaurants), f.field("totalLimit", x.total_limit),
      f.field("perCustomerLimit", x.per_customer_limit), f.field("isFirstOrderOnly", x.is_first_order_only),
      f.field("isCombinable", x.is_combinable), f.field("isActive", x.is_active));
}
template <class Inspector>
bool inspect(Inspector& f, offered_promotion& x) {
  return f.object(x).fields(
      f.field("what", x.what), f.field("used", x.used), f.field("usedByCustomer", x.used_by_customer));
}

}  // namespace dabba
