/// Keep-alive HTTP/1.1 connections to one server, shared by many callers of one thread.
#pragma once

#include <memory>
#include <optional>
#include <string>

#include <boost/asio/ip/tcp.hpp>

#include "bench/city/signal.hpp"

namespace dabba::city {

/// `http://host:port`, nothing else.
struct server_address {
  std::string host;
  std::string port;
  asio::ip::tcp::endpoint endpoint;
};

/// Throws std::runtime_error when it is no such URL or the host is not known.
server_address resolve_server(const std::string& url);

struct http_request {
  std::string method;
  std::string target;
  std::string token;            ///< none when empty
  std::string idempotency_key;  ///< none when empty
  std::string body;             ///< JSON; none when empty
};

struct http_answer {
  unsigned status = 0;  ///< 0: no answer came, and nobody knows what became of the request
  std::string body;
  bool replayed = false;
  std::optional<milliseconds> retry_after;

  [[nodiscard]] bool succeeded() const { return status >= 200 && status < 300; }
};

class http_pool {
 public:
  http_pool(asio::any_io_executor executor, server_address server, std::size_t most_connections);
  ~http_pool();

  /// Waits for a free connection, then for the answer, within `limits::request_timeout`. Never throws for what the
  /// network or the server does: that is an answer with status 0.
  asio::awaitable<http_answer> send(http_request request);

 private:
  struct connection;
  class lease;

  asio::any_io_executor executor_;
  server_address server_;
  std::size_t free_;
  signal released_;
  std::vector<std::unique_ptr<connection>> idle_;
};

}  // namespace dabba::city
