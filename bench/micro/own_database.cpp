#include "bench/micro/own_database.hpp"

#include <fmt/core.h>
#include <unistd.h>
#include <stdexcept>

#include "persistence/postgres/durability.hpp"
#include "persistence/postgres/migrate.hpp"

namespace dabba::bench {
namespace {

constexpr std::chrono::seconds patience{30};

postgres::deadline soon() { return std::chrono::steady_clock::now() + patience; }

/// libpq takes the last value of a parameter that is given twice.
std::string with_database(const std::string& server, const std::string& name) {
  if (server.find("://") == std::string::npos) return server + " dbname=" + name;
  return server + (server.find('?') == std::string::npos ? "?" : "&") + "dbname=" + name;
}

postgres::connection open(const std::string& url) {
  auto out = postgres::connection::open({.url = url, .application_name = "bench", .settings = {}}, soon());
  if (!out) throw std::runtime_error{"PostgreSQL: " + out.error().message};
  return std::move(*out);
}

void run(const std::string& url, const std::string& sql) {
  auto done = open(url).execute(sql, soon());
  if (!done) throw std::runtime_error{sql + ": " + done.error().message};
}

template <class T>
auto first_field(const std::string& url, const char* sql) {
  const postgres::statement what{"question", sql};
  auto got = open(url).run(postgres::call{&what, {}}, soon());
  if (!got) throw std::runtime_error{std::string{sql} + ": " + got.error().message};
  return got->template get<T>(0, 0);
}

}  // namespace

own_database::own_database(const std::string& superuser_url)
    : server_{superuser_url},
      name_{"dabba_bench_" + std::to_string(getpid())},
      url_{with_database(superuser_url, name_)} {
  run(server_, "create database " + name_);
  auto connection = open(url_);
  auto hint = [](const std::string& what) { fmt::print(stderr, "{}\n", what); };
  if (auto durable = postgres::check_durability(connection, false, soon(), hint); !durable)
    throw std::runtime_error{durable.error()};
  if (auto done = postgres::migrate(connection, postgres::migrations(), soon()); !done)
    throw std::runtime_error{done.error()};
}

own_database::~own_database() {
  try {
    run(server_, "drop database " + name_ + " with (force)");
  } catch (const std::exception& why) {
    fmt::print(stderr, "the database {} was left behind: {}\n", name_, why.what());
  }
}

void own_database::execute(const std::string& sql) const { run(url_, sql); }

std::int64_t own_database::number(const char* sql) const { return first_field<std::int64_t>(url_, sql); }

std::string own_database::text(const char* sql) const { return first_field<std::string>(url_, sql); }

}  // namespace dabba::bench
