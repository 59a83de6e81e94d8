/// The order machine as the checker understands it, written from the architecture's table and from nothing else: which
/// event may follow in which state, and what it makes of it.
#pragma once

#include <optional>
#include <string>
#include <string_view>

namespace dabba::city {

/// One event as far as the fold needs it.
struct folded_event {
  std::string_view type;
  std::string_view partner;         ///< the partner it names, or empty
  std::string_view payment_method;  ///< of `order.placed`
};

/// The state of an order: the fold of its events.
class order_fold {
 public:
  /// What is illegal about this event here, in words, and then the state is unchanged; nothing when it is legal.
  std::optional<std::string> apply(const folded_event& event);

  [[nodiscard]] std::string_view status() const;           ///< as the API names it; empty before `order.placed`
  [[nodiscard]] std::string_view delivery_status() const;  ///< likewise
  [[nodiscard]] const std::string& partner() const { return partner_; }
  /// True while a partner has the order on its hands.
  [[nodiscard]] bool carried() const { return !partner_.empty() && !ended(); }
  [[nodiscard]] bool ended() const;

 private:
  std::optional<std::string> place(const folded_event& event);

  bool placed_ = false;
  unsigned status_ = 0;
  unsigned delivery_ = 0;
  std::string partner_;
};

}  // namespace dabba::city
