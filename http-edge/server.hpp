/// Listens on one address and serves the connections that come.
#pragma once

#include <boost/asio/io_context.hpp>
#include <boost/asio/ip/tcp.hpp>
#include <condition_variable>
#include <memory>
#include <mutex>
#include <unordered_set>

#include "http-edge/connection.hpp"

namespace dabba::http {

class server : public std::enable_shared_from_this<server> {
 public:
  server(core& shared, asio::io_context& io, surfaces serves);

  /// Throws boost::system::system_error when the address can't be had.
  void listen(const std::string& address, std::uint16_t port);
  [[nodiscard]] std::uint16_t port() const;

  /// Takes no more connections and asks all to end. From any thread, as the following.
  void stop();
  void abort();
  /// True when no connection is left, waiting at most that long.
  bool wait_until_idle(std::chrono::milliseconds patience);

 private:
  asio::awaitable<void> accept_connections();
  void serve(asio::ip::tcp::socket socket);

  core& shared_;
  asio::io_context& io_;
  asio::ip::tcp::acceptor acceptor_;
  surfaces serves_;
  std::uint16_t port_ = 0;
  std::mutex mutex_;
  std::condition_variable changed_;
  std::unordered_set<std::shared_ptr<connection>> open_;
  bool is_accepting_ = false;
  bool is_stopping_ = false;
};

}  // namespace dabba::http
