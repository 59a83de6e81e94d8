/// Stripe's test payment methods: the only ones there are. No number of a card ever comes here.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

namespace dabba::sandbox {

enum class first_step : std::uint8_t {
  authorise,     ///< the answer is there at once
  authenticate,  ///< the customer has to confirm at their bank first
  process        ///< the answer comes later, as with a bank's debit
};

struct test_method {
  std::string_view id;
  first_step first = first_step::authorise;
  std::string_view code = {};          ///< of the decline; empty: it succeeds
  std::string_view decline_code = {};  ///< what the bank said, where `code` is card_declined
  std::string_view refund = {};        ///< "pending" or "failed": a refund becomes succeeded or failed later
};

struct shown_card {
  std::string_view brand = "visa";
  std::string_view last4 = "4242";
  std::string_view funding = "credit";
  std::string_view country = "US";
};

/// Nothing when it is none of Stripe's that this sandbox knows.
const test_method* find_test_method(std::string_view id);
shown_card card_of(std::string_view id);
/// What the customer is told.
std::string_view decline_message(std::string_view code, std::string_view decline_code);

}  // namespace dabba::sandbox
