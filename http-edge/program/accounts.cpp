/// `dabba account`: accounts made by whoever may use the database.
#include <fmt/core.h>
#include <termios.h>
#include <unistd.h>
#include <iostream>

#include "http-edge/account_requests.hpp"
#include "http-edge/json_writer.hpp"
#include "http-edge/passwords.hpp"
#include "http-edge/program/cluster_time.hpp"
#include "http-edge/program/commands.hpp"
#include "http-edge/program/database.hpp"
#include "persistence/postgres/cluster.hpp"
#include "persistence/postgres/identity.hpp"
#include "persistence/postgres/migrate.hpp"
#include "protocols/model/clock.hpp"

namespace dabba::program {
namespace {

constexpr const char* our_name = "dabba account";

/// What is typed is not shown while this lives, when it is typed.
class hidden_input {
 public:
  hidden_input() : is_terminal_{::isatty(STDIN_FILENO) == 1 && ::tcgetattr(STDIN_FILENO, &before_) == 0} {
    if (!is_terminal_) return;
    fmt::print(stderr, "password: ");
    auto hidden = before_;
    hidden.c_lflag &= ~static_cast<tcflag_t>(ECHO);
    ::tcsetattr(STDIN_FILENO, TCSAFLUSH, &hidden);
  }
  ~hidden_input() {
    if (!is_terminal_) return;
    ::tcsetattr(STDIN_FILENO, TCSAFLUSH, &before_);
    fmt::print(stderr, "\n");
  }
  hidden_input(const hidden_input&) = delete;
  hidden_input& operator=(const hidden_input&) = delete;

 private:
  termios before_{};
  bool is_terminal_;
};

std::string read_password() {
  std::string password;
  hidden_input silence;
  std::getline(std::cin, password);
  return password;
}

/// With the same rules as over HTTP.
tl::expected<http::registration, std::string> read_person(const account_options& options) {
  auto body = http::parse_json(http::json_text_of([&](http::json_object& out) {
    out.put("role", options.role).put("email", options.email).put("name", options.name);
    out.put("password", read_password());
  }));
  if (!body) return tl::unexpected{std::string{"what was given is no text in UTF-8"}};
  auto read = http::read_registration(*body);
  if (read) return std::move(*read);
  std::string problems;
  for (const auto& each : read.error())
    problems += (problems.empty() ? "" : "; ") + each.pointer.substr(1) + ' ' + each.message;
  return tl::unexpected{problems};
}

/// The first node starts the platform's clock with the present: before that they are the same.
tl::expected<instant, std::string> platform_now(const std::string& database) {
  postgres::cluster tables{connect_as(database, our_name), report};
  auto shards = tables.shard_count();
  if (shards && !*shards) return real_now();
  auto setting = tables.clock(std::nullopt);
  if (!setting) return tl::unexpected{"the cluster's clock can't be read: " + to_string(setting.error())};
  return time_of(*setting).platform;
}

outcome check_schema(const std::string& database) {
  auto until = within(startup_patience);
  auto connection = postgres::connection::open(connect_as(database, our_name), until);
  if (!connection) return tl::unexpected{"the database can't be reached: " + connection.error().message};
  if (auto problem = postgres::schema_problem(*connection, until))
    return tl::unexpected{*problem + " (run dabba migrate first)"};
  return {};
}

}  // namespace

outcome create_account(const account_options& options) {
  if (auto usable = check_schema(options.database); !usable) return usable;
  auto person = read_person(options);
  if (!person) return tl::unexpected{person.error()};
  auto now = platform_now(options.database);
  if (!now) return tl::unexpected{now.error()};
  new_account made;
  made.who.id = user_id::make(*now);
  made.who.role = person->role;
  made.who.email = person->email;
  made.who.name = person->name;
  made.who.created_at = *now;
  made.password_hash = hash_password(person->password, {});
  auto done = postgres::identity{connect_as(options.database, our_name), report}.create_account(made);
  if (!done && done.error() == errc::email_taken)
    return tl::unexpected{std::string{"another account has this e-mail address"}};
  if (!done) return tl::unexpected{"the account can't be made: " + to_string(done.error())};
  fmt::print("{}\n", to_string(made.who.id));
  return {};
}

}  // namespace dabba::program
