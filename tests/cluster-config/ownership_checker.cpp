#include "tests/cluster-config/ownership_checker.hpp"

namespace dabba::simulation {
namespace {

std::string text(const shard_claim& x) {
  return "shard " + std::to_string(x.id.value) + " of epoch " + std::to_string(x.epoch);
}

}  // namespace

void ownership_checker::tables_changed(const simulated_database& database) {
  std::map<node_id, std::size_t> asked_by;
  for (const auto& row : database.shards()) {
    check(row);
    if (row.state == shard_state::handoff && ++asked_by[*row.target] > cluster_terms::handoffs_at_once)
      throw broken_promise{"node " + to_string(*row.target) + " asks for too many shards at a time"};
  }
}

void ownership_checker::check(const shard_row& row) {
  auto& books = shards_.at(row.id.value);
  shard_claim now{row.id, row.epoch};
  if (!row.owner) {
    if (!books.owners.empty()) throw broken_promise{text(now) + " has lost its owner"};
    return;
  }
  if (books.owners.empty()) {
    books.owners.emplace(row.epoch, *row.owner);
    return;
  }
  auto [epoch, owner] = *books.owners.rbegin();
  if (row.epoch < epoch) throw broken_promise{text(now) + ": the epoch fell from " + std::to_string(epoch)};
  if (row.epoch == epoch && row.owner != owner) throw broken_promise{text(now) + " has two owners"};
  if (row.owner != owner) ++books.moves;
  books.owners.emplace(row.epoch, *row.owner);
}

void ownership_checker::committed(node_id writer, const shard_claim& claim) {
  auto& books = shards_.at(claim.id.value);
  auto [epoch, owner] = *books.owners.rbegin();
  if (claim.epoch != epoch || writer != owner)
    throw broken_promise{"node " + to_string(writer) + " wrote to " + text(claim) + ", which is " + to_string(owner) +
                         "'s by epoch " + std::to_string(epoch)};
  if (claim.epoch < books.committed_epoch) throw broken_promise{text(claim) + ": the journal's epochs fall"};
  books.committed_epoch = claim.epoch;
}

void ownership_checker::acknowledged(const shard_claim& claim) {
  auto& books = shards_.at(claim.id.value);
  books.acknowledged_epoch = std::max(books.acknowledged_epoch, claim.epoch);
}

void ownership_checker::serves_read(node_id reader, const shard_claim& claim) const {
  auto acknowledged = shards_[claim.id.value].acknowledged_epoch;
  if (claim.epoch < acknowledged)
    throw broken_promise{"node " + to_string(reader) + " reads from " + text(claim) +
                         ", a later write was acknowledged by epoch " + std::to_string(acknowledged)};
}

void ownership_checker::declared_dead(node_id who, death cause, bool was_at_fault) {
  if (!was_at_fault)
    throw broken_promise{"node " + to_string(who) + " was declared dead without a fault: " + std::string{name(cause)}};
}

}  // namespace dabba::simulation
