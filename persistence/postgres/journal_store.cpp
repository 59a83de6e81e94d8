#include "persistence/postgres/journal_store.hpp"

#include <algorithm>
#include <set>
#include <unordered_set>

#include "persistence/postgres/journal_batch.hpp"
#include "persistence/postgres/journal_lookup.hpp"
#include "protocols/model/limits.hpp"

namespace dabba::postgres {
namespace {

// A write takes at most three times the store's patience: to send it, to await COMMIT's answer, to find out about it.
static_assert(3 * limits::store_patience < limits::request_deadline);

// Every statement of the writer looks up a few hundred rows by key. Planned once, when the tables are still empty, a
// hash join over a whole table would look cheap and stay.
constexpr auto settings =
    "-c plan_cache_mode=force_generic_plan -c enable_hashjoin=off -c enable_mergejoin=off -c enable_seqscan=off";

deadline patience() { return std::chrono::steady_clock::now() + limits::store_patience; }

connect_options writer_options(connect_options options) {
  options.settings += std::string{" "} + settings;
  return options;
}

// A null or a check that did not hold (23502, 23514) is the row's own fault; the rest of class 23 needs another row.
bool is_about_value(const db_error& e) {
  return e.is_about_data() && (!e.sqlstate.starts_with("23") || e.sqlstate == "23502" || e.sqlstate == "23514");
}

/// Another command was in the way: a unique value was taken (or excluded, 23P01), or a version was another.
bool met_a_rival(const db_error& e) { return e.sqlstate.empty() || e.sqlstate == "23505" || e.sqlstate == "23P01"; }

// A rival that can't be found is gone again, and soon after there is none; or it never was one.
constexpr int tries_against_rivals = 5;

/// A batch is cut where its order matters to a transaction that goes by kind of row: before an entity's second command,
/// before an end of what was begun in it, and before a customer's second use of a promotion.
class cutter {
 public:
  bool must_cut_before(const append& a) {
    bool cut = entities_.contains(a.entity);
    for (const auto& c : a.assignments)
      if (c.what == assignment_change::kind::end && begun_.contains(c.order)) cut = true;
    for (const auto& r : a.redemptions)
      if (is_use(r) && uses_.contains({r.promotion, r.customer})) cut = true;
    if (cut) *this = {};
    entities_.insert(a.entity);
    for (const auto& c : a.assignments)
      if (c.what == assignment_change::kind::begin) begun_.insert(c.order);
    for (const auto& r : a.redemptions)
      if (is_use(r)) uses_.emplace(r.promotion, r.customer);
    return cut;
  }

 private:
  static bool is_use(const redemption_change& r) noexcept {
    return r.what == redemption_change::kind::reserve && r.per_customer.has_value();
  }

