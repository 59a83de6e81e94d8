/// A TCP connection: HTTP/1.1 requests one after the other, or a WebSocket once it is upgraded.
#pragma once

#include <boost/asio/awaitable.hpp>
#include <boost/asio/ip/address.hpp>
#include <boost/beast/core/flat_buffer.hpp>
#include <boost/beast/core/tcp_stream.hpp>
#include <boost/beast/http/message.hpp>
#include <boost/beast/http/parser.hpp>
#include <boost/beast/http/string_body.hpp>
#include <memory>

#include "http-edge/router.hpp"
#include "http-edge/stream.hpp"

namespace dabba::http {

struct surfaces {
  bool api = true;
  bool admin = true;
};

/// Used on the executor of its socket only, but for `stop`.
class connection : public std::enable_shared_from_this<connection> {
 public:
  connection(core& shared, asio::ip::tcp::socket socket, surfaces serves);

  asio::awaitable<void> run();
  /// From any thread: ends after the request that is being answered, or at once when there is none.
  void stop();
  /// From any thread: ends now.
  void abort();

 private:
  using parser = boost::beast::http::request_parser<boost::beast::http::string_body>;

  asio::awaitable<void> talk();
  asio::awaitable<bool> wait_for_request(std::chrono::seconds patience);
  /// False when there is none that can be answered; what is no request has been refused.
  asio::awaitable<bool> read_request(parser& in);
  asio::awaitable<void> refuse(problem what);
  /// True when the connection stays open.
  asio::awaitable<bool> write(const parser& in, const request& what, response out);
  asio::awaitable<void> write_events(const parser& in, const request& what, const response& out);
  /// Talks over a WebSocket until that ends, or says why not.
  asio::awaitable<std::optional<problem>> upgrade(const parser& in, const request& what);

  core& shared_;
  asio::any_io_executor executor_;
  boost::beast::tcp_stream socket_;
  boost::beast::flat_buffer buffer_;
  surfaces serves_;
  asio::ip::address peer_;  ///< the client, or a proxy before it
  std::shared_ptr<stream> stream_;
  std::shared_ptr<event_source> events_;
  bool is_waiting_ = false;  ///< for a request to begin
  bool is_stopping_ = false;
};

}  // namespace dabba::http
