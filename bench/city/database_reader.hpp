/// Reads what the checker compares, from PostgreSQL, in one consistent snapshot.
#pragma once

#include <string>

#include "bench/city/checker.hpp"

namespace dabba::city {

/// Throws std::runtime_error when the database can't be read.
database_rows read_database(const std::string& url);

}  // namespace dabba::city
