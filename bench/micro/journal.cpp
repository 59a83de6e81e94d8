/// Durable order transitions per second, from the region to PostgreSQL's commit and back, beside pgbench inserting one
/// row per transaction on the same server. DABBA_BENCH_DATABASE is the URL of a superuser.
#include <fmt/core.h>
#include <sys/resource.h>
#include <caf/actor_system_config.hpp>
#include <caf/scoped_actor.hpp>
#include <map>

#include "actors/lone_node.hpp"
#include "actors/region.hpp"
#include "actors/scheduling.hpp"
#include "bench/micro/bare_journal.hpp"
#include "bench/micro/order_traffic.hpp"
#include "bench/micro/own_database.hpp"
#include "bench/micro/peer_journal.hpp"
#include "bench/micro/program.hpp"
#include "bench/micro/report.hpp"
#include "bench/micro/rounds.hpp"
#include "persistence/postgres/cluster.hpp"
#include "persistence/postgres/journal_store.hpp"
#include "persistence/postgres/reader.hpp"
#include "protocols/errors.hpp"

namespace {

using namespace dabba;
using namespace dabba::bench;
using namespace std::chrono_literals;

constexpr unsigned journal_writers = 2;  // a node's default
constexpr std::size_t many_in_flight = 512;
constexpr std::size_t few_in_flight = 64;
constexpr double times_pgbench = 1.5;

constexpr auto count_transitions = "select count(*) from ordering.journal where entity_kind = 0 and command_index = 0";

struct sizes {
  std::size_t orders = 5000;
  std::chrono::seconds turn{2};
};

void say(const std::string& what) { fmt::print(stderr, "database: {}\n", what); }

/// Of all threads of this process, in the kernel too.
double processor_seconds() {
  struct rusage used {};
  getrusage(RUSAGE_SELF, &used);
  auto seconds = [](const timeval& x) { return static_cast<double>(x.tv_sec) + static_cast<double>(x.tv_usec) * 1e-6; };
  return seconds(used.ru_utime) + seconds(used.ru_stime);
}

/// For the only node of a new cluster.
std::vector<owned_shard> take_all_shards(cluster_store& tables, node_id self, std::uint16_t count) {
  auto changed = [&](const cluster_change& what) { return tables.change(self, what).value_or(false); };
  bool is_up = tables.ensure_shards(count) && tables.join({self, "127.0.0.1", 1, "", protocol_version});
  auto view = tables.view();
  take_over all;
  for (const auto& shard : view->shards) all.shards.push_back({shard.id, shard.epoch});
  if (!is_up || !view || !changed(come_up{view->version}) || !changed(all))
    throw std::runtime_error{"the shards can't be had"};
  std::vector<owned_shard> taken;
  for (const auto& shard : all.shards) taken.push_back({shard.id, shard.epoch + 1});
  return taken;
}

/// A node without an edge, on a database of its own.
class node {
 public:
  node(const own_database& database, std::size_t orders) : database_{database} {
    postgres::cluster tables{database.options(), say};
    auto self = node_id::make(real_now());
    shards_ = take_all_shards(tables, self, context_->shard_count);
    context_->self = self;
    context_->lease = endless_lease();
    context_->time = std::make_shared<scaled_clock>(real_now(), 1);
    make_writer_ = [self, options = database.options()] {
      return std::make_unique<postgres::journal_store>(self, options, say);
    };
    for (unsigned i = 0; i < journal_writers; ++i) context_->journals.push_back(spawn_journal(system_, make_writer_));
    context_->readers.push_back(spawn_reader(
        system_, [options = database.options()] { return std::make_unique<postgres::reader>(options, say); }));
    region_ = spawn_region(system_, context_, {});
    caf::anon_send(region_, lone_view(self, shards_));
    traffic_ = std::make_unique<order_traffic>(system_, region_, orders);
    auto writer = make_writer_();
    for (const auto& shard : shards_) writer->own(shard.id, shard.epoch);
    bare_ = std::make_unique<bare_journal>(std::move(writer), shards_, orders);
  }

