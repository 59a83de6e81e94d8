/// Who should own which shard: equal shares, and as few moves as that allows.
#include <rapidcheck.h>
#include <catch2/catch_test_macros.hpp>
#include <map>
#include <ranges>

#include "tests/cluster-config/view_maker.hpp"

using namespace dabba;
using namespace dabba::samples;

namespace {

std::map<node_id, std::size_t> shares_of(const cluster_view& view, const std::vector<std::optional<node_id>>& wanted) {
  std::map<node_id, std::size_t> out;
  for (const auto& node : view.nodes)
    if (node.state == node_state::up) out[node.id] = 0;
  for (const auto& owner : wanted)
    if (owner) ++out[*owner];
  return out;
}

void expect_equal_to_one(const std::map<node_id, std::size_t>& shares) {
  auto [least, most] = std::ranges::minmax(std::views::values(shares));
  RC_ASSERT(most - least <= 1U);
}

/// A cluster whose nodes and shards are in any states there can be.
cluster_view any_view() {
  auto view = view_of(*rc::gen::inRange<std::uint64_t>(1, 9), *rc::gen::inRange<std::uint16_t>(1, 70));
  for (auto& node : view.nodes)
    node.state =
        *rc::gen::element(node_state::joining, node_state::up, node_state::up, node_state::draining, node_state::dead);
  // One more than there are: the one whose row is gone.
  auto somebody = [&] { return nth<node_id>(*rc::gen::inRange<std::uint64_t>(1, view.nodes.size() + 2)); };
  for (auto& shard : view.shards) {
    shard.epoch = *rc::gen::inRange<std::uint64_t>(0, 5);
    if (shard.epoch > 0) shard.owner = somebody();
    if (!shard.owner || *rc::gen::inRange(0, 4) > 0) continue;
    shard.state = shard_state::handoff;
    shard.target = somebody();
  }
  return view;
}

cluster_view any_settled_view(std::uint64_t least_nodes) {
  auto view = view_of(*rc::gen::inRange<std::uint64_t>(least_nodes, 9), *rc::gen::inRange<std::uint16_t>(1, 70));
  view = settled(std::move(view));
  // Not always from nothing: nodes went before.
  for (auto gone = *rc::gen::inRange<std::size_t>(0, view.nodes.size() - least_nodes + 1); gone > 0; --gone) {
    view.nodes.erase(view.nodes.begin() + *rc::gen::inRange<std::ptrdiff_t>(0, std::ssize(view.nodes)));
    view = settled(std::move(view));
  }
  return view;
}

}  // namespace

TEST_CASE("whatever the tables hold, everything goes to nodes that are up, in shares that are equal to one shard") {
  CHECK(rc::check([] {
    auto view = any_view();
    auto wanted = fair_shares(view);
    RC_ASSERT(wanted.size() == view.shards.size());
    auto shares = shares_of(view, wanted);
    if (shares.empty()) {
      RC_ASSERT(std::ranges::none_of(wanted, [](const auto& x) { return x.has_value(); }));
      return;
    }
    RC_ASSERT(
        std::ranges::all_of(wanted, [&](const auto& x) { return x && find_node(view, *x)->state == node_state::up; }));
    expect_equal_to_one(shares);
  }));
}

TEST_CASE("a cluster whose shares are fair stays as it is") {
  CHECK(rc::check([] {
    auto view = any_settled_view(1);
    for (const auto& shard : view.shards) RC_ASSERT(shard.owner == fair_shares(view)[shard.id.value]);
  }));
}

TEST_CASE("nodes that read the same tables plan the same: no two of them want one shard") {
  CHECK(rc::check([] {
    auto view = any_view();
    auto wanted = fair_shares(view);
    std::set<shard_id> claimed;
    auto note = [&](node_id who, const std::vector<shard_claim>& claims) {
      for (const auto& claim : claims) {
        RC_ASSERT(claim.epoch == view.shards[claim.id.value].epoch);
        RC_ASSERT(wanted[claim.id.value] == who);
        RC_ASSERT(claimed.insert(claim.id).second);
      }
    };
    for (const auto& node : view.nodes) {
      node_memory memory{.self = node.id, .unreachable = {}, .drained = {}};
      for (const auto& change : next_steps(view, memory, uptime{0}).changes) {
        if (const auto* taken = std::get_if<take_over>(&change)) note(node.id, taken->shards);
        if (const auto* asked = std::get_if<ask_handoff>(&change)) note(node.id, asked->shards);
      }
    }
  }));
}

TEST_CASE("who joins gets its share and nothing else moves") {
  CHECK(rc::check([] {
    auto view = any_settled_view(1);
    view.nodes.push_back(node_up(100));
    auto newcomer = nth<node_id>(100);
    std::size_t moved = 0;
    auto wanted = fair_shares(view);
    for (const auto& shard : view.shards) {
      if (wanted[shard.id.value] == shard.owner) continue;
      RC_ASSERT(wanted[shard.id.value] == newcomer);
      ++moved;
    }
    RC_ASSERT(moved == view.shards.size() / view.nodes.size());
  }));
}

TEST_CASE("who leaves or dies leaves its shards to the others, who keep theirs") {
  CHECK(rc::check([] {
    auto view = any_settled_view(2);
    auto& gone = view.nodes[*rc::gen::inRange<std::size_t>(0, view.nodes.size())];
    gone.state = *rc::gen::element(node_state::dead, node_state::draining);
    auto id = gone.id;
    if (*rc::gen::arbitrary<bool>()) std::erase_if(view.nodes, [&](const node_row& x) { return x.id == id; });
    auto wanted = fair_shares(view);
    for (const auto& shard : view.shards) RC_ASSERT((shard.owner == id) == (wanted[shard.id.value] != shard.owner));
  }));
}

TEST_CASE("looked at again and again while shards move, no more of them move, and each once") {
  CHECK(rc::check([] {
    auto view = any_settled_view(1);
    view.nodes.push_back(node_up(100));
    std::set<shard_id> moved;
    for (auto rounds = view.shards.size(); rounds > 0; --rounds) {
      auto wanted = fair_shares(view);
      for (auto& shard : view.shards) {
        if (shard.state == shard_state::handoff) {
          RC_ASSERT(wanted[shard.id.value] == shard.target);
          if (*rc::gen::arbitrary<bool>()) give(shard, shard.target);
        } else if (wanted[shard.id.value] != shard.owner) {
          RC_ASSERT(wanted[shard.id.value] == nth<node_id>(100));
          if (*rc::gen::inRange(0, 3) > 0) continue;
          RC_ASSERT(moved.insert(shard.id).second);
          ask(shard, 100);
        }
      }
    }
    RC_ASSERT(moved.size() <= view.shards.size() / view.nodes.size());
  }));
}

TEST_CASE("a shard belongs most to different nodes, about equally often") {
  std::map<std::uint64_t, int> first;
  for (std::uint16_t shard = 0; shard < 1000; ++shard) {
    std::uint64_t best = 1;
    for (std::uint64_t n = 2; n <= 4; ++n)
      if (affinity({shard}, nth<node_id>(n)) > affinity({shard}, nth<node_id>(best))) best = n;
    ++first[best];
  }
  for (auto [node, count] : first) {
    CHECK(count > 200);
    CHECK(count < 300);
  }
}
