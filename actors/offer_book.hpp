/// The offers a partner holds: shown on its phone, answered to the matchmakers that made them.
#pragma once

#include <optional>
#include <unordered_map>
#include <vector>

#include "protocols/actors.hpp"

namespace dabba {

/// A null phone is one that is not connected: it is shown what is held when it comes back.
class offer_book {
 public:
  offer_book(partner_id holder, region_actor region) : holder_{holder}, region_{std::move(region)} {}

  [[nodiscard]] std::size_t size() const noexcept { return offers_.size(); }
  [[nodiscard]] bool is_full() const noexcept;

  void hold(make_offer&& x, const session_actor& phone);
  /// False when it is not held (any more).
  bool drop(const withdraw_offer& x, const session_actor& phone);
  /// Those whose time has passed. Their matchmaker withdraws them itself, unless it is no more.
  void drop_expired(instant now);
  void drop_all(withdrawal why, const session_actor& phone);
  [[nodiscard]] const offer* find(offer_id id) const;
  /// Takes an offer out, for the partner to answer.
  std::optional<offer> take(offer_id id);
  /// Tells the matchmaker that made it.
  void answer(const offer& about, offer_outcome outcome) const;

  [[nodiscard]] std::vector<offer> open_at(instant now) const;
  void show_all(const session_actor& phone) const;

 private:
  partner_id holder_;
  region_actor region_;
  std::unordered_map<offer_id, offer> offers_;
};

}  // namespace dabba
