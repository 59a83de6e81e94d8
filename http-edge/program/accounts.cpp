/// `dabba account`: accounts made by whoever may use the database.
#include <fmt/core.h>
#include <termios.h>
#include <unistd.h>
#include <iostream>

#include "http-edge/account_requests.hpp"
#include "http-edge/passwords.hpp"
#include "http-edge/program/commands.hpp"
#include "http-edge/program/database.hpp"
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

tl::expected<std::string, std::string> read_password() {
  std::string password;
  {
    hidden_input silence;
    std::getline(std::cin, password);
  }
  if (auto problem = http::password_problem(password)) return tl::unexpected{"a password " + *problem};
  return password;
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
  auto role = parse_enum<user_role>(options.role);
  if (!role) return tl::unexpected{"unknown role '" + options.role + "'"};
  auto email = normalised_email(options.email);
  if (!email) return tl::unexpected{"'" + options.email + "' is no e-mail address"};
  if (options.name.empty() || options.name.size() > limits::name_chars)
    return tl::unexpected{"a name has 1 to " + std::to_string(limits::name_chars) + " characters"};
  if (auto usable = check_schema(options.database); !usable) return usable;
  auto password = read_password();
  if (!password) return tl::unexpected{password.error()};
  new_account made;
  made.who.id = user_id::make(real_now());
  made.who.role = *role;
  made.who.email = *email;
  made.who.name = options.name;
  made.who.created_at = real_now();
  made.password_hash = hash_password(*password, {});
  auto done = postgres::identity{connect_as(options.database, our_name), report}.create_account(made);
  if (!done && done.error() == errc::email_taken)
    return tl::unexpected{std::string{"another account has this e-mail address"}};
  if (!done) return tl::unexpected{"the account can't be made: " + to_string(done.error())};
  fmt::print("{}\n", to_string(made.who.id));
  return {};
}

}  // namespace dabba::program
