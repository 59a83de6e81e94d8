/// Blocking clients for tests: HTTP with or without manners, and WebSocket. Every wait is bounded.
#pragma once

#include <boost/asio/io_context.hpp>
#include <boost/asio/ip/tcp.hpp>
#include <boost/beast/core/flat_buffer.hpp>
#include <boost/beast/core/tcp_stream.hpp>
#include <boost/beast/http/message.hpp>
#include <boost/beast/http/string_body.hpp>
#include <boost/beast/websocket/stream.hpp>
#include <map>
#include <nlohmann/json.hpp>
#include <optional>
#include <string>

namespace dabba::test {

namespace asio = boost::asio;
namespace beast = boost::beast;
using json = nlohmann::json;
using headers = std::map<std::string, std::string>;

struct got {
  unsigned status = 0;
  std::map<std::string, std::string> headers;  ///< names in lower case
  std::string body;
  [[nodiscard]] json parsed() const { return json::parse(body); }
  [[nodiscard]] std::string header(const std::string& name) const {
    auto found = headers.find(name);
    return found == headers.end() ? std::string{} : found->second;
  }
};

/// A TCP connection to the edge.
class connection {
 public:
  explicit connection(std::uint16_t port);

  void write(std::string_view bytes);
  /// The next answer; nothing when the edge closed the connection first.
  std::optional<got> read(bool is_head = false);
  /// What comes until the edge closes, or `patience` ends.
  std::string read_all(std::chrono::milliseconds patience = std::chrono::seconds{5});
  /// True when the edge closes within a few seconds.
  bool is_closed();
  /// False when the edge has closed, without waiting.
  bool is_open();
  beast::tcp_stream& stream() { return stream_; }
  asio::io_context& context() { return io_; }

  got ask(const std::string& method, const std::string& target, const headers& with = {}, const std::string& body = {});

 private:
  asio::io_context io_;
  beast::tcp_stream stream_;
  beast::flat_buffer buffer_;
};

/// One request on a connection of its own, with a token when there is one. A body is sent as JSON.
got ask(std::uint16_t port, const std::string& method, const std::string& target, const std::string& token = {},
        const std::string& body = {}, headers with = {});

class websocket {
 public:
  /// Throws when the handshake is refused; `status` tells how.
  websocket(std::uint16_t port, const std::string& token = {}, const headers& with = {});

  void send(const json& message) { send_text(message.dump()); }
  void send_text(const std::string& text, bool is_binary = false);
  /// The next message; null when none comes in time or the socket was closed (see `close_code`).
  json next(std::chrono::milliseconds patience = std::chrono::seconds{5});
  /// The next message of this type; others before it are dropped.
  json next_of(const std::string& type);
  /// The close code; 0 when it was not closed.
  unsigned wait_for_close();
  void close();
  beast::websocket::stream<beast::tcp_stream>& stream() { return stream_; }

 private:
  /// Runs the context until the operation that was started has ended.
  void run(const bool& is_done);

  asio::io_context io_;
  beast::websocket::stream<beast::tcp_stream> stream_;
  beast::flat_buffer buffer_;
  bool is_reading_ = false;
  bool was_read_ = false;
  bool is_closed_ = false;
};

}  // namespace dabba::test
