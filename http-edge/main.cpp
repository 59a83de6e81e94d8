/// The program `dabba`: `node` serves, `migrate` brings a database up to date, `token` makes keys and tokens for
/// development. The composition root: the only place that knows every part.
#include <CLI/CLI.hpp>
#include <caf/actor_system.hpp>
#include <caf/actor_system_config.hpp>
#include <caf/scoped_actor.hpp>
#include <csignal>
#include <cstdlib>
#include <fmt/core.h>
#include <iostream>
#include <mutex>
#include <nlohmann/json.hpp>
#include <optional>
#include <pthread.h>
#include <spdlog/pattern_formatter.h>
#include <spdlog/sinks/stdout_sinks.h>
#include <spdlog/spdlog.h>
#include <thread>
#include <unistd.h>

#include "actors/region.hpp"
#include "actors/scheduling.hpp"
#include "cluster-config/options.hpp"
#include "http-edge/edge.hpp"
#include "http-edge/tokens.hpp"
#include "persistence/postgres/cluster.hpp"
#include "persistence/postgres/journal_store.hpp"
#include "persistence/postgres/migrate.hpp"
#include "persistence/postgres/reader.hpp"
#include "protocols/errors.hpp"

namespace {

using namespace dabba;
using outcome = tl::expected<void, std::string>;

constexpr auto startup_patience = std::chrono::seconds{30};
constexpr auto shutdown_patience = std::chrono::seconds{10};

postgres::deadline within(std::chrono::seconds patience) { return std::chrono::steady_clock::now() + patience; }

postgres::connect_options connect_as(const std::string& database, const std::string& name) {
  return {.url = database, .application_name = "dabba " + name, .settings = {}};
}

void report(const std::string& what) { spdlog::warn("database: {}", what); }

/// The message as a JSON string, whatever is in it.
class quoted_message final : public spdlog::custom_flag_formatter {
 public:
  void format(const spdlog::details::log_msg& what, const std::tm&, spdlog::memory_buf_t& into) override {
    auto quoted = nlohmann::json(std::string_view{what.payload.data(), what.payload.size()})
                      .dump(-1, ' ', false, nlohmann::json::error_handler_t::replace);
    into.append(quoted.data(), quoted.data() + quoted.size());
  }
  [[nodiscard]] std::unique_ptr<custom_flag_formatter> clone() const override {
    return std::make_unique<quoted_message>();
  }
};

/// One JSON object a line.
void log_to_stderr(const std::string& level) {
  auto formatter = std::make_unique<spdlog::pattern_formatter>();
  formatter->add_flag<quoted_message>('*').set_pattern(R"({"at":"%Y-%m-%dT%H:%M:%S.%e%z","level":"%l","message":%*})");
  auto logger = spdlog::stderr_logger_mt("dabba");
  logger->set_formatter(std::move(formatter));
  logger->set_level(spdlog::level::from_str(level));
  logger->flush_on(spdlog::level::info);
  spdlog::set_default_logger(std::move(logger));
}

// -- migrate ---------------------------------------------------------------------------------------------------------

outcome migrate_database(const std::string& database) {
  auto until = within(startup_patience);
  auto connection = postgres::connection::open(connect_as(database, "migrate"), until);
  if (!connection) return tl::unexpected{"the database can't be reached: " + connection.error().message};
  auto applied = postgres::migrate(*connection, postgres::migrations(), until);
  if (!applied) return tl::unexpected{applied.error()};
  fmt::print("{} migrations applied, {} in all\n", *applied, postgres::migrations().size());
  return {};
}

// -- token -----------------------------------------------------------------------------------------------------------

struct token_options {
  std::string new_key;
  std::string signing_key;
  std::string role = "ADMIN";
  std::string subject;
  bool batch = false;
  int lifetime_seconds = 900;
};

outcome print_token(const token_keys& keys, const std::string& role, const std::string& subject, int seconds) {
  auto parsed_role = parse_enum<user_role>(role);
  if (!parsed_role) return tl::unexpected{"unknown role '" + role + "'"};
  auto who = parse_uuid(subject);
  if (!who) return tl::unexpected{"'" + subject + "' is not a UUID"};
  auto token = keys.sign({{*who}, *parsed_role}, std::chrono::system_clock::now(), std::chrono::seconds{seconds});
  if (!token) return tl::unexpected{token.error()};
  fmt::print("{}\n", *token);
  return {};
}

outcome make_tokens(const token_options& options) {
  if (!options.new_key.empty())
    return token_keys::create(options.new_key).map([](const token_keys&) {});
  auto keys = token_keys::load(options.signing_key);
  if (!keys) return tl::unexpected{keys.error()};
  if (!options.batch) {
    auto subject = options.subject.empty() ? to_string(make_uuid_v7(real_now())) : options.subject;
    return print_token(*keys, options.role, subject, options.lifetime_seconds);
  }
  std::string role;
  std::string subject;
  while (std::cin >> role >> subject)
    if (auto done = print_token(*keys, role, subject, options.lifetime_seconds); !done) return done;
  return {};
}

// -- node ------------------------------------------------------------------------------------------------------------

outcome check_database(const node_options& options) {
  auto until = within(startup_patience);
  auto connection = postgres::connection::open(connect_as(options.database, "start"), until);
  if (!connection) return tl::unexpected{"the database can't be reached: " + connection.error().message};
  if (auto problem = postgres::schema_problem(*connection, until))
    return tl::unexpected{*problem + " (run: dabba migrate --database URL)"};
  return postgres::check_durability(*connection, options.allow_unsafe_database, until);
}

/// What a node needs of the cluster tables before it starts.
struct cluster_place {
  node_id self;
  std::vector<owned_shard> shards;
  std::shared_ptr<const dabba::clock> time;  // ::clock is the C library's
};

tl::expected<cluster_place, std::string> join_cluster(const node_options& options, postgres::cluster& tables) {
  auto text = [](errc why) { return "the cluster tables can't be used: " + to_string(why); };
  if (auto done = tables.ensure_shards(options.shards); !done) {
    if (done.error() == errc::invalid_argument)
      return tl::unexpected{"this database was made with another number of shards than " +
                            std::to_string(options.shards)};
    return tl::unexpected{text(done.error())};
  }
  auto setting = tables.clock(options.clock_scale, real_now());
  if (!setting) return tl::unexpected{text(setting.error())};
  auto passed = static_cast<double>((real_now() - setting->real_anchor).count()) * setting->scale;
  auto now = setting->platform_anchor + duration{static_cast<std::int64_t>(passed)};
  auto self = node_id::make(real_now());
  auto shards = tables.take_all_shards(self, "http://" + options.address + ":" + std::to_string(options.port));
  if (!shards) return tl::unexpected{text(shards.error())};
  return cluster_place{self, std::move(*shards), std::make_shared<scaled_clock>(now, setting->scale)};
}

std::shared_ptr<node_context> spawn_stores(caf::actor_system& system, const node_options& options,
                                           const cluster_place& place) {
  auto node = std::make_shared<node_context>();
  node->time = place.time;
  node->orders = options.orders;
  node->dispatch = options.dispatch;
  node->shard_count = options.shards;
  auto make_writer = [self = place.self, database = options.database] {
    return std::make_unique<postgres::journal_store>(self, connect_as(database, "journal"), report);
  };
  auto make_reader = [database = options.database] {
    return std::make_unique<postgres::reader>(connect_as(database, "reader"), report);
  };
  for (unsigned i = 0; i < options.journal_writers; ++i) node->journals.push_back(spawn_journal(system, make_writer));
  node->readers.push_back(spawn_reader(system, make_reader));
  node->cluster = spawn_cluster(
      system,
      [database = options.database] {
        return std::make_unique<postgres::cluster>(connect_as(database, "cluster"), report);
      },
      place.self);
  return node;
}

edge_options edge_options_of(const node_options& x) {
  edge_options out;
  out.address = x.address;
  out.port = x.port;
  out.admin_port = x.admin_port;
  out.web_root = x.web_root;
  out.open_city = x.open_city;
  out.threads = x.edge_threads;
  out.shard_count = x.shards;
  out.allowed_origins = x.allowed_origins;
  out.frames_per_second = x.frames_per_second;
  return out;
}

sigset_t block_ending_signals() {
  sigset_t ending;
  sigemptyset(&ending);
  sigaddset(&ending, SIGINT);
  sigaddset(&ending, SIGTERM);
  pthread_sigmask(SIG_BLOCK, &ending, nullptr);
  return ending;
}

/// From the first signal on the node has a bounded time to end; a second signal, or the end of that time, ends it now.
void guard_shutdown(sigset_t ending) {
  std::thread{[ending] {
    timespec patience{.tv_sec = shutdown_patience.count(), .tv_nsec = 0};
    sigtimedwait(&ending, nullptr, &patience);
    spdlog::error("ending without waiting for what is under way");
    std::_Exit(1);
  }}.detach();
}

/// Waits until the region has ended, then lets the journals write what is queued.
void stop_actors(caf::actor_system& system, const node_context& node, const region_actor& region) {
  caf::scoped_actor self{system};
  auto wait_for = [&](const auto& actor) {
    self->monitor(actor);
    caf::anon_send(actor, stop{});
    self->receive([](const caf::down_msg&) {}, caf::after(shutdown_patience) >> [] {});
  };
  wait_for(region);
  for (const auto& journal : node.journals) wait_for(journal);
  for (const auto& reader : node.readers) wait_for(reader);
  wait_for(node.cluster);
}

outcome start_edge(std::optional<edge>& front, const node_options& options, edge_services services) {
  try {
    front.emplace(edge_options_of(options), std::move(services));
    front->start();
    return {};
  } catch (const std::runtime_error& why) {
    return tl::unexpected{std::string{why.what()}};
  }
}

outcome serve(const node_options& options, std::shared_ptr<const token_keys> keys, const cluster_place& place,
              sigset_t ending) {
  caf::actor_system_config config;
  set_scheduling(config, options.actor_threads);
  caf::actor_system system{config};
  auto node = spawn_stores(system, options, place);
  auto region = spawn_region(system, node, {place.shards, true});
  auto tables = std::make_shared<postgres::cluster>(connect_as(options.database, "health"), report);
  auto one_at_a_time = std::make_shared<std::mutex>();
  edge_services services{
      .system = system,
      .region = region,
      .time = *place.time,
      .make_reader = [database = options.database]() -> std::unique_ptr<entity_reader> {
        return std::make_unique<postgres::reader>(connect_as(database, "edge"), report);
      },
      .problem =
          [tables, one_at_a_time] {
            std::lock_guard guard{*one_at_a_time};
            return tables->problem();
          },
      .keys = std::move(keys)};
  std::optional<edge> front;
  auto started = start_edge(front, options, std::move(services));
  if (started) {
    spdlog::info("serving on http://{}:{}", options.address, front->port());
    if (options.open_city) spdlog::warn("the live city is open to everybody who can reach this port");
    int received = 0;
    sigwait(&ending, &received);
    spdlog::info("stopping");
    guard_shutdown(ending);
    front->stop();
  }
  // Also of a node that can't listen: the actor system waits for its actors.
  stop_actors(system, *node, region);
  spdlog::info("stopped");
  return started;
}

outcome run_node(const node_options& options) {
  if (options.database.empty()) return tl::unexpected{std::string{"--database is required"}};
  if (options.signing_key.empty()) return tl::unexpected{std::string{"--signing-key is required"}};
  auto ending = block_ending_signals();  // before any thread is made
  auto keys = token_keys::load(options.signing_key);
  if (!keys) return tl::unexpected{keys.error()};
  if (auto usable = check_database(options); !usable) return usable;
  postgres::cluster tables{connect_as(options.database, "start"), report};
  auto place = join_cluster(options, tables);
  if (!place) return tl::unexpected{place.error()};
  register_message_types();
  register_store_types();
  register_edge_types();
  return serve(options, std::make_shared<const token_keys>(std::move(*keys)), *place, ending);
}

// -- The command line ------------------------------------------------------------------------------------------------

/// Flags are collected first and applied last, over the file and the environment.
struct node_flags {
  std::string config_file;
  std::vector<std::pair<std::string, std::string>> given;
};

void add_node_flags(CLI::App& command, node_flags& into) {
  command.add_option("--config", into.config_file, "a TOML file of the settings below");
  for (const auto& option : option_table()) {
    auto flag = "--" + std::string{option.name};
    auto keep = [&into, name = std::string{option.name}](const std::string& value) {
      into.given.emplace_back(name, value);
    };
    if (option.is_switch)
      command.add_flag_callback(flag, [keep] { keep("true"); }, std::string{option.help});
    else
      command.add_option_function<std::string>(flag, keep, std::string{option.help});
  }
}

tl::expected<node_options, std::string> read_options(const node_flags& flags) {
  node_options out;
  if (!flags.config_file.empty())
    if (auto done = read_toml(out, flags.config_file); !done) return tl::unexpected{done.error()};
  auto environment = read_environment(out, [](const std::string& variable) { return std::getenv(variable.c_str()); });
  if (!environment) return tl::unexpected{environment.error()};
  for (const auto& [name, value] : flags.given)
    if (auto done = set_option(out, name, value); !done) return tl::unexpected{"--" + done.error()};
  return out;
}

int finish(const outcome& done) {
  if (done) return 0;
  fmt::print(stderr, "dabba: {}\n", done.error());
  return 1;
}

}  // namespace

