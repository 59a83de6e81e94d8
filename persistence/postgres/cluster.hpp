/// Nodes, shards and the clock in PostgreSQL.
#pragma once

#include "persistence/postgres/connection.hpp"
#include "persistence/store.hpp"

namespace dabba::postgres {

class cluster final : public cluster_store {
 public:
  cluster(connect_options options, session::reporter report) : session_(std::move(options), std::move(report)) {}

  result_of<void> ensure_shards(std::uint16_t shard_count) override;
  result_of<std::vector<owned_shard>> take_all_shards(node_id node, const std::string& http_url) override;
  result_of<std::optional<owned_shard>> retake(node_id node, shard_id shard) override;
  result_of<clock_setting> clock(double scale, instant real_now) override;
  result_of<std::size_t> forget_answers(instant before) override;
  std::optional<std::string> problem() override;

 private:
  /// Runs the calls as one transaction, again when it failed for a while: only for what may be repeated.
  result_of<std::vector<rows>> transact(const std::vector<call>& calls);

  session session_;
};

}  // namespace dabba::postgres
