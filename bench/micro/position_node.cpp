#include <fmt/core.h>
#include <spdlog/spdlog.h>
#include <caf/actor_system_config.hpp>
#include <caf/scoped_actor.hpp>
#include <caf/telemetry/counter.hpp>
#include <caf/telemetry/metric_registry.hpp>
#include <cstdlib>
#include <filesystem>
#include <iostream>

#include "actors/lone_node.hpp"
#include "actors/region.hpp"
#include "actors/scheduling.hpp"
#include "bench/micro/city_points.hpp"
#include "bench/micro/memory_store.hpp"
#include "bench/micro/position_servers.hpp"
#include "http-edge/edge.hpp"
#include "protocols/errors.hpp"

namespace dabba::bench {
namespace {

/// A key that is never written down for longer than it takes to read it.
std::shared_ptr<const token_keys> make_keys() {
  std::string folder = std::filesystem::temp_directory_path() / "dabba-bench-XXXXXX";
  if (mkdtemp(folder.data()) == nullptr) throw std::runtime_error{"no temporary folder"};
  auto made = token_keys::create(std::filesystem::path{folder} / "key.pem");
  std::filesystem::remove_all(folder);
  if (!made) throw std::runtime_error{made.error()};
  return std::make_shared<const token_keys>(std::move(*made));
}

std::shared_ptr<node_context> make_context(caf::actor_system& system) {
  auto out = std::make_shared<node_context>();
  out->lease = endless_lease();
  out->time = std::make_shared<scaled_clock>(real_now(), 1);
  out->journals.push_back(spawn_journal(system, [] { return std::make_unique<forgetful_writer>(); }));
  out->readers.push_back(spawn_reader(system, [] { return std::make_unique<made_up_reader>(); }));
  return out;
}

std::vector<partner_id> bring_online(caf::actor_system& system, const region_actor& region, std::size_t count) {
  caf::scoped_actor self{system};
  std::vector<partner_id> out;
  for (auto at : city_points(count, 8)) {
    auto id = partner_id::make(real_now());
    partner_request request{{command_id::make(real_now()), {}, {}}, id, go_online{at, {}}};
    self->request(region, limits::request_deadline, envelope{ref(id), 0, 0, routed{std::move(request)}})
        .receive([](const reply&) {}, [](const caf::error& why) { throw std::runtime_error{to_string(why)}; });
    out.push_back(id);
  }
  return out;
}

void answer_questions(caf::actor_system& system) {
  auto& counted = system.metrics();
  auto* read = counted.counter_singleton("dabba.edge", "frames-in", "WebSocket messages received.", "1", true);
  auto* indexed =
      counted.counter_singleton("dabba.matchmaker", "positions", "Positions put into the index.", "1", true);
  std::string question;
  while (std::getline(std::cin, question)) {
    fmt::print("{} {}\n", read->value(), indexed->value());
    std::fflush(stdout);
  }
}

}  // namespace

int serve_node(std::size_t partners) {
  spdlog::set_level(spdlog::level::off);
  register_message_types();
  register_store_types();
  register_cluster_types();
  register_edge_types();
  caf::actor_system_config config;
  set_scheduling(config);
  caf::actor_system system{config};
  auto node = make_context(system);
  auto region = spawn_region(system, node, {});
  caf::anon_send(region, lone_view(node->self, all_shards(node->shard_count)));
  auto keys = make_keys();
  edge_options options;
  options.port = 0;
  options.frames_per_second = 0;
  edge front{
      options,
      {.system = system,
       .region = region,
       .time = *node->time,
       .wall = *node->time,
       .make_reader = [] { return std::make_unique<made_up_reader>(); },
       .problem = [] { return std::optional<std::string>{}; },
       .keys = keys,
       .read_cluster = {},
       .drain_node = {},
       .make_identity = {},
       .make_archive = {},
       .shared_secret = "of no account"}};
  front.start();
  fmt::print("port {}\n", front.port());
  for (auto id : bring_online(system, region, partners)) {
    auto token = keys->sign({{id.value}, user_role::partner}, std::chrono::system_clock::now(), limits::token_lifetime);
    fmt::print("token {}\n", token.value());
  }
  fmt::print("ready\n");
  std::fflush(stdout);
  answer_questions(system);
  // Everything here lives in memory only: there is nothing to finish.
  std::_Exit(0);
}

}  // namespace dabba::bench
