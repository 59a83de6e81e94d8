/// What a node says of the changes it made.
#include "actors/change_log.hpp"

#include <caf/actor_system.hpp>
#include <caf/actor_system_config.hpp>
#include <catch2/catch_test_macros.hpp>

#include "tests/protocols/samples.hpp"

using namespace dabba;

namespace {

std::vector<shard_claim> claims(std::size_t count) { return std::vector<shard_claim>(count); }

}  // namespace

TEST_CASE("shards that come and go are said together and counted, nodes are said at once") {
  caf::actor_system_config config;
  caf::actor_system system{config};
  membership_metrics counted{system.metrics()};
  std::vector<std::string> said;
  change_log log{[&](const std::string& x) { said.push_back(x); }, counted};
  log.say();
  CHECK(said.empty());
  for (int i = 0; i < 3; ++i) log.note(ask_handoff{claims(8)});
  log.note(take_over{claims(100)});
  log.note(declare_dead{samples::nth<node_id>(1), death::lock_lost});
  REQUIRE(said.size() == 1);
  CHECK(said[0] == "declared node " + to_string(samples::nth<node_id>(1)) + " dead: lock lost");
  log.say();
  REQUIRE(said.size() == 2);
  CHECK(said[1] == "shards: asked for 24, took over 100");
  log.say();
  CHECK(said.size() == 2);
  CHECK(counted.moves["handed_in"].value() == 24);
  CHECK(counted.moves["taken_over"].value() == 100);
  CHECK(counted.moves["forced"].value() == 0);
}
