/// The life of payment intents and their charges.
#pragma once

#include <chrono>
#include <string>

#include "bench/sandbox-gateway/api_error.hpp"
#include "bench/sandbox-gateway/books.hpp"
#include "bench/sandbox-gateway/parameters.hpp"

namespace dabba::sandbox {

/// What a request is answered with.
struct answer {
  unsigned status = 200;
  nlohmann::json body;
};

struct payment_settings {
  std::chrono::milliseconds settle_after{
      1000};             ///< until what is processing, or a slow refund, becomes what it becomes
  std::string base_url;  ///< of this sandbox, for the page where a customer confirms
};

/// Every request throws api_error when it is refused; a decline is an answer, since it changes the intent.
class payments {
 public:
  payments(books& kept, const payment_settings& settings) : books_{kept}, settings_{settings} {}

  answer create(parameters given, const call& who);
  answer retrieve(const std::string& id, parameters given, const call& who) const;
  answer update(const std::string& id, parameters given, const call& who);
  answer confirm(const std::string& id, parameters given, const call& who);
  answer capture(const std::string& id, parameters given, const call& who);
  answer cancel(const std::string& id, parameters given, const call& who);

  /// The customer has confirmed at their bank, or has failed to.
  answer authenticate(const std::string& id, bool succeeds, const call& who);
  /// What was processing long enough.
  void settle_due();

 private:
  [[nodiscard]] const payment_intent& find(const std::string& id) const;
  void use_method(payment_intent& x, parameters& given) const;
  answer start(payment_intent x, const call& who);
  answer charge_now(payment_intent x, const call& who);
  answer decline(payment_intent x, const charge& refused, const call& who);
  answer fail(payment_intent x, api_error why, const call& who);
  void show_and_tell(const std::string& type, const payment_intent& x, const call& who);

  books& books_;
  const payment_settings& settings_;
};

/// The objects of a kind that Stripe's API shows by itself.
answer retrieve_charge(const books& kept, const std::string& id);

}  // namespace dabba::sandbox
