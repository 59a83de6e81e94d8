/// What a node does about what it reads: who is dead, who is an outcast, which shards it takes, asks for and hands
/// over.
#include "cluster-config/membership.hpp"

#include <catch2/catch_test_macros.hpp>

#include "tests/cluster-config/view_maker.hpp"

using namespace dabba;
using namespace dabba::samples;
using namespace std::chrono_literals;
using namespace cluster_terms;

namespace {

constexpr uptime long_up = 1000s;

/// A node that has long been there, so that it may judge others.
node_memory memory_of(std::uint64_t n) {
  node_memory memory{.self = nth<node_id>(n), .unreachable = {}, .drained = {}};
  memory.looked_at = long_up;
  return memory;
}

template <class Change>
const Change* find_change(const cluster_steps& steps) {
  for (const auto& change : steps.changes)
    if (const auto* found = std::get_if<Change>(&change)) return found;
  return nullptr;
}

void break_link(cluster_view& view, std::uint64_t reporter, std::uint64_t peer) {
  row_of(view, reporter).unreachable.push_back(nth<node_id>(peer));
}

std::vector<node_id> nodes(std::initializer_list<std::uint64_t> numbers) {
  std::vector<node_id> out;
  for (auto n : numbers) out.push_back(nth<node_id>(n));
  return out;
}

/// Asks again and again, as a node does whose tables do not change.
cluster_steps steps_after(const cluster_view& view, node_memory& memory, uptime patience) {
  auto until = memory.looked_at + patience;
  while (memory.looked_at + 1s < until) (void)next_steps(view, memory, memory.looked_at + 1s);
  return next_steps(view, memory, until);
}

}  // namespace

// -- Outcasts
// ----------------------------------------------------------------------------------------------------------

TEST_CASE("nobody goes while every link works") { CHECK(outcasts(view_of(5, 1)).empty()); }

TEST_CASE("of three nodes the isolated one goes, whoever reports it") {
  for (std::uint64_t alone = 1; alone <= 3; ++alone) {
    auto by_others = view_of(3, 1);
    auto by_itself = view_of(3, 1);
    for (std::uint64_t n = 1; n <= 3; ++n) {
      if (n == alone) continue;
      break_link(by_others, n, alone);
      break_link(by_itself, alone, n);
    }
    CHECK(outcasts(by_others) == nodes({alone}));
    CHECK(outcasts(by_itself) == nodes({alone}));
  }
}

TEST_CASE("of two nodes that can't talk the later to start goes") {
  for (std::uint64_t reporter : {1, 2}) {
    auto view = view_of(2, 1);
    break_link(view, reporter, 3 - reporter);
    CHECK(outcasts(view) == nodes({2}));
    row_of(view, 1).started_at = row_of(view, 2).started_at + 1s;
    CHECK(outcasts(view) == nodes({1}));
  }
}

TEST_CASE("of five nodes split in two and three the two go") {
  auto view = view_of(5, 1);
  for (std::uint64_t few : {1, 2})
    for (std::uint64_t many : {3, 4, 5}) break_link(view, few, many);
  auto gone = outcasts(view);
  std::ranges::sort(gone);
  CHECK(gone == nodes({1, 2}));
}

TEST_CASE("a broken link between two of three costs one node, not two") {
  auto view = view_of(3, 1);
  break_link(view, 1, 2);
  break_link(view, 2, 1);
  CHECK(outcasts(view) == nodes({2}));
}

TEST_CASE("what a node with an old lease says, and what is said of one, does not count") {
  auto view = view_of(3, 1);
  for (std::uint64_t n : {2, 3}) {
    break_link(view, n, 1);
    break_link(view, 1, n);
  }
  row_of(view, 1).lease_until = view.now + duration{lease - fresh_renewal};
  CHECK(outcasts(view).empty());
}

TEST_CASE("links of nodes that join or are dead do not count") {
  for (auto state : {node_state::joining, node_state::dead}) {
    auto view = view_of(2, 1);
    break_link(view, 1, 2);
    row_of(view, 2).state = state;
    CHECK(outcasts(view).empty());
  }
}

TEST_CASE("an outcast goes when it had to for long enough, not by the first report") {
  auto view = settled(view_of(3, 6));
  break_link(view, 2, 1);  // 1 is the isolated one, but 3 has not said so yet
  auto third = memory_of(3);
  auto steps = next_steps(view, third, long_up);
  CHECK(steps.watch);
  CHECK(steps.changes.empty());
  break_link(view, 3, 1);
  (void)next_steps(view, third, long_up + 1s);
  steps = steps_after(view, third, report_patience - 1us);
  CHECK(steps.changes.empty());
  steps = next_steps(view, third, third.looked_at + 1us);
  REQUIRE(find_change<declare_dead>(steps));
  CHECK(find_change<declare_dead>(steps)->who == nth<node_id>(1));
  CHECK(find_change<declare_dead>(steps)->cause == death::cut_off);

  auto first = memory_of(1);
  CHECK_FALSE(next_steps(view, first, long_up).must_end);
  CHECK(steps_after(view, first, report_patience).must_end);
}

