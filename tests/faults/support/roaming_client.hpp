/// A client that knows all nodes: it stays with one, and goes to the next, with the same request and key, when that one
/// does not answer or asks it to come again. For coroutines of one thread.
///
/// What a coroutine here is called with stands in variables of the caller: GCC 12 destroys temporaries in the operand
/// of `co_await` twice.
#pragma once

#include <cstdint>
#include <functional>
#include <memory>
#include <string>
#include <vector>

#include <boost/asio/any_io_executor.hpp>
#include <boost/asio/awaitable.hpp>
#include <nlohmann/json_fwd.hpp>

#include "tests/system/support/process.hpp"

namespace dabba::fault_tests {

namespace asio = boost::asio;
using system_tests::milliseconds;
using system_tests::steady;

struct call {
  std::string method;
  std::string target;
  std::string body;  ///< JSON; none when empty
  std::string key;   ///< Idempotency-Key; none when empty
};

struct reply {
  unsigned status = 0;  ///< 0: no answer, and nobody knows what became of the request
  std::string body;
  bool is_replayed = false;
  bool says_when_to_retry = false;
  steady::time_point began;  ///< of the first attempt
  steady::time_point at;     ///< of this answer
  int attempts = 0;

  [[nodiscard]] nlohmann::json json() const;
  [[nodiscard]] bool is_final() const { return status != 0 && status != 503; }
};

class roaming_client {
 public:
  /// `token` is asked for at the beginning and whenever the last one becomes old.
  roaming_client(asio::any_io_executor executor, std::vector<std::uint16_t> ports, std::size_t first_node,
                 std::function<std::string()> token);
  ~roaming_client();
  roaming_client(roaming_client&&) noexcept;
  roaming_client(const roaming_client&) = delete;
  roaming_client& operator=(const roaming_client&) = delete;
  roaming_client& operator=(roaming_client&&) = delete;

  /// Sees every single answer, also those that are not final.
  std::function<void(const reply&)> on_attempt;

  /// One attempt with the node it is at. Never throws for what network and node do.
  asio::awaitable<reply> attempt(const call& what);
  /// Attempts until the answer is final, for `patience` at most; then the last answer.
  asio::awaitable<reply> insist(const call& what, milliseconds patience = milliseconds{60'000});
  void go_elsewhere();

 private:
  struct connection;
  asio::awaitable<reply> exchange(const call& what);

  asio::any_io_executor executor_;
  std::vector<std::uint16_t> ports_;
  std::size_t node_;
  std::function<std::string()> make_token_;
  std::string token_;
  steady::time_point token_made_;
  std::unique_ptr<connection> connection_;
};

}  // namespace dabba::fault_tests
