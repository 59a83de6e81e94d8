/// `dabba node`: makes all the parts and puts them together.
#include <fmt/core.h>
#include <pthread.h>
#include <unistd.h>
#include <array>
#include <caf/actor_system.hpp>
#include <caf/actor_system_config.hpp>
#include <caf/scoped_actor.hpp>
#include <climits>
#include <csignal>
#include <cstdlib>
#include <future>
#include <mutex>
#include <thread>

#include "actors/cluster_port.hpp"
#include "actors/membership.hpp"
#include "actors/periodic_thread.hpp"
#include "actors/region.hpp"
#include "actors/scheduling.hpp"
#include "actors/vital_parts.hpp"
#include "http-edge/edge.hpp"
#include "http-edge/program/cluster_time.hpp"
#include "http-edge/program/commands.hpp"
#include "http-edge/program/database.hpp"
#include "http-edge/program/keys.hpp"
#include "http-edge/program/payments.hpp"
#include "http-edge/program/recent_problem.hpp"
#include "http-edge/program/start_checks.hpp"
#include "persistence/postgres/cluster.hpp"
#include "persistence/postgres/connection_names.hpp"
#include "persistence/postgres/identity.hpp"
#include "persistence/postgres/journal_store.hpp"
#include "persistence/postgres/order_archive.hpp"
#include "persistence/postgres/promotions.hpp"
#include "persistence/postgres/reader.hpp"
#include "protocols/errors.hpp"

