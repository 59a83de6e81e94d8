/// Refunds of charges, capped by what was captured.
#pragma once

#include "bench/sandbox-gateway/payments.hpp"

namespace dabba::sandbox {

class refund_desk {
 public:
  refund_desk(books& kept, const payment_settings& settings) : books_{kept}, settings_{settings} {}

  answer create(parameters given, const call& who);
  answer retrieve(const std::string& id) const;
  /// Those that were pending long enough, and those that a bank sends back.
  void settle_due();

 private:
  [[nodiscard]] const charge& charge_of(parameters& given) const;

  books& books_;
  const payment_settings& settings_;
};

}  // namespace dabba::sandbox
