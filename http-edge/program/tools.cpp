/// The commands that do one thing and end: `migrate` and `token`.
#include <fmt/core.h>
#include <iostream>

#include "http-edge/program/commands.hpp"
#include "http-edge/program/database.hpp"
#include "http-edge/tokens.hpp"
#include "persistence/postgres/migrate.hpp"
#include "protocols/model/clock.hpp"

namespace dabba::program {

outcome migrate_database(const std::string& database) {
  auto until = within(startup_patience);
  auto connection = postgres::connection::open(connect_as(database, "migrate"), until);
  if (!connection) return tl::unexpected{"the database can't be reached: " + connection.error().message};
  auto applied = postgres::migrate(*connection, postgres::migrations(), until);
  if (!applied) return tl::unexpected{applied.error()};
  fmt::print("{} migrations applied, {} in all\n", *applied, postgres::migrations().size());
  return {};
}

namespace {

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

}  // namespace

outcome make_tokens(const token_options& options) {
  if (!options.new_key.empty()) return token_keys::create(options.new_key).map([](const token_keys&) {});
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

}  // namespace dabba::program