// -- The dead --------------------------------------------------------------------------------------------------------

TEST_CASE("a node that is not in the tables, or dead by them, ends") {
  auto view = view_of(2, 1);
  auto stranger = memory_of(7);
  CHECK(next_steps(view, stranger, long_up).must_end);
  row_of(view, 1).state = node_state::dead;
  auto dead = memory_of(1);
  CHECK(next_steps(view, dead, long_up).must_end);
}

TEST_CASE("only who renewed its own lease for a term finds others' leases over") {
  auto view = settled(view_of(2, 4));
  row_of(view, 2).lease_until = view.now - 1us;
  auto memory = memory_of(1);
  memory.renewing_since = long_up - lease + 1us;
  CHECK(next_steps(view, memory, long_up).changes.empty());
  auto steps = next_steps(view, memory, long_up + 1us);
  REQUIRE(find_change<declare_dead>(steps));
  CHECK(find_change<declare_dead>(steps)->cause == death::lease_over);
  CHECK(find_change<declare_dead>(steps)->version == view.version);
}

TEST_CASE("who stood still itself judges nobody for a term") {
  auto view = settled(view_of(2, 4));
  row_of(view, 2).lease_until = view.now - 1us;
  auto memory = memory_of(1);
  CHECK(next_steps(view, memory, long_up + 8s).changes.empty());
  CHECK(steps_after(view, memory, lease - 1us).changes.empty());
  CHECK(find_change<declare_dead>(next_steps(view, memory, long_up + 8s + lease)));
}

TEST_CASE("a node whose lock stays lost is dead at once; one that takes it again is not") {
  auto view = settled(view_of(2, 4));
  row_of(view, 2).has_lost_lock = true;
  auto memory = memory_of(1);
  auto steps = next_steps(view, memory, long_up);
  CHECK(steps.changes.empty());
  CHECK(steps.watch);
  auto again = memory;
  steps = next_steps(view, memory, long_up + reconnect_patience);
  REQUIRE(find_change<declare_dead>(steps));
  CHECK(find_change<declare_dead>(steps)->cause == death::lock_lost);

  row_of(view, 2).has_lost_lock = false;
  CHECK(next_steps(view, again, long_up + 200ms).changes.empty());
  row_of(view, 2).has_lost_lock = true;
  CHECK(next_steps(view, again, long_up + 400ms).changes.empty());
}

TEST_CASE("only who has held its own lock for a term finds that others lost theirs") {
  auto view = settled(view_of(2, 4));
  row_of(view, 2).has_lost_lock = true;
  for (auto since : {uptime::max(), uptime{long_up - lease + 1us}}) {
    auto memory = memory_of(1);
    memory.holding_lock_since = since;
    (void)next_steps(view, memory, long_up - 1s);
    CHECK(next_steps(view, memory, long_up).changes.empty());
  }
}

// -- Shards
// ------------------------------------------------------------------------------------------------------------

TEST_CASE("who joins owns nothing until it is connected with everybody who runs") {
  auto view = view_of(3, 4);
  row_of(view, 3).state = node_state::joining;
  auto memory = memory_of(3);
  memory.unreachable = {nth<node_id>(2)};
  CHECK(next_steps(view, memory, long_up).changes.empty());
  row_of(view, 2).state = node_state::joining;
  auto steps = next_steps(view, memory, long_up);
  REQUIRE(steps.changes.size() == 1);
  CHECK(std::get<come_up>(steps.changes.front()).version == view.version);
}

TEST_CASE("shards of nobody are taken by those they belong to") {
  auto view = view_of(3, 20);
  auto wanted = fair_shares(view);
  std::size_t taken = 0;
  for (std::uint64_t n = 1; n <= 3; ++n) {
    auto memory = memory_of(n);
    auto steps = next_steps(view, memory, long_up);
    REQUIRE(steps.changes.size() == 1);
    for (const auto& claim : std::get<take_over>(steps.changes.front()).shards) {
      CHECK(wanted[claim.id.value] == nth<node_id>(n));
      ++taken;
    }
  }
  CHECK(taken == 20);
}

TEST_CASE("the shards of a dead node are taken when it can't answer reads any more") {
  auto view = settled(view_of(2, 4));
  row_of(view, 2).state = node_state::dead;
  auto memory = memory_of(1);
  auto steps = next_steps(view, memory, long_up);
  CHECK(steps.changes.empty());
  CHECK(steps.watch);

  SECTION("because its lease is over") { row_of(view, 2).lease_until = view.now - 1us; }
  SECTION("because its lock is lost") {
    row_of(view, 2).has_lost_lock = true;
    CHECK(next_steps(view, memory, long_up).changes.empty());
  }
  SECTION("because its row is gone") { view.nodes.pop_back(); }
  steps = next_steps(view, memory, long_up + reconnect_patience);
  REQUIRE(find_change<take_over>(steps));
  CHECK(find_change<take_over>(steps)->shards.size() == 2);
}