namespace dabba::program {
namespace {

constexpr auto shutdown_patience = std::chrono::seconds{10};
constexpr auto join_patience = std::chrono::seconds{60};
/// By so much a node's clock may be off before its operator is told. It is milliseconds on any sound network.
constexpr auto tolerable_uncertainty = std::chrono::milliseconds{100};
/// Of a process that must not go on: sysexits.h's EX_TEMPFAIL, "try again".
constexpr int exit_declared_dead = 75;
/// Of a process that has lost a part it can't do without: EX_SOFTWARE.
constexpr int exit_broken = 70;

/// What the cluster's tables say of it before a node joins.
struct cluster_shape {
  std::uint16_t shards = 0;
  std::shared_ptr<const dabba::clock> time;  // ::clock is the C library's
  std::shared_ptr<const dabba::clock> wall;
  std::string secret;  ///< what all nodes know and nobody else
};

tl::expected<std::uint16_t, std::string> find_shards(const node_options& options, postgres::cluster& tables) {
  auto known = tables.shard_count();
  auto until = std::chrono::steady_clock::now() + join_patience;
  while (options.join && (!known || !*known) && std::chrono::steady_clock::now() < until) {
    std::this_thread::sleep_for(std::chrono::milliseconds{500});
    known = tables.shard_count();
  }
  if (known && *known && options.shards.value_or(**known) == **known) return **known;
  if (known && *known)
    return tl::unexpected{fmt::format("this database was made with {} shards, not {}", **known, *options.shards)};
  if (options.join) return tl::unexpected{std::string{"there is no cluster in this database to join"}};
  auto wanted = options.shards.value_or(limits::shards_default);
  auto made = tables.ensure_shards(wanted);
  if (!made) return tl::unexpected{"the cluster tables can't be made: " + to_string(made.error())};
  return wanted;
}

tl::expected<cluster_shape, std::string> find_shape(const node_options& options) {
  postgres::cluster tables{connect_as(options.database, "dabba start"), report};
  auto shards = find_shards(options, tables);
  if (!shards) return tl::unexpected{shards.error()};
  auto setting = tables.clock(options.clock_scale);
  if (!setting) return tl::unexpected{"the cluster's clock can't be read: " + to_string(setting.error())};
  if (setting->uncertainty > tolerable_uncertainty)
    report(fmt::format("the database answers slowly: this node's clock may be {} ms ahead or behind",
                       setting->uncertainty / std::chrono::milliseconds{1}));
  auto now = time_of(*setting);
  auto secret = postgres::identity{connect_as(options.database, "dabba start"), report}.shared_secret();
  if (!secret) return tl::unexpected{"the cluster's secret can't be read: " + to_string(secret.error())};
  return cluster_shape{*shards, std::make_shared<scaled_clock>(now.platform, setting->scale),
                       std::make_shared<scaled_clock>(now.real, 1), std::move(*secret)};
}

// -- Parts -----------------------------------------------------------------------------------------------------------

std::shared_ptr<node_context> spawn_stores(caf::actor_system& system, const node_options& options,
                                           const cluster_shape& shape, node_id self,
                                           std::shared_ptr<const node_lease> lease) {
  auto node = std::make_shared<node_context>();
  node->self = self;
  node->lease = std::move(lease);
  node->time = shape.time;
  node->orders = options.orders;
  node->dispatch = options.dispatch;
  node->pricing = options.pricing;
  node->report = [](const std::string& what) { spdlog::error("{}", what); };
  node->shard_count = shape.shards;
  auto make_writer = [self, database = options.database] {
    return std::make_unique<postgres::journal_store>(
        self, connect_as(database, postgres::journal_connection_name(self)), report);
  };
  auto make_reader = [database = options.database] {
    return std::make_unique<postgres::reader>(connect_as(database, "dabba reader"), report);
  };
  for (unsigned i = 0; i < options.journal_writers; ++i) node->journals.push_back(spawn_journal(system, make_writer));
  node->readers.push_back(spawn_reader(system, make_reader));
  node->cluster = spawn_cluster(
      system,
      [database = options.database] {
        return std::make_unique<postgres::cluster>(connect_as(database, "dabba shards"), report);
      },
      self);
  return node;
}

void tell_of_cluster(const std::string& what) { spdlog::info("cluster: {}", what); }

std::optional<cluster_certificates> certificates_of(const node_options& options) {
  if (options.cluster_certificate.empty()) return std::nullopt;
  return cluster_certificates{options.cluster_certificate, options.cluster_key, options.cluster_authority};
}

edge_options edge_options_of(const node_options& x, const cluster_shape& shape) {
  edge_options out;
  out.address = x.address;
  out.port = x.port;
  out.admin_port = x.admin_port;
  out.web_root = page_folder(x);
  out.swagger_ui = swagger_ui_folder(x);
  out.open_city = x.open_city;
  out.threads = x.edge_threads;
  out.shard_count = shape.shards;
  out.allowed_origins = x.allowed_origins;
  out.frames_per_second = x.frames_per_second;
  out.trusted_proxies = x.trusted_proxies;
  out.requests_per_second = x.requests_per_second;
  out.sign_ins_per_minute = x.sign_ins_per_minute;
  out.trust_unknown_callers = x.trust_unknown_callers;
  return out;
}

// -- Ends ------------------------------------------------------------------------------------------------------------

constexpr std::array ending_signals{SIGINT, SIGTERM};

/// Until they are blocked the node has nothing that would have to be ended in order. This is a handler and not the
/// default, which the first process of a container does not have.
void end_at_once_on_signals() {
  struct sigaction how {};
  how.sa_handler = [](int) { std::_Exit(0); };
  for (auto each : ending_signals) sigaction(each, &how, nullptr);
}

sigset_t block_ending_signals() {
  sigset_t ending;
  sigemptyset(&ending);
  for (auto each : ending_signals) sigaddset(&ending, each);
  pthread_sigmask(SIG_BLOCK, &ending, nullptr);
  return ending;
}

/// From now on the node has a bounded time to end; another signal, or the end of that time, ends it at once.
void guard_shutdown(sigset_t ending) {
  std::thread{[ending] {
    timespec patience{.tv_sec = shutdown_patience.count(), .tv_nsec = 0};
    sigtimedwait(&ending, nullptr, &patience);
    spdlog::error("ending without waiting for what is under way");
    std::_Exit(1);
  }}.detach();
}

void stop_and_wait(caf::actor_system& system, const auto& actor) {
  caf::scoped_actor self{system};
  self->monitor(actor);
  caf::anon_send(actor, stop{});
  self->receive([](const caf::down_msg&) {}, caf::after(shutdown_patience) >> [] {});
}

[[noreturn]] void end_at_once(const std::string& why, int status) {
  spdlog::critical("ending: {}", why);
  spdlog::default_logger()->flush();
  std::_Exit(status);
}

vital_parts_actor watch(caf::actor_system& system, std::vector<vital_part> parts) {
  return watch_vital_parts(system, std::move(parts), [](const std::string& what) { end_at_once(what, exit_broken); });
}

template <class Actor>
vital_part vital(std::string name, const Actor& who) {
  return {std::move(name), caf::actor_cast<caf::actor>(who)};
}

// -- The node --------------------------------------------------------------------------------------------------------

/// The parts of a running node, made in this order and ended in the other.
class running_node {
 public:
  running_node(caf::actor_system& system, const node_options& options, const cluster_shape& shape)
      : system_{system}, options_{options}, is_encrypted_{certificates_of(options).has_value()} {
    self_ = node_id::make(shape.wall->now());
    node_ = spawn_stores(system, options, shape, self_, lease_);
    dialer_ = spawn_dialer(system, is_encrypted_, tell_of_cluster);
    region_ = spawn_region(system, node_, {true, dialer_});
    std::vector<vital_part> parts{
        vital("the region", region_), vital("the dialer", dialer_), vital("the shards' store", node_->cluster)};
    for (const auto& each : node_->journals) parts.push_back(vital("a journal", each));
    for (const auto& each : node_->readers) parts.push_back(vital("a reader", each));
    watches_.push_back(watch(system_, std::move(parts)));
  }

