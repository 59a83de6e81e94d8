#include "tests/system/support/database.hpp"

#include <unistd.h>

#include <cstdlib>
#include <stdexcept>

#include <libpq-fe.h>

namespace dabba::system_tests {
namespace {

constexpr milliseconds script_patience{90'000};

std::string first_line(const std::string& text) { return text.substr(0, text.find('\n')); }

/// The URL with another database's name in it.
std::string with_database(const std::string& url, const std::string& name) {
  auto host = url.find("//");
  auto path = host == std::string::npos ? host : url.find('/', host + 2);
  if (path == std::string::npos) throw std::runtime_error{"not a PostgreSQL URL with a database: " + url};
  auto query = url.find('?', path);
  return url.substr(0, path + 1) + name + (query == std::string::npos ? "" : url.substr(query));
}

}  // namespace

void queries::closer::operator()(pg_conn* connection) const { PQfinish(connection); }

std::vector<queries::row> queries::rows(const std::string& sql) {
  if (!connection_ || PQstatus(connection_.get()) != CONNECTION_OK) {
    connection_.reset(PQconnectdb(url_.c_str()));
    if (PQstatus(connection_.get()) != CONNECTION_OK) throw std::runtime_error{PQerrorMessage(connection_.get())};
  }
  std::unique_ptr<PGresult, decltype(&PQclear)> result{PQexec(connection_.get(), sql.c_str()), PQclear};
  auto status = PQresultStatus(result.get());
  if (status != PGRES_TUPLES_OK && status != PGRES_COMMAND_OK)
    throw std::runtime_error{sql + ": " + PQerrorMessage(connection_.get())};
  std::vector<row> found(static_cast<std::size_t>(PQntuples(result.get())));
  for (std::size_t r = 0; r < found.size(); ++r)
    for (int c = 0; c < PQnfields(result.get()); ++c)
      found[r].emplace_back(PQgetvalue(result.get(), static_cast<int>(r), c));
  return found;
}

std::vector<std::string> queries::column(const std::string& sql) {
  std::vector<std::string> found;
  for (auto& each : rows(sql)) found.push_back(std::move(each.at(0)));
  return found;
}

std::int64_t queries::number(const std::string& sql) {
  auto found = column(sql);
  if (found.size() != 1) throw std::runtime_error{sql + ": not one row"};
  return std::stoll(found.front());
}

postgres_server::postgres_server() { start(); }

postgres_server::postgres_server(const std::string& primary) : url_{first_line(script({"standby", "--of", primary}))} {}

postgres_server::~postgres_server() {
  try {
    script({"remove"});
  } catch (const std::exception&) {
    // The run's script removes what is left below its temporary folder.
  }
}

std::string postgres_server::script(const std::vector<std::string>& arguments) const {
  std::vector<std::string> command{DABBA_POSTGRES_SCRIPT};
  command.insert(command.end(), arguments.begin(), arguments.end());
  command.insert(command.end(), {"--data", folder()});
  return run_program(command, script_patience);
}

void postgres_server::stop_at_once() { script({"stop", "-m", "immediate"}); }

void postgres_server::start() { url_ = first_line(script({"start"})); }

std::string shared_server() {
  const char* url = std::getenv("DABBA_TEST_DATABASE");
  if (!url || !*url) throw std::runtime_error{"DABBA_TEST_DATABASE names no server; scripts/test.sh sets it"};
  return url;
}

scratch_database::scratch_database(const std::string& server_url) : server_{server_url} {
  static int made = 0;
  name_ = "dabba_system_" + std::to_string(::getpid()) + "_" + std::to_string(++made);
  url_ = with_database(server_, name_);
  queries{server_}.rows("create database " + name_);
}

scratch_database::~scratch_database() {
  try {
    queries{server_}.rows("drop database if exists " + name_ + " with (force)");
  } catch (const std::exception&) {
    // A server that the test has stopped takes the database with it.
  }
}

}  // namespace dabba::system_tests
