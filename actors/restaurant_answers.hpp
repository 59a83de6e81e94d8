/// What a registered restaurant answers.
#pragma once

#include "protocols/messages.hpp"
#include "protocols/model/pricing_terms.hpp"

namespace dabba {

/// To a command that took effect, now or long ago: `restaurant`; to one of the menu `changed_menu`: what the command
/// was about, as it is in `state`.
reply answer_to(const restaurant_command& command, const restaurant_with_menu& state);

/// `current_menu`; so many things of the menu have returned by themselves.
reply answer_to(const read_menu& question, const restaurant_with_menu& state, std::uint32_t returned, instant now);

/// What the platform adds to every quote.
struct quote_terms {
  std::int32_t usual_preparation_minutes = 0;
  const pricing_terms& pricing;
};

/// `quote`, or `not_sold`.
reply answer_to(const price_lines& question, const restaurant_with_menu& state, const quote_terms& terms, instant now);

}  // namespace dabba
