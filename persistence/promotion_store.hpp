/// The store port of promotions: their definitions and how far they have been used. Redemptions themselves are effects
/// of an order's `append` (store.hpp), in its transaction. All calls block.
#pragma once

#include <span>
#include <string>
#include <vector>

#include "persistence/store.hpp"
#include "protocols/model/promotion.hpp"

namespace dabba {

/// A promotion's next version. `text` is the promotion as the codec writes it.
struct promotion_change {
  promotion what;
  std::string text;
  user_id by;
  instant at;
};

/// As stored, and as used when it was read.
struct promotion_record {
  std::string text;
  std::int64_t used = 0;              ///< of the total limit; 0 without one
  std::int32_t used_by_customer = 0;  ///< by the one asked for
  std::int64_t serial = 0;            ///< rises with each new promotion
};

/// One object is used by one thread. `unavailable` when the database can't be reached, or does not answer in time.
class promotion_store {
 public:
  virtual ~promotion_store() = default;

  /// Writes a version, the first or the one after `version - 1`; by then it is committed. Refusals: `stale_version`
  /// (that is not the latest, or the first is there already), `promotion_code_taken` (by another that is active),
  /// `invalid_argument` (a total limit can be changed, but not given or taken away: what was used without one was not
  /// counted), `outcome_unknown`.
  virtual result_of<void> write(const promotion_change& change) = 0;

  virtual result_of<std::optional<promotion_record>> find(promotion_id which, std::optional<user_id> customer) = 0;
  /// The active one with that code.
  virtual result_of<std::optional<promotion_record>> find_code(const std::string& code, user_id customer) = 0;
  /// All active deals that have not ended, those that end first; how they are used is not looked at.
  virtual result_of<std::vector<promotion_record>> deals(instant now, std::size_t limit) = 0;
  /// How far each is used, in the order asked; 0 of those that are not there.
  virtual result_of<std::vector<promotion_record>> usage(std::span<const promotion_id> which, user_id customer) = 0;
  /// Those with a serial below `before`, newest first.
  virtual result_of<std::vector<promotion_record>> list(std::int64_t before, std::size_t limit) = 0;
};

}  // namespace dabba
