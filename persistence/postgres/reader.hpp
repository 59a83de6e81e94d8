/// Reads of entities, events and answers in PostgreSQL.
#pragma once

#include "persistence/postgres/connection.hpp"
#include "persistence/store.hpp"
#include "protocols/model/limits.hpp"

namespace dabba::postgres {

class reader final : public entity_reader {
 public:
  reader(connect_options options, session::reporter report);

  void asked_at(std::chrono::steady_clock::time_point when) override { asked_at_ = when; }
  result_of<std::vector<head_record>> open_entities(shard_id shard) override;
  result_of<std::optional<head_record>> load(const entity_ref& entity) override;
  result_of<std::vector<stored_event>> events(const entity_ref& entity, std::uint64_t since,
                                              std::size_t limit) override;
  result_of<std::vector<stored_event>> restaurant_feed(restaurant_id restaurant, shard_id shard, std::uint64_t since,
                                                       std::size_t limit) override;
  result_of<std::vector<std::string>> restaurant_orders(restaurant_id restaurant, std::optional<order_status> status,
                                                        std::optional<order_cursor> after, std::size_t limit) override;
  result_of<std::uint64_t> feed_position(restaurant_id restaurant, shard_id shard) override;
  result_of<std::optional<idempotent_answer>> answer(user_id caller, const std::string& key) override;
  result_of<bool> has_ordered(user_id customer) override;
  result_of<zone_summary> summary(zone_id zone, instant since) override;

 private:
  result_of<rows> read(const statement& what, std::vector<parameter> values,
                       duration patience = limits::store_patience);
  result_of<std::vector<stored_event>> read_events(const statement& what, std::vector<parameter> values);

  session session_;
  deadline asked_at_ = std::chrono::steady_clock::now();
};

}  // namespace dabba::postgres
