/// The program `dabba`: `node` serves, `cluster` shows and steers the nodes of a database, `migrate` brings a database
/// up to date, `account` makes accounts, `token` makes keys and tokens for development. With program/ the composition
/// root: the only place that knows every part.
#include <fmt/core.h>
#include <CLI/CLI.hpp>
#include <cstdlib>

#include "http-edge/program/commands.hpp"
#include "http-edge/program/log.hpp"

namespace {

using namespace dabba;
using program::outcome;

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
      command.add_flag_callback(
          flag, [keep] { keep("true"); }, std::string{option.help});
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
  program::token_options tokens;
  token->add_option("--new-key", tokens.new_key, "make a new P-256 key in this file");
  token->add_option("--signing-key", tokens.signing_key, "the key to sign with");
  token->add_option("--role", tokens.role, "CUSTOMER, RESTAURANT, PARTNER, SUPPORT or ADMIN");
  token->add_option("--subject", tokens.subject, "the caller's UUID; without it a new one");
  token->add_option("--lifetime", tokens.lifetime_seconds, "seconds, at most 900")->check(CLI::Range(1, 900));
  token->add_flag("--batch", tokens.batch, "read lines 'ROLE UUID' and write a token for each");

  auto* accounts = app.add_subcommand("account", "people who sign in");
  accounts->require_subcommand(1);
  auto* create = accounts->add_subcommand("create", "make an account; its password is read from standard input");
  program::account_options person;
  create->add_option("--database", person.database, "PostgreSQL URL")->required();
  create->add_option("--role", person.role, "CUSTOMER, RESTAURANT, PARTNER, SUPPORT or ADMIN")->capture_default_str();
  create->add_option("--email", person.email, "what they sign in with")->required();
  create->add_option("--name", person.name, "their name")->required();

  auto* node = app.add_subcommand("node", "serve");
  node_flags flags;
  add_node_flags(*node, flags);

  auto* cluster = app.add_subcommand("cluster", "the nodes of a database");
  cluster->require_subcommand(1);
  auto* status = cluster->add_subcommand("status", "the nodes and how the shards are shared out");
  auto* nodes = cluster->add_subcommand("nodes", "the same as JSON");
  auto* drain = cluster->add_subcommand("drain", "have a node hand over its shards and end");
  for (auto* each : {status, nodes, drain}) each->add_option("--database", database, "PostgreSQL URL")->required();
  std::string drained_node;
  drain->add_option("node", drained_node, "its id, or the end of it")->required();
  bool force = false;
  drain->add_flag("--force", force, "also the last node that is up, which keeps its shards until another is");

  CLI11_PARSE(app, argc, argv);
  try {
    if (*migrate) return finish(program::migrate_database(database));
    if (*token) return finish(program::make_tokens(tokens));
    if (*create) return finish(program::create_account(person));
    if (*status || *nodes) return finish(program::show_cluster(database, nodes->parsed()));
    if (*drain) return finish(program::drain_node(database, drained_node, force));
    auto options = read_options(flags);
    if (!options) return finish(tl::unexpected{options.error()});
    log_to_stderr(options->log_level);
    return finish(program::run_node(*options));
  } catch (const std::exception& why) {
    return finish(tl::unexpected{std::string{why.what()}});
  }
}
