#include "persistence/postgres/journal_batch.hpp"

#include "protocols/model/limits.hpp"

namespace dabba::postgres {
namespace {

bool all_touched(const write_plan& p, const answers& a) {
  for (std::size_t i = 0; i < p.calls.size(); ++i)
    if (p.must_touch[i] != 0 && a.results[i].affected() != p.must_touch[i]) return false;
  return true;
}

batch_outcome failed(db_error why) {
  if (why.is_transient()) return not_written{std::move(why)};
  return command_refused{std::move(why)};
}

}  // namespace

batch_outcome write_batch(connection& conn, std::span<const fenced_append> batch, node_id node, deadline until) {
  auto plan = make_plan(batch, node);
  auto answered = conn.run(plan.calls, until);
  if (answered.results.size() <= plan.fence) {
    conn.roll_back(until);
    return failed(std::move(*answered.error));
  }
  auto held = held_shards(answered.results[plan.fence]);
  if (held.size() < plan.shards.size()) {
    conn.roll_back(until);
    std::erase_if(plan.shards, [&held](shard_id s) { return held.contains(s); });
    return lost_shards{std::move(plan.shards)};
  }
  if (answered.error) {
    conn.roll_back(until);
    return failed(std::move(*answered.error));
  }
  if (!all_touched(plan, answered)) {
    conn.roll_back(until);
    return command_refused{
        {db_error::kind::refused, "", "a head is not at the version before, or a promotion has been used up"}};
  }
  // The answer to COMMIT gets time of its own: what was sent in time should not become unknown for being last.
  auto committed = conn.run(call{&commit_statement, {}}, std::chrono::steady_clock::now() + limits::store_patience);
  if (!committed && committed.error().what == db_error::kind::lost) return outcome_open{committed.error()};
  if (!committed) return failed(std::move(committed.error()));
  all_written done;
  for (std::size_t i = 0; i < batch.size(); ++i)
    done.first_positions.push_back(held.at(batch[i].what->shard) - plan.backs[i]);
  return done;
}

}  // namespace dabba::postgres