int main(int argc, char** argv) {
  CLI::App app{"Dabba: food ordering and delivery"};
  app.require_subcommand(1);

  auto* migrate = app.add_subcommand("migrate", "bring a database to this build's schema");
  std::string database;
  migrate->add_option("--database", database, "PostgreSQL URL")->required();

  auto* token = app.add_subcommand("token", "make keys and access tokens for development");
  token_options tokens;
  token->add_option("--new-key", tokens.new_key, "make a new P-256 key in this file");
  token->add_option("--signing-key", tokens.signing_key, "the key to sign with");
  token->add_option("--role", tokens.role, "CUSTOMER, RESTAURANT, PARTNER, SUPPORT or ADMIN");
  token->add_option("--subject", tokens.subject, "the caller's UUID; without it a new one");
  token->add_option("--lifetime", tokens.lifetime_seconds, "seconds, at most 900")->check(CLI::Range(1, 900));
  token->add_flag("--batch", tokens.batch, "read lines 'ROLE UUID' and write a token for each");

  auto* node = app.add_subcommand("node", "serve");
  node_flags flags;
  add_node_flags(*node, flags);

  CLI11_PARSE(app, argc, argv);
  try {
    if (*migrate) return finish(migrate_database(database));
    if (*token) return finish(make_tokens(tokens));
    auto options = read_options(flags);
    if (!options) return finish(tl::unexpected{options.error()});
    log_to_stderr(options->log_level);
    return finish(run_node(*options));
  } catch (const std::exception& why) {
    return finish(tl::unexpected{std::string{why.what()}});
  }
}