  [[nodiscard]] const local_region_actor& region() const noexcept { return region_; }
  [[nodiscard]] std::shared_ptr<const node_lease> lease() const noexcept { return lease_; }

  /// Opens the cluster's port and joins.
  outcome join(const std::string& http_url) {
    auto port = open_cluster_port(system_, region_, {options_.cluster_address, options_.cluster_port}, is_encrypted_);
    if (!port) return tl::unexpected{port.error()};
    auto host = options_.cluster_host.empty() ? options_.cluster_address : options_.cluster_host;
    membership_options how;
    how.self = {self_, host, *port, options_.public_url.empty() ? http_url : options_.public_url, protocol_version};
    how.our_lease = lease_;
    how.takes_lock = !options_.lock_free;
    how.must_end = [](const std::string& why) { end_at_once(why, exit_declared_dead); };
    how.has_left = [this] { left_.set_value(); };
    how.report = tell_of_cluster;
    membership_ = spawn_membership(
        system_,
        [database = options_.database] {
          return std::make_unique<postgres::cluster>(connect_as(database, "dabba membership"), report);
        },
        region_, std::move(how));
    watches_.push_back(watch(system_, {vital("membership", membership_)}));
    spdlog::info("node {} joins; the others find it at {}:{}", to_string(self_), host, *port);
    return {};
  }

  /// Waits for a signal, or for an operator to have drained the node.
  void serve_until_told(sigset_t ending) {
    auto left = left_.get_future();
    timespec interval{.tv_sec = 0, .tv_nsec = 100'000'000};
    while (sigtimedwait(&ending, nullptr, &interval) < 0)
      if (left.wait_for(std::chrono::seconds{0}) == std::future_status::ready) return;
    spdlog::info("handing over");
    caf::anon_send(membership_, start_leaving{});
    // A second signal, or the end of the patience: what is not handed over is taken over.
    auto until = std::chrono::steady_clock::now() + std::chrono::seconds{options_.drain_seconds};
    while (left.wait_for(std::chrono::seconds{0}) != std::future_status::ready &&
           std::chrono::steady_clock::now() < until)
      if (sigtimedwait(&ending, nullptr, &interval) >= 0) return;
  }

  /// Every shard finishes its writes, then the journals end.
  void stop_actors() {
    stop_and_wait(system_, region_);
    for (const auto& journal : node_->journals) stop_and_wait(system_, journal);
    for (const auto& reader : node_->readers) stop_and_wait(system_, reader);
    stop_and_wait(system_, node_->cluster);
    // Only now, when nothing is written any more, may others take what is left.
    if (membership_) stop_and_wait(system_, membership_);
    stop_and_wait(system_, dialer_);
  }

