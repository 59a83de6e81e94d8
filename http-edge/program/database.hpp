/// How the program's parts reach the database.
#pragma once

#include <spdlog/spdlog.h>
#include <chrono>
#include <string>

#include "persistence/postgres/connection.hpp"

namespace dabba::program {

inline constexpr auto startup_patience = std::chrono::seconds{30};

inline postgres::deadline within(std::chrono::seconds patience) { return std::chrono::steady_clock::now() + patience; }

inline postgres::connect_options connect_as(const std::string& database, const std::string& name) {
  return {.url = database, .application_name = name, .settings = {}};
}

inline void report(const std::string& what) { spdlog::warn("database: {}", what); }

}  // namespace dabba::program
