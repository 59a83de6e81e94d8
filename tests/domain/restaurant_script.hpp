/// Restaurants as the tests of their machine begin with.
#pragma once

#include <stdexcept>

#include "actors/domain/restaurant_machine.hpp"
#include "tests/protocols/samples.hpp"

namespace dabba::samples {

/// Decides and folds; what was decided is returned.
inline tl::expected<std::vector<restaurant_event>, errc> carry_out(
    restaurant_with_menu& state, const restaurant_command& command, instant now = noon) {
  auto events = decide(state, command, now);
  if (events)
    for (const auto& e : *events) apply(state, e);
  return events;
}

inline errc refusal_of(const restaurant_with_menu& state, const restaurant_command& command) {
  auto events = decide(state, command, noon);
  return events ? errc::none : events.error();
}

inline register_restaurant registration() {
  return {
      {nth<user_id>(9), "Vidyarthi Bhavan", "since 1943", {"32, Gandhi Bazaar", kitchen}, {"+91 80", ""}, "L1", "G1"}};
}

inline menu_item item(std::uint64_t n, std::int64_t price, bool available = true, currency money = currency::INR) {
  return {nth<item_id>(n), "dish " + std::to_string(n), "", "", food_type::veg, {price}, money, {available, {}}};
}

inline restaurant_with_menu registered_restaurant() {
  restaurant_with_menu x;
  x.about.id = nth<restaurant_id>(1);
  if (!carry_out(x, registration())) throw std::logic_error{"a registration is refused"};
  return x;
}

inline restaurant_with_menu open_restaurant() {
  auto x = registered_restaurant();
  for (const auto& step : std::vector<restaurant_command>{
           verify_restaurant{verification_decision::approve, ""}, set_restaurant_status{restaurant_status::online},
           add_menu_item{item(1, 120'00)}, add_menu_item{item(2, 45'50)}})
    if (!carry_out(x, step)) throw std::logic_error{"the way to an open restaurant is refused"};
  return x;
}

}  // namespace dabba::samples
