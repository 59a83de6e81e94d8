/// A `dabba` node as a process, with a database and a signing key of its own.
#pragma once

#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "tests/system/support/api.hpp"
#include "tests/system/support/database.hpp"
#include "tests/system/support/process.hpp"
#include "tests/system/support/tokens.hpp"

namespace dabba::system_tests {

/// A port of the loopback below the range from which the kernel takes ports for outgoing connections: nobody takes it
/// while its program is down.
std::uint16_t free_port();

/// Runs the program `dabba` to its end and returns what it printed.
std::string run_dabba(std::vector<std::string> arguments);

class test_node {
 public:
  /// Ready when this returns. `flags` are added to its command line.
  explicit test_node(std::vector<std::string> flags = {}, const std::string& server = shared_server());
  /// Shows the end of its log when the test fails with an exception.
  ~test_node();
  test_node(const test_node&) = delete;
  test_node& operator=(const test_node&) = delete;

  [[nodiscard]] std::uint16_t port() const noexcept { return port_; }
  [[nodiscard]] std::string url() const { return "http://127.0.0.1:" + std::to_string(port_); }
  [[nodiscard]] const std::string& database() const noexcept { return database_.url(); }
  [[nodiscard]] std::string signing_key() const { return (folder_.path() / "key.pem").string(); }
  [[nodiscard]] const std::filesystem::path& folder() const noexcept { return folder_.path(); }
  [[nodiscard]] const token_maker& tokens() const noexcept { return *tokens_; }

  [[nodiscard]] http_client client(const std::string& role, const std::string& subject) const;
  [[nodiscard]] http_client stranger() const { return http_client{port_}; }
  [[nodiscard]] stream_client stream(const std::string& role, const std::string& subject) const;

  child_process& process() { return *process_; }
  /// SIGKILL; `start` brings it back on the same port with the same database. From the main thread.
  void kill() { process_->kill(); }
  void start();
  void kill_and_start() {
    kill();
    start();
  }
  [[nodiscard]] bool is_ready() const;

 private:
  std::vector<std::string> flags_;
  scratch_folder folder_;
  scratch_database database_;
  std::uint16_t port_;
  std::unique_ptr<token_maker> tokens_;
  std::unique_ptr<child_process> process_;
  int exceptions_before_;
};

}  // namespace dabba::system_tests
