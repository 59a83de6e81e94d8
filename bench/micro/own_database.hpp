/// A PostgreSQL database for one run of a benchmark, with the platform's schema.
#pragma once

#include <string>

#include "persistence/postgres/connection.hpp"

namespace dabba::bench {

class own_database {
 public:
  /// On the server of `superuser_url`. Refuses a server that loses commits in a crash: there is nothing to compare.
  /// Throws std::runtime_error.
  explicit own_database(const std::string& superuser_url);
  /// Drops it.
  ~own_database();
  own_database(const own_database&) = delete;
  own_database& operator=(const own_database&) = delete;

  [[nodiscard]] const std::string& url() const noexcept { return url_; }
  [[nodiscard]] postgres::connect_options options() const {
    return {.url = url_, .application_name = "bench", .settings = {}};
  }
  void execute(const std::string& sql) const;
  /// The first field of the first row: bigint, text.
  [[nodiscard]] std::int64_t number(const char* sql) const;
  [[nodiscard]] std::string text(const char* sql) const;

 private:
  std::string server_;
  std::string name_;
  std::string url_;
};

}  // namespace dabba::bench
