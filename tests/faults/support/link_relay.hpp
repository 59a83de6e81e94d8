/// A way through on the loopback that can be shut and opened: connections through it break when it is shut, and new
/// ones are refused until it is open again.
#pragma once

#include <cstdint>
#include <memory>
#include <string>

namespace dabba::fault_tests {

class link_relay {
 public:
  /// From `address:port` (0: any) to `127.0.0.1:target`.
  link_relay(const std::string& address, std::uint16_t port, std::uint16_t target);
  ~link_relay();
  link_relay(const link_relay&) = delete;
  link_relay& operator=(const link_relay&) = delete;

  [[nodiscard]] std::uint16_t port() const;
  void set_open(bool open);

 private:
  struct impl;
  std::unique_ptr<impl> impl_;
};

}  // namespace dabba::fault_tests
