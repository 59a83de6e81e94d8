/// What an idle order and an idle partner take in memory: their actor, and their places in their shard's tables.
#include <fmt/core.h>
#include <sys/wait.h>
#include <unistd.h>
#include <caf/actor_registry.hpp>
#include <caf/actor_system_config.hpp>
#include <caf/scoped_actor.hpp>
#include <caf/typed_event_based_actor.hpp>
#include <fstream>
#include <thread>

#include "actors/domain/order_machine.hpp"
#include "actors/domain/partner_machine.hpp"
#include "actors/lone_node.hpp"
#include "actors/shard.hpp"
#include "bench/micro/city_points.hpp"
#include "bench/micro/memory_store.hpp"
#include "bench/micro/program.hpp"
#include "bench/micro/report.hpp"
#include "bench/micro/samples.hpp"
#include "protocols/codec.hpp"
#include "protocols/errors.hpp"

namespace {

using namespace dabba;
using namespace dabba::bench;
using namespace std::chrono_literals;

constexpr double bytes_allowed = 4096;
constexpr auto patience = 60s;

/// A region that goes nowhere: entities tell it what they have to tell, and it is forgotten.
local_region_actor::behavior_type dead_end(local_region_actor::pointer self) {
  return {
      [](const envelope&) -> caf::result<reply> { return reply{done{}}; },
      [](locate_partner) -> caf::result<partner_actor> { return caf::make_error(errc::unavailable); },
      [](locate_matchmaker) -> caf::result<matchmaker_actor> { return caf::make_error(errc::unavailable); },
      [](list_zones) { return zone_list{}; },
      [](const session_news&) {},
      [](tick) {},
      [self](stop) { self->quit(); },
      [](const hello&) -> caf::result<welcome> { return caf::make_error(errc::unavailable); },
      [](const view_changed&) {},
      [](link_state) {},
      [](tick_from) {},
      [](flush) {},
      [](const returned&) -> caf::result<reply> { return caf::make_error(errc::unavailable); },
  };
}

/// In the kitchen, with three lines and without a partner yet.
head_record accepted_order(geo_point door, geo_point from) {
  auto now = real_now();
  order state;
  state.id = order_id::make(now);
  auto placed = sample_order(restaurant_id::make(now), sample_profile(7, from), door);
  for (const auto& command : std::vector<order_command>{placed, accept_order{20}}) {
    auto events = decide(state, command, now, order_terms{});
    for (const auto& event : events.value()) apply(state, event, now);
    remember(state.recent, command_id::make(now));
  }
  auto deadline = next_deadline(state);
  return {ref(state.id), state.version, encode(state), deadline ? std::optional{deadline->due} : std::nullopt};
}

head_record online_partner(geo_point, geo_point) {
  auto now = real_now();
  partner state;
  state.id = partner_id::make(now);
  for (const auto& event : decide(state, go_online{{}, now + std::chrono::hours{8}})) apply(state, event);
  remember(state.recent, command_id::make(now));
  return {ref(state.id), state.version, encode(state), std::nullopt};
}

using make_head = head_record (*)(geo_point, geo_point);

/// Bytes of this process.
double resident_memory() {
  std::ifstream file{"/proc/self/statm"};
  std::size_t all = 0;
  std::size_t resident = 0;
  file >> all >> resident;
  return static_cast<double>(resident) * static_cast<double>(sysconf(_SC_PAGESIZE));
}

/// The shards of a node with `count` entities, loaded as after a restart.
class idle_node {
 public:
  idle_node(make_head make, std::size_t count) : count_{count} {
    node_->lease = endless_lease();
    node_->time = std::make_shared<scaled_clock>(real_now(), 1);
    node_->journals.push_back(spawn_journal(system_, [] { return std::make_unique<forgetful_writer>(); }));
    auto open = [make, count, shards = node_->shard_count](shard_id shard) {
      auto places = city_points(2 * (count / shards + 1), shard.value);
      std::vector<head_record> out;
      for (std::size_t i = shard.value; i < count; i += shards)
        out.push_back(make(places[2 * out.size()], places[2 * out.size() + 1]));
      return out;
    };
    node_->readers.push_back(spawn_reader(system_, [open] { return std::make_unique<made_up_reader>(open); }));
    region_ = system_.spawn(dead_end);
  }

  ~idle_node() {
    caf::scoped_actor self{system_};
    auto end = [&](const auto& actor) {
      caf::anon_send(actor, stop{});
      self->wait_for(actor);
    };
    for (const auto& shard : shards_) end(shard);
    end(node_->journals.front());
    end(node_->readers.front());
    end(region_);
  }
  idle_node(const idle_node&) = delete;
  idle_node& operator=(const idle_node&) = delete;

  void load() {
    auto wanted = system_.registry().running() + node_->shard_count + count_;
    for (const auto& shard : all_shards(node_->shard_count))
      shards_.push_back(spawn_shard(system_, node_, region_, shard));
    auto until = std::chrono::steady_clock::now() + patience;
    while (system_.registry().running() < wanted) {
      if (std::chrono::steady_clock::now() > until) throw std::runtime_error{"the entities were not loaded in time"};
      std::this_thread::sleep_for(10ms);
    }
    std::this_thread::sleep_for(300ms);  // for what they say when they start
  }

 private:
  std::size_t count_;
  caf::actor_system_config config_;
  caf::actor_system system_{config_};
  std::shared_ptr<node_context> node_ = std::make_shared<node_context>();
  local_region_actor region_;
  std::vector<shard_actor> shards_;
};

double bytes_per_entity(make_head make, std::size_t count) {
  idle_node node{make, count};
  auto before = resident_memory();
  node.load();
  return (resident_memory() - before) / static_cast<double>(count);
}

/// In a process of its own: an allocator keeps what it was given back, and the next node would take no more.
double measure(make_head make, std::size_t count) {
  int ends[2];
  if (pipe(ends) != 0) throw std::runtime_error{"no pipe"};
  auto child = fork();
  if (child < 0) throw std::runtime_error{"no process"};
  if (child == 0) {
    auto bytes = bytes_per_entity(make, count);
    _exit(write(ends[1], &bytes, sizeof bytes) == sizeof bytes ? 0 : 1);
  }
  close(ends[1]);
  double bytes = 0;
  bool was_told = read(ends[0], &bytes, sizeof bytes) == sizeof bytes;
  close(ends[0]);
  int status = 0;
  waitpid(child, &status, 0);
  if (!was_told || status != 0) throw std::runtime_error{"a node could not be measured"};
  return bytes;
}

int run(const run_options& options) {
  std::size_t count = options.quick ? 5'000 : 100'000;
  std::vector<double> orders;
  std::vector<double> partners;
  for (int round = 1; round <= options.rounds; ++round) {
    fmt::print(stderr, "round {} of {}\n", round, options.rounds);
    orders.push_back(measure(accepted_order, count));
    partners.push_back(measure(online_partner, count));
  }
  // What a few thousand take of whole pages says little.
  auto goal = options.quick ? std::nullopt : std::optional{target{bytes_allowed, false}};
  report out{"memory", fmt::format("memory of {} idle actors", count)};
  out.add("order, resident", "B", orders, goal);
  out.add("partner, resident", "B", partners, goal);
  out.print();
  return 0;
}

}  // namespace

int main(int argc, char** argv) {
  register_message_types();
  register_store_types();
  register_cluster_types();
  return run_program(argc, argv, "memory of idle actors", run);
}
