/// Redemptions as part of the journal's transactions: what a batch reserves and gives back, and why it was refused.
#pragma once

#include <map>
#include <span>

#include "persistence/postgres/journal_lookup.hpp"
#include "persistence/postgres/journal_plan.hpp"

namespace dabba::postgres {

/// Into so many rows at most a promotion's limit is shared out, one of which is the first a node tries.
inline constexpr std::int16_t allowance_parts = 16;

/// At most one use of a promotion with a limit per customer for each customer.
class redemption_rows {
 public:
  void add(const append& a);
  /// Adds nothing for a batch without redemptions, else at most three calls, the last of the transaction: the rows that
  /// many may want are held for the shortest time.
  void take(write_plan& p, node_id node);

 private:
  struct change {
    promotion_id promotion;
    user_id customer;
    order_id order;
    std::optional<std::int32_t> per_customer;
    instant at;
  };

  std::vector<change> released_;
  std::vector<change> reserved_;
  std::map<promotion_id, std::int64_t> counted_;  ///< how many of each limited one are reserved
};

/// Commands of customers who have used a promotion as often as they may; answers with ordinals.
call spent_uses_call(std::span<const append* const> commands);

/// How many of each promotion are left.
call allowances_call(std::span<const append* const> commands);
/// Of the commands that have no finding yet, the first ones get what is left: `promotion_used_up` for the others.
void note_used_up(std::vector<finding>& findings, std::span<const append* const> commands, const rows& allowances);

}  // namespace dabba::postgres
