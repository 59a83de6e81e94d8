/// The store ports in memory, with the rules persistence/store.hpp documents, and able to fail in every way it names.
#pragma once

#include <condition_variable>
#include <functional>
#include <map>
#include <memory>
#include <mutex>
#include <set>

#include "persistence/store.hpp"

namespace dabba::testing {

/// What becomes of one command's write.
enum class fault {
  none,
  unavailable,
  moved,
  unknown_written,  ///< written, and answered `outcome_unknown`; the shard is given up
  unknown_lost,     ///< not written, and answered `outcome_unknown`; the shard is given up
  thrown,           ///< not written: std::runtime_error, which no port's contract allows
};

/// One database, shared by the writers and readers of any number of nodes, one after the other. Thread-safe.
class memory_store : public std::enable_shared_from_this<memory_store> {
 public:
  explicit memory_store(std::uint16_t shard_count) : shard_count_{shard_count} {}

  [[nodiscard]] std::unique_ptr<journal_writer> make_writer();
  [[nodiscard]] std::unique_ptr<entity_reader> make_reader();
  [[nodiscard]] std::unique_ptr<cluster_store> make_cluster();

  /// A node takes all shards: their epochs rise, and writers of earlier ones are fenced off.
  std::vector<owned_shard> take_all_shards();
  owned_shard retake(shard_id shard);
  /// Another node takes all shards, and keeps them.
  void lose_all_shards();
  [[nodiscard]] bool is_lost() const noexcept { return is_lost_; }

  // Faults.

  /// Of a counted promotion there are so many; without this, none.
  void set_limit(promotion_id of, std::size_t redemptions);
  /// Asked for each command before it is written; nothing: all goes well.
  void interfere(std::function<fault(const append&)> decide);
  /// The next write of this entity meets `what`.
  void fail_next(const entity_ref& whose, fault what);
  /// Reads answer `unavailable` while this is so.
  void set_readable(bool readable);
  /// Reads throw std::runtime_error from now on.
  void break_reads();
  /// Writes stop before they begin, until `release`.
  void hold();
  void release();
  /// Waits until a held write is waiting; false when none comes within the test's patience.
  [[nodiscard]] bool await_held();

  // What was written.

  [[nodiscard]] std::optional<head_record> head(const entity_ref& entity) const;
  [[nodiscard]] std::vector<stored_event> journal_of(const entity_ref& entity) const;
  [[nodiscard]] std::size_t count(const entity_ref& entity, std::string_view event_type) const;
  [[nodiscard]] std::size_t active_assignments() const;
  [[nodiscard]] std::size_t active_redemptions(promotion_id of) const;
  [[nodiscard]] std::size_t writes() const;
  [[nodiscard]] std::optional<idempotent_answer> answer(user_id caller, const std::string& key) const;

  [[nodiscard]] std::uint64_t epoch_of(shard_id shard) const;
  /// Of the latest event of a restaurant's orders.
  [[nodiscard]] std::uint64_t feed_position(restaurant_id restaurant) const;
  /// What is wrong with the journal and the heads: sequences with gaps, illegal versions, a head that is not the fold
  /// of its order's events, an assignment of an order that ended, a promotion used by none of its orders. Empty:
  /// nothing.
  [[nodiscard]] std::vector<std::string> problems() const;

 private:
  class writer;
  class reader;
  class cluster;

  struct row {
    head_record head;
    shard_id shard;
    bool open = true;
    head_columns columns;
  };

  [[nodiscard]] bool is_readable() const;
  result_of<appended> write_one(const append& a, std::uint64_t own_epoch);
  [[nodiscard]] errc why_refused(const append& a) const;
  [[nodiscard]] errc why_refused(const redemption_change& change) const;
  void store(const append& a);
  void wait_while_held(std::unique_lock<std::mutex>& lock);
  void check_order(const entity_ref& entity, const row& kept, std::vector<std::string>& out) const;

  std::uint16_t shard_count_;
  mutable std::mutex mutex_;
  std::condition_variable changed_;
  bool held_ = false;
  bool someone_waits_ = false;
  bool readable_ = true;
  std::atomic<bool> is_lost_{false};
  bool reads_throw_ = false;
  std::function<fault(const append&)> interfere_;
  std::map<entity_ref, fault> fail_next_;
  std::size_t writes_ = 0;

  struct kept_shard {
    std::uint64_t epoch = 0;
    std::uint64_t position = 0;
  };
  std::map<shard_id, kept_shard> shards_;
  std::map<entity_ref, row> heads_;
  std::map<entity_ref, std::vector<stored_event>> events_;
  std::map<std::pair<entity_ref, command_id>, appended> commands_;  ///< as a repeat is answered
  std::map<order_id, std::pair<partner_id, std::uint8_t>> assigned_;
  std::map<std::pair<promotion_id, order_id>, user_id> redeemed_;
  std::map<promotion_id, std::size_t> limits_;
  std::map<std::string, entity_ref> licences_;
  std::map<std::pair<user_id, std::string>, idempotent_answer> answers_;
};

}  // namespace dabba::testing
