/// The database's schema: numbered SQL files, applied once each, in order.
#pragma once

#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <string_view>

#include "persistence/postgres/connection.hpp"

namespace dabba::postgres {

/// One file of persistence/migrations.
struct migration {
  std::int32_t number;
  std::string_view name;    ///< the file's, without number and extension
  std::string_view sha256;  ///< of the file, hexadecimal
  std::string_view sql;
};

/// All of this build, by rising number from 1.
std::span<const migration> migrations() noexcept;

/// Applies what is missing, each in a transaction, and says how many these were. Runs at the same time, from several
/// nodes, wait for each other. Refused, with nothing changed: a database that holds a migration this build does not
/// know, or one whose file has changed since. The error is a sentence for the operator.
tl::expected<std::size_t, std::string> migrate(connection& conn, std::span<const migration> wanted, deadline until);

/// Nothing when the database has this build's migrations, or those and later ones, else what is wrong.
std::optional<std::string> schema_problem(connection& conn, deadline until);

}  // namespace dabba::postgres
