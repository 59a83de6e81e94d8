/// A TCP relay on the loopback between a client and PostgreSQL that breaks connections where a test wants it.
#pragma once

#include <atomic>
#include <cstdint>
#include <functional>
#include <mutex>
#include <string_view>
#include <thread>
#include <vector>

namespace dabba::tests {

/// What the proxy does with a piece of what the client sent.
enum class relay : std::uint8_t {
  pass,
  cut,               ///< drops the piece and closes both sides
  cut_after_answer,  ///< passes it on, waits for the server's answer, drops that, closes both sides
  cut_then_pass,     ///< closes the client's side, and passes the piece on 300 ms later: it was delayed on its way
  cut_and_hold,      ///< closes the client's side and never passes it on, but leaves the server's side open
};

class proxy {
 public:
  /// `judge` sees every piece that a client sends, each as a whole as far as the tests' small messages go. It is called
  /// from the connections' threads.
  using judge = std::function<relay(std::string_view)>;

  proxy(std::uint16_t server_port, judge decide);
  ~proxy();
  proxy(const proxy&) = delete;
  proxy& operator=(const proxy&) = delete;

  [[nodiscard]] std::uint16_t port() const noexcept { return port_; }

 private:
  class fd;

  void accept_clients();
  void serve(int accepted);
  relay judged(std::string_view piece);
  void break_off(relay how, fd& client, fd& server, std::string_view piece);

  std::uint16_t server_port_;
  judge decide_;
  int listener_ = -1;
  std::uint16_t port_ = 0;
  std::atomic<bool> stopping_{false};
  std::mutex mutex_;
  std::vector<std::thread> connections_;
  std::thread acceptor_;
};

/// Judges the first piece that runs the statement of that name; all others pass.
proxy::judge once_at(std::string_view statement_name, std::function<relay()> then);

}  // namespace dabba::tests