TEST_CASE("a node asks for few shards at a time") {
  auto view = settled(view_of(1, 64));
  view.nodes.push_back(node_up(2));
  auto memory = memory_of(2);
  auto steps = next_steps(view, memory, long_up);
  REQUIRE(find_change<ask_handoff>(steps));
  CHECK(find_change<ask_handoff>(steps)->shards.size() == handoffs_at_once);
  for (const auto& claim : find_change<ask_handoff>(steps)->shards) ask(view.shards[claim.id.value], 2);
  steps = next_steps(view, memory, long_up + 1s);
  CHECK(steps.changes.empty());
  CHECK(steps.watch);
  give(*std::ranges::find(view.shards, shard_state::handoff, &shard_row::state), nth<node_id>(2));
  steps = next_steps(view, memory, long_up + 2s);
  REQUIRE(find_change<ask_handoff>(steps));
  CHECK(find_change<ask_handoff>(steps)->shards.size() == 1);
}

TEST_CASE("an owner hands over what is drained, of the epoch it was drained with") {
  auto view = settled(view_of(2, 4));
  auto& shard = *std::ranges::find(view.shards, std::optional{nth<node_id>(1)}, &shard_row::owner);
  ask(shard, 2);
  auto memory = memory_of(1);
  CHECK(next_steps(view, memory, long_up).changes.empty());
  memory.drained[shard.id] = shard.epoch - 1;
  CHECK(next_steps(view, memory, long_up).changes.empty());
  CHECK(memory.drained.empty());
  memory.drained[shard.id] = shard.epoch;
  auto steps = next_steps(view, memory, long_up);
  REQUIRE(find_change<hand_over>(steps));
  CHECK(find_change<hand_over>(steps)->shards == std::vector{shard_claim{shard.id, shard.epoch}});
}

TEST_CASE("a shard that nobody wants any more is kept, and has to be drained anew when it is wanted again") {
  auto view = settled(view_of(2, 4));
  auto& shard = *std::ranges::find(view.shards, std::optional{nth<node_id>(1)}, &shard_row::owner);
  ask(shard, 2);
  row_of(view, 2).state = node_state::draining;
  auto memory = memory_of(1);
  memory.drained[shard.id] = shard.epoch;
  auto steps = next_steps(view, memory, long_up);
  REQUIRE(find_change<keep_shards>(steps));
  CHECK_FALSE(find_change<hand_over>(steps));
  shard.state = shard_state::owned;
  (void)next_steps(view, memory, long_up);
  CHECK(memory.drained.empty());
}

TEST_CASE("a handoff is forced when the owner's lease from before is certainly over") {
  auto view = settled(view_of(1, 4));
  view.nodes.push_back(node_up(2));
  ask(view.shards.front(), 2);
  ask(view.shards.back(), 2);
  auto memory = memory_of(2);
  (void)next_steps(view, memory, long_up);
  CHECK_FALSE(find_change<force_handoff>(steps_after(view, memory, lease_kept_locally)));
  auto steps = steps_after(view, memory, lease - lease_kept_locally);
  REQUIRE(find_change<force_handoff>(steps));
  CHECK(find_change<force_handoff>(steps)->shards.size() == 2);
  row_of(view, 2).state = node_state::draining;
  CHECK_FALSE(find_change<force_handoff>(next_steps(view, memory, long_up + lease)));
}

TEST_CASE("who drains may leave when it owns nothing any more") {
  auto view = settled(view_of(2, 4));
  row_of(view, 2).state = node_state::draining;
  auto memory = memory_of(2);
  auto steps = next_steps(view, memory, long_up);
  CHECK_FALSE(steps.may_leave);
  CHECK(steps.changes.empty());
  for (auto& shard : view.shards)
    if (shard.owner == nth<node_id>(2)) give(shard, nth<node_id>(1));
  CHECK(next_steps(view, memory, long_up).may_leave);
}

TEST_CASE("a node is the last one up when it is up and no other is") {
  auto view = view_of(3, 4);
  CHECK_FALSE(is_last_up(view, nth<node_id>(1)));
  row_of(view, 2).state = node_state::draining;
  CHECK_FALSE(is_last_up(view, nth<node_id>(1)));
  row_of(view, 3).state = node_state::joining;
  CHECK(is_last_up(view, nth<node_id>(1)));
  CHECK_FALSE(is_last_up(view, nth<node_id>(2)));
  CHECK_FALSE(is_last_up(view, nth<node_id>(3)));
  CHECK_FALSE(is_last_up(view, nth<node_id>(9)));
}
