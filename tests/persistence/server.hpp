/// A PostgreSQL server of a test's own, to be crashed, changed and copied.
#pragma once

#include <string>

namespace dabba::tests {

/// In a new folder, which goes with this object.
class own_server {
 public:
  own_server() : own_server{"start"} {}
  /// Takes connections when this returns; its own to `primary` may come a moment later.
  static own_server standby_of(const own_server& primary) {
    return own_server{"standby", "--of '" + primary.folder_ + "'"};
  }
  ~own_server();
  own_server(const own_server&) = delete;
  own_server& operator=(const own_server&) = delete;

  [[nodiscard]] const std::string& url() const noexcept { return url_; }
  /// Ends all its processes at once and starts it again; returns when it takes connections.
  void crash() const { run("restart", "-m immediate"); }
  /// The orderly way, for settings that need it.
  void restart() const { run("restart"); }

 private:
  explicit own_server(const std::string& action, const std::string& options = "");

  /// The first line that the script prints.
  std::string run(const std::string& action, const std::string& options = "") const;

  std::string folder_;
  std::string url_;
};

}  // namespace dabba::tests