 private:
  caf::actor_system& system_;
  const node_options& options_;
  bool is_encrypted_;
  std::shared_ptr<node_lease> lease_ = std::make_shared<node_lease>();
  node_id self_;
  std::shared_ptr<node_context> node_;
  dialer_actor dialer_;
  local_region_actor region_;
  membership_actor membership_;
  std::vector<vital_parts_actor> watches_;
  std::promise<void> left_;
};

edge_services services_of(caf::actor_system& system, const node_options& options, const cluster_shape& shape,
                          const running_node& node, std::shared_ptr<const token_keys> keys) {
  auto tables = std::make_shared<postgres::cluster>(connect_as(options.database, "dabba health"), report);
  auto health = std::make_shared<recent_problem>(*tables);
  auto one_at_a_time = std::make_shared<std::mutex>();
  auto use = [tables, one_at_a_time](auto what) {
    return [=](auto... x) {
      std::lock_guard guard{*one_at_a_time};
      return what(*tables, x...);
    };
  };
  return {
      .system = system,
      .region = node.region(),
      .time = *shape.time,
      .wall = *shape.wall,
      .make_reader = [database = options.database]() -> std::unique_ptr<entity_reader> {
        return std::make_unique<postgres::reader>(connect_as(database, "dabba edge"), report);
      },
      .problem = use([health, lease = node.lease()](postgres::cluster&) -> std::optional<std::string> {
        if (auto problem = health->now()) return problem;
        if (!lease->is_up()) return "this node is on its way into the cluster, or out of it";
        if (!lease->is_valid()) return "this node's lease has run out";
        return std::nullopt;
      }),
      .keys = std::move(keys),
      .read_cluster = use([](postgres::cluster& x) { return x.view(); }),
      .drain_node = use([](postgres::cluster& x, const start_draining& what) { return x.change(what.who, what); }),
      .make_identity = [database = options.database]() -> std::unique_ptr<identity_store> {
        return std::make_unique<postgres::identity>(connect_as(database, "dabba accounts"), report);
      },
      .make_archive = [database = options.database]() -> std::unique_ptr<order_archive> {
        return std::make_unique<postgres::archive>(connect_as(database, "dabba archive"), report);
      },
      .shared_secret = shape.secret,
      .make_promotions = [database = options.database]() -> std::unique_ptr<promotion_store> {
        return std::make_unique<postgres::promotions>(connect_as(database, "dabba promotions"), report);
      }};
}

std::string machine_name() {
  std::array<char, HOST_NAME_MAX + 1> name{};
  if (::gethostname(name.data(), name.size() - 1) != 0) return "localhost";
  return name.data();
}

outcome start_edge(std::optional<edge>& front, const edge_options& options, edge_services services) {
  try {
    front.emplace(options, std::move(services));
    front->start();
    return {};
  } catch (const std::runtime_error& why) {
    return tl::unexpected{std::string{why.what()}};
  }
}

outcome serve(const node_options& options, const std::shared_ptr<token_keys>& keys, const cluster_shape& shape,
              sigset_t ending) {
  caf::actor_system_config config;
  set_scheduling(config, options.actor_threads);
  load_cluster_modules(config, certificates_of(options));
  caf::actor_system system{config};
  running_node node{system, options, shape};
  std::optional<edge> front;
  auto started = start_edge(front, edge_options_of(options, shape), services_of(system, options, shape, node, keys));
  if (started) started = node.join(url_of(options.address, front->port(), machine_name()));
  if (started) {
    periodic_thread reader{between_key_readings, [keys, trouble = std::string{}]() mutable { reload(*keys, trouble); }};
    spdlog::info("serving on http://{}:{}", options.address, front->port());
    if (options.trust_unknown_callers) spdlog::warn("tokens of users who have no account are trusted: for development");
    if (options.open_city) spdlog::warn("the live city is open to everybody who can reach this port");
    node.serve_until_told(ending);
    spdlog::info("stopping");
    guard_shutdown(ending);
    front->stop();
  }
  // Also of a node that can't listen: the actor system waits for its actors.
  node.stop_actors();
  spdlog::info("stopped");
  return started;
}

}  // namespace

outcome run_node(const node_options& options) {
  if (options.database.empty()) return tl::unexpected{std::string{"--database is required"}};
  if (options.signing_key.empty()) return tl::unexpected{std::string{"--signing-key is required"}};
  if (auto usable = check_machine(); !usable) return usable;
  if (auto usable = check_cluster_options(options); !usable) return usable;
  auto payments = load_payments(options.payments, [](const char* variable) { return std::getenv(variable); });
  if (!payments) return tl::unexpected{payments.error()};
  end_at_once_on_signals();  // waiting for the database, or for a cluster to join, takes up to a minute
  auto keys = token_keys::load(key_files{options.signing_key, options.verification_keys});
  if (!keys) return tl::unexpected{keys.error()};
  if (auto usable = check_database(options); !usable) return usable;
  auto shape = find_shape(options);
  if (!shape) return tl::unexpected{shape.error()};
  auto ending = block_ending_signals();  // before any thread is made
  register_message_types();
  register_store_types();
  register_cluster_types();
  register_edge_types();
  return serve(options, std::make_shared<token_keys>(std::move(*keys)), *shape, ending);
}

}  // namespace dabba::program
