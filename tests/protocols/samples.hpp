/// Small values of the vocabulary, the same in every test.
#pragma once

#include "protocols/messages.hpp"

namespace dabba::samples {

/// A Sunday in Bengaluru.
inline constexpr instant noon{1'772'362'800'000'000};
inline constexpr geo_point kitchen{12.9716, 77.5946};

/// The `n`th id of its kind; ids of one kind differ when their numbers do.
template <class Id>
Id nth(std::uint64_t n) {
  Id out;
  for (std::size_t i = 0; i < 8; ++i) out.value.bytes[8 + i] = static_cast<std::uint8_t>(n >> 8 * (7 - i));
  out.value.bytes[6] = 0x70;
  return out;
}

inline constexpr double metres_per_degree = 111'195.08;

inline geo_point north_of(geo_point from, double metres) {
  return quantised(geo_point{from.lat_deg + metres / metres_per_degree, from.lon_deg});
}

inline order_line line(std::uint64_t item, std::int32_t quantity, std::int64_t unit_price) {
  return {nth<item_id>(item), "dish " + std::to_string(item), quantity, {unit_price}, ""};
}

/// Two masala dosas and a coffee, cash: 2 x 120.00 + 45.50.
inline place_order place() {
  return {.customer = nth<user_id>(1),
          .restaurant = nth<restaurant_id>(1),
          .restaurant_name = "Vidyarthi Bhavan",
          .pickup = kitchen,
          .dropoff = {"7, Church Street", north_of(kitchen, 2000)},
          .lines = {line(1, 2, 120'00), line(2, 1, 45'50)},
          .note = "ring twice",
          .payment = payment_method::cash_on_delivery,
          .money = currency::INR,
          .delivery_fee = {30'00},
          .tip = {20'00},
          .pin = "4711",
          .zone = {0x3bae000000000000}};
}

inline carrier carried_by(std::uint64_t partner, std::uint8_t slot = 0) {
  return {nth<partner_id>(partner), nth<offer_id>(partner), nth<job_id>(partner), slot, 0};
}

}  // namespace dabba::samples
