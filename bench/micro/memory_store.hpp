/// The store ports without a database: what is written is acknowledged and forgotten. For benchmarks of what is never
/// stored, or loaded from a store that is of no interest.
#pragma once

#include <functional>

#include "persistence/store.hpp"

namespace dabba::bench {

class forgetful_writer final : public journal_writer {
 public:
  void own(shard_id, std::uint64_t) override {}
  void disown(shard_id) override {}
  std::vector<result_of<appended>> write(std::span<const append> batch) override {
    std::vector<result_of<appended>> out;
    for (const auto& x : batch) {
      out.emplace_back(appended{position_ + 1, {}});
      position_ += x.events.size();
    }
    return out;
  }

 private:
  std::uint64_t position_ = 0;
};

/// Open entities are made up when a shard asks for them; nothing else is known.
class made_up_reader final : public entity_reader {
 public:
  using open_heads = std::function<std::vector<head_record>(shard_id)>;

  explicit made_up_reader(open_heads open = [](shard_id) { return std::vector<head_record>{}; })
      : open_{std::move(open)} {}

  result_of<std::vector<head_record>> open_entities(shard_id shard) override { return open_(shard); }
  result_of<std::optional<head_record>> load(const entity_ref&) override { return std::nullopt; }
  result_of<std::vector<stored_event>> events(const entity_ref&, std::uint64_t, std::size_t) override { return {}; }
  result_of<std::vector<stored_event>> restaurant_feed(restaurant_id, shard_id, std::uint64_t, std::size_t) override {
    return {};
  }
  result_of<std::vector<std::string>> restaurant_orders(restaurant_id, std::optional<order_status>,
                                                        std::optional<order_cursor>, std::size_t) override {
    return {};
  }
  result_of<std::uint64_t> feed_position(restaurant_id, shard_id) override { return 0; }
  result_of<std::optional<idempotent_answer>> answer(user_id, const std::string&) override { return std::nullopt; }
  result_of<bool> has_ordered(user_id) override { return false; }
  result_of<zone_summary> summary(zone_id, instant) override { return zone_summary{}; }

 private:
  open_heads open_;
};

/// All shards of a node that owns the cluster.
inline std::vector<owned_shard> all_shards(std::uint16_t count) {
  std::vector<owned_shard> out;
  for (std::uint16_t i = 0; i < count; ++i) out.push_back({{i}, 1});
  return out;
}

}  // namespace dabba::bench