  ~node() {
    caf::scoped_actor self{system_};
    auto end = [&](const auto& actor) {
      caf::anon_send(actor, stop{});
      self->wait_for(actor);
    };
    end(region_);
    for (const auto& journal : context_->journals) end(journal);
    for (const auto& reader : context_->readers) end(reader);
  }
  node(const node&) = delete;
  node& operator=(const node&) = delete;

  double transitions_per_second(std::size_t in_flight, std::chrono::milliseconds time) {
    auto before = processor_seconds();
    auto count = traffic_->run(in_flight, time);
    if (count.refused > 0) throw std::runtime_error{fmt::format("{} commands were refused", count.refused)};
    processor_us_[in_flight].push_back((processor_seconds() - before) * 1e6 / static_cast<double>(count.transitions));
    return static_cast<double>(count.transitions) / count.seconds;
  }
  double bare_commands_per_second(std::chrono::milliseconds time) { return bare_->commands_per_second(time); }

  /// That this process took for each transition, in each turn.
  [[nodiscard]] const std::vector<double>& processor_us(std::size_t in_flight) const {
    return processor_us_.at(in_flight);
  }

  /// Every transition that was counted is in the journal, and no other.
  void check() const {
    auto counted = traffic_->total() + bare_->total();
    auto written = static_cast<std::uint64_t>(database_.number(count_transitions));
    if (counted != written)
      throw std::runtime_error{fmt::format("{} transitions were counted, {} are in the journal", counted, written)};
  }

 private:
  const own_database& database_;
  struct scheduling : caf::actor_system_config {
    scheduling() { set_scheduling(*this); }
  } config_;
  caf::actor_system system_{config_};
  std::shared_ptr<node_context> context_ = std::make_shared<node_context>();
  std::vector<owned_shard> shards_;
  writer_factory make_writer_;
  local_region_actor region_;
  std::unique_ptr<order_traffic> traffic_;
  std::unique_ptr<bare_journal> bare_;
  std::map<std::size_t, std::vector<double>> processor_us_;
};

void run_on(const std::string& server, const run_options& options) {
  sizes chosen;
  if (options.quick) chosen = {600, 1s};
  own_database database{server};
  peer_journal peer{database};
  node ours{database, chosen.orders};
  std::vector<contender> all{
      {"order actors, 512 in flight", [&] { return ours.transitions_per_second(many_in_flight, chosen.turn); }},
      {"pgbench, 32 clients", [&] { return peer.transactions_per_second(chosen.turn); }},
      {"order actors, 64 in flight", [&] { return ours.transitions_per_second(few_in_flight, chosen.turn); }},
      {"journal store alone, batches of 256", [&] { return ours.bare_commands_per_second(chosen.turn); }}};
  take_turns(all, options.rounds);
  ours.check();
  report out{"journal", fmt::format("durable order transitions, {} orders", chosen.orders)};
  for (const auto& x : all) out.add(x.name, "1/s", x.figures);
  out.add("512 in flight, the node's processor time", "us", ours.processor_us(many_in_flight));
  out.add("512 in flight, times pgbench", "ratio", ratios(all[0].figures, all[1].figures), target{times_pgbench});
  out.add("64 in flight, times pgbench", "ratio", ratios(all[2].figures, all[1].figures));
  out.add("journal store alone, times pgbench", "ratio", ratios(all[3].figures, all[1].figures));
  out.note("PostgreSQL " + database.text("select current_setting('server_version')") + ", fsync on");
  out.note("Every transition counted is in the journal.");
  out.print();
}

int run(const run_options& options) {
  auto server = environment("DABBA_BENCH_DATABASE");
  // scripts/test.sh sets only the other one.
  if (!server && options.quick) server = environment("DABBA_TEST_DATABASE");
  if (!server) {
    fmt::print("DABBA_BENCH_DATABASE is not set: nothing to write to\n");
    return skipped;
  }
  run_on(*server, options);
  return 0;
}

}  // namespace

int main(int argc, char** argv) {
  register_message_types();
  register_store_types();
  register_cluster_types();
  return run_program(argc, argv, "durable order transitions", run);
}