  std::unordered_set<entity_ref> entities_;
  std::set<order_id> begun_;
  std::set<std::pair<promotion_id, user_id>> uses_;
};

}  // namespace

journal_store::journal_store(node_id node, connect_options options, session::reporter report)
    : node_(node), session_(writer_options(std::move(options)), std::move(report)) {}

void journal_store::own(shard_id shard, std::uint64_t epoch) { owned_[shard] = {epoch, epoch, epoch}; }

void journal_store::disown(shard_id shard) { owned_.erase(shard); }

std::vector<result_of<appended>> journal_store::write(std::span<const append> batch) {
  std::vector<result_of<appended>> answers(batch.size(), tl::unexpected{errc::unavailable});
  if (batch.empty()) return answers;
  auto oldest = std::ranges::min_element(batch, {}, &append::since)->since;
  deadlines times{oldest + limits::store_patience, patience()};
  cutter cuts;
  group next;
  for (std::size_t i = 0; i < batch.size(); ++i) {
    if (batch[i].events.empty()) {
      answers[i] = tl::unexpected{errc::invalid_argument};
      continue;
    }
    if (cuts.must_cut_before(batch[i])) write_group(std::exchange(next, {}), times);
    next.push_back({&batch[i], &answers[i]});
  }
  write_group(std::move(next), times);
  return answers;
}

/// Commands of shards that are not ours, or were acquired anew since the command was made, are answered `moved`.
void journal_store::refuse_unowned(group& commands) const {
  std::erase_if(commands, [this](const pending& p) {
    auto it = owned_.find(p.command->shard);
    if (it != owned_.end() && it->second.acquired == p.command->epoch) return false;
    *p.answer = tl::unexpected{errc::moved};
    return true;
  });
}

void journal_store::write_group(group commands, const deadlines& times) {
  int refusals = 0;
  for (;;) {
    refuse_unowned(commands);
    // All are `unavailable` from the start. Out of time, a connection would be lost for nothing.
    if (commands.empty() || std::chrono::steady_clock::now() >= times.to_write) return;
    auto conn = session_.ready(times.to_wait);
    if (!conn) return;
    std::vector<fenced_append> batch;
    for (const auto& p : commands) batch.push_back({p.command, owned_.at(p.command->shard).lowest});
    auto outcome = write_batch(**conn, batch, node_, times.to_write);
    if (auto* done = std::get_if<all_written>(&outcome)) {
      for (std::size_t i = 0; i < commands.size(); ++i) *commands[i].answer = appended{done->first_positions[i], {}};
      return;
    }
    if (auto* lost = std::get_if<lost_shards>(&outcome)) {
      for (auto s : lost->ids) owned_.erase(s);
    } else if (auto* refused = std::get_if<command_refused>(&outcome)) {
      if (!sort_out(commands, refused->why, ++refusals, **conn, times)) return;
    } else if (auto* open = std::get_if<outcome_open>(&outcome)) {
      session_.report("PostgreSQL did not answer COMMIT: " + open->why.message);
      resolve_outcome(commands);
    } else {
      const auto& why = std::get<not_written>(outcome).why;
      session_.report("the journal could not be written: " + why.message);
      if (!pause_after(why, times)) return;
    }
  }
}

/// Before another attempt; false when there is no time for one. A database that can't write now is as good as away, and
/// commands that are old already don't wait for it one after the other; a conflict says nothing against it.
bool journal_store::pause_after(const db_error& why, const deadlines& times) {
  return session::pause(why.is_conflict() ? times.to_write : times.to_wait);
}

/// After a refusal, of so many in a row: answers the commands of which the database can tell why, or else writes each
/// half by itself, down to the one that is refused alone. True when there are others to be tried again.
bool journal_store::sort_out(group& commands, const db_error& why, int refusals, connection& conn,
                             const deadlines& times) {
  std::vector<const append*> asked;
  for (const auto& p : commands) asked.push_back(p.command);
  auto findings = examine(conn, asked, times.to_write);
  if (!findings) {
    session_.report("a refused batch could not be examined: " + findings.error().message);
    if (findings.error().is_transient()) return pause_after(findings.error(), times);
    // The questions met what the statements did.
    findings = std::vector<finding>(commands.size());
  }
  auto before = commands.size();
  std::size_t i = 0;
  std::erase_if(commands, [&](const pending& p) {
    const auto& f = (*findings)[i++];
    if (f) *p.answer = *f;
    return f.has_value();
  });
  if (commands.size() < before) return true;
  if (before == 1) {
    session_.report("a command was refused: " + why.message);
    if (met_a_rival(why) && refusals < tries_against_rivals) return session::pause(times.to_write);
    *commands.front().answer = tl::unexpected{is_about_value(why) ? errc::invalid_argument : errc::internal};
    return false;
  }
  auto half = commands.begin() + static_cast<std::ptrdiff_t>(before / 2);
  write_group({commands.begin(), half}, times);
  write_group({half, commands.end()}, times);
  return false;
}

/// Leaves those commands unanswered that are certainly not written and may be written now.
void journal_store::resolve_outcome(group& commands) {
  auto until = patience();
  std::vector<const append*> asked;
  std::set<shard_id> shards;
  for (const auto& p : commands) {
    asked.push_back(p.command);
    shards.insert(p.command->shard);
  }
  do {
    auto conn = session_.ready(until);
    if (!conn) break;
    std::vector<epoch_raise> raises;
    for (auto s : shards) {
      auto& o = owned_.at(s);
      raises.push_back({s, o.lowest, o.highest});
      ++o.highest;  // from now on the epoch may be this one, whether or not we hear of it
    }
    auto found = resolve(**conn, raises, asked, node_, until);
    if (found) return settle(commands, *found);
    session_.report("an unknown outcome could not be resolved yet: " + found.error().message);
  } while (session::pause(until));
  give_up(commands);
}

void journal_store::settle(group& commands, const resolution& found) {
  std::set<shard_id> ours(found.still_ours.begin(), found.still_ours.end());
  for (const auto& p : commands) {
    auto it = owned_.find(p.command->shard);
    if (it == owned_.end()) continue;
    if (ours.contains(p.command->shard))
      it->second.lowest = it->second.highest;
    else
      owned_.erase(it);
  }
  std::size_t i = 0;
  std::erase_if(commands, [&](const pending& p) {
    const auto& written = found.written[i++];
    if (written) *p.answer = *written;
    return written.has_value();
  });
}

void journal_store::give_up(group& commands) {
  for (const auto& p : commands) {
    *p.answer = tl::unexpected{errc::outcome_unknown};
    owned_.erase(p.command->shard);
  }
  commands.clear();
}

}  // namespace dabba::postgres
