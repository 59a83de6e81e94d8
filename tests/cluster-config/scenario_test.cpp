/// One fault at a time, and how soon a cluster of three is over it. Each is tried with many seeds: where in their
/// cycles the nodes are when it happens is different each time.
#include <catch2/catch_test_macros.hpp>

#include "tests/cluster-config/simulator.hpp"

using namespace dabba;
using namespace dabba::simulation;

namespace {

constexpr std::uint64_t seeds = 60;
constexpr std::uint16_t shard_count = 24;

class scenario {
 public:
  explicit scenario(std::uint64_t seed, std::size_t nodes = 3) : world{seed, shard_count} {
    for (std::size_t i = 0; i < nodes; ++i) world.time.at(world.random.between(0ms, 2s), [this, i] { world.start(i); });
    world.run_until(10s + world.random.between(0ms, 5s));
    REQUIRE(world.is_settled());
  }

  [[nodiscard]] std::size_t moves() const {
    std::size_t out = 0;
    for (std::uint16_t i = 0; i < shard_count; ++i) out += world.checker.moves({i});
    return out;
  }

  /// The longest time for which a shard was not served, from now to the end of `length`.
  moment longest_gap(moment length) {
    auto began = world.time.now();
    std::vector<moment> served_at(shard_count, began);
    moment longest{};
    while (world.step(began + length))
      for (std::uint16_t i = 0; i < shard_count; ++i) {
        if (!world.is_served({i})) continue;
        longest = std::max(longest, world.time.now() - served_at[i]);
        served_at[i] = world.time.now();
      }
    for (auto at : served_at) longest = std::max(longest, began + length - at);
    return longest;
  }

  void isolate(std::size_t machine) {
    for (std::size_t other = 0; other < simulator::machines; ++other) {
      if (other == machine) continue;
      world.cut(machine, other);
      world.cut(other, machine);
    }
  }

  simulator world;
};

/// `what` for each seed, which is named when it fails.
template <class What>
void for_seeds(What what) {
  for (std::uint64_t seed = 1; seed <= seeds; ++seed) {
    INFO("seed " << seed);
    what(seed);
  }
}

}  // namespace

TEST_CASE("the shards of a killed node are served again within two seconds") {
  for_seeds([](auto seed) {
    scenario x{seed};
    x.world.crash(0);
    CHECK(x.longest_gap(10s) <= 2s);
    CHECK(x.world.is_settled());
  });
}

TEST_CASE("the shards of a machine that is lost, with its lock held, are served again within eight seconds") {
  for_seeds([](auto seed) {
    scenario x{seed};
    x.world.crash(1, false);
    CHECK(x.longest_gap(20s) <= 8s);
    CHECK(x.world.is_settled());
  });
}

TEST_CASE("when all nodes are killed at once, those that start serve everything within eight seconds") {
  for_seeds([](auto seed) {
    scenario x{seed};
    for (std::size_t i = 0; i < 3; ++i) {
      x.world.crash(i);
      x.world.start(i);
    }
    CHECK(x.longest_gap(20s) <= 8s);
    CHECK(x.world.is_settled());
  });
}

TEST_CASE("a node that stands still for three seconds loses nothing") {
  for_seeds([](auto seed) {
    scenario x{seed};
    auto moves = x.moves();
    x.world.pause(0);
    x.world.run_for(3s);
    x.world.resume(0);
    x.world.run_for(5s);
    CHECK(x.moves() == moves);
    CHECK(x.world.is_settled());
  });
}

TEST_CASE("a node that stood still for fifteen seconds ends within two") {
  for_seeds([](auto seed) {
    scenario x{seed};
    auto id = x.world.node_on(2)->id();
    x.world.pause(2);
    CHECK(x.longest_gap(15s) <= 8s);
    x.world.resume(2);
    x.world.run_for(2s);
    CHECK((!x.world.node_on(2) || x.world.node_on(2)->id() != id));
    CHECK(x.world.all_served());
  });
}

TEST_CASE("what an isolated node owned is served elsewhere within ten seconds, and nothing else moves") {
  for_seeds([](auto seed) {
    scenario x{seed};
    auto lost = x.world.node_on(1)->id();
    auto owned = std::ranges::count(x.world.database.shards(), std::optional{lost}, &shard_row::owner);
    auto moves = x.moves();
    x.isolate(1);
    x.world.run_for(10s);
    CHECK(x.world.all_served());
    CHECK(x.moves() - moves == static_cast<std::size_t>(owned));
    // Its successor on that machine is connected with nobody: it stays outside.
    x.world.run_for(20s);
    CHECK(x.moves() - moves == static_cast<std::size_t>(owned));
  });
}

TEST_CASE("a link broken in one direction costs one node, and its shards are served elsewhere within ten seconds") {
  for_seeds([](auto seed) {
    scenario x{seed};
    auto moves = x.moves();
    x.world.cut(0, 1);
    x.world.run_for(10s);
    CHECK(x.world.all_served());
    x.world.run_for(20s);
    CHECK(x.world.all_served());
    CHECK(x.moves() - moves == shard_count / 3);
  });
}

TEST_CASE("what a node cut off from the database owned is served elsewhere within ten seconds") {
  for_seeds([](auto seed) {
    scenario x{seed};
    x.world.cut_from_database(0);
    CHECK(x.longest_gap(10s) <= 8s);
    CHECK(x.world.all_served());
    x.world.mend_to_database(0);
    x.world.run_for(15s);
    CHECK(x.world.is_settled());
  });
}

TEST_CASE("a link that flaps every second for a minute moves nothing") {
  for_seeds([](auto seed) {
    scenario x{seed};
    auto moves = x.moves();
    for (int i = 0; i < 30; ++i) {
      x.world.cut(0, 1);
      x.world.cut(1, 0);
      x.world.run_for(1s);
      x.world.mend(0, 1);
      x.world.mend(1, 0);
      x.world.run_for(1s);
    }
    CHECK(x.moves() == moves);
  });
}

TEST_CASE("a database that restarts, or is away for a minute, moves nothing; all is served five seconds after") {
  for (moment away : {moment{300ms}, moment{3s}, moment{60s}})
    for_seeds([away](auto seed) {
      scenario x{seed};
      auto moves = x.moves();
      x.world.stop_database();
      x.world.run_for(away);
      x.world.start_database();
      x.world.run_for(5s);
      CHECK(x.world.is_settled());
      x.world.run_for(10s);
      CHECK(x.moves() == moves);
    });
}

TEST_CASE("when all connections end at once nobody is taken for dead") {
  for_seeds([](auto seed) {
    scenario x{seed};
    auto moves = x.moves();
    x.world.end_all_connections();
    x.world.run_for(15s);
    CHECK(x.moves() == moves);
    CHECK(x.world.is_settled());
  });
}

TEST_CASE("a node that is added gets its share, and no shard pauses for long") {
  for_seeds([](auto seed) {
    scenario x{seed};
    auto moves = x.moves();
    x.world.start(3);
    CHECK(x.longest_gap(15s) <= 1500ms);
    CHECK(x.world.is_settled());
    CHECK(x.moves() - moves == shard_count / 4);
  });
}

TEST_CASE("a node that drains hands everything over and leaves, and no shard pauses for long") {
  for_seeds([](auto seed) {
    scenario x{seed};
    auto moves = x.moves();
    x.world.drain(0);
    CHECK(x.longest_gap(15s) <= 1500ms);
    CHECK_FALSE(x.world.node_on(0));
    CHECK(x.world.is_settled());
    CHECK(x.moves() - moves == shard_count / 3);
  });
}
