/// A bare TCP connection, for what no HTTP client would send, and for clients that behave badly.
#pragma once

#include <cstdint>
#include <optional>
#include <string>

#include "tests/system/support/process.hpp"

namespace dabba::system_tests {

class tcp_connection {
 public:
  /// With `small_window` the kernel takes in as little as it can of what is not read.
  explicit tcp_connection(std::uint16_t port, bool small_window = false);
  ~tcp_connection();
  tcp_connection(tcp_connection&& other) noexcept;
  tcp_connection(const tcp_connection&) = delete;
  tcp_connection& operator=(const tcp_connection&) = delete;
  tcp_connection& operator=(tcp_connection&&) = delete;

  /// As much as goes without waiting; returns how much. 0 also when the other side has closed.
  std::size_t send_some(const std::string& bytes);
  /// All of it; false when the other side has closed or takes longer than a few seconds.
  bool send(const std::string& bytes);
  /// No more will be sent.
  void finish_sending();
  /// What comes until the other side closes, or `patience` ends, or `until` was read.
  std::string read(milliseconds patience, const std::string& until = {});
  /// The other side has closed or reset the connection. Reads nothing before that.
  [[nodiscard]] bool is_closed() const;

 private:
  int fd_ = -1;
};

}  // namespace dabba::system_tests
