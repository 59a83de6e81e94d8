/// A network namespace of the test's own, with a loopback on which packets to or from a port can be lost. Everything
/// that is started while it exists, from the thread that made it, lives in it.
#pragma once

#include <cstdint>

namespace dabba::fault_tests {

enum class lost { to_port, from_port };

class private_network {
 public:
  /// Says why none can be made here; null when one can.
  static const char* problem();

  private_network();
  ~private_network();
  private_network(const private_network&) = delete;
  private_network& operator=(const private_network&) = delete;

  /// From now on TCP packets to (or from) this port vanish, also of connections that exist.
  void lose(std::uint16_t port, lost which);
  void heal();

 private:
  int outer_ = -1;
  int rules_ = 0;
};

}  // namespace dabba::fault_tests
