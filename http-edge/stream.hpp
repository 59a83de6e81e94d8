/// A WebSocket: reads and writes frames of one peer.
#pragma once

#include <boost/asio/ip/tcp.hpp>
#include <boost/asio/steady_timer.hpp>
#include <boost/beast/core/flat_buffer.hpp>
#include <boost/beast/http/message.hpp>
#include <boost/beast/http/string_body.hpp>
#include <boost/beast/websocket/stream.hpp>

#include "http-edge/peer.hpp"

namespace dabba::http {

using upgrade_request = boost::beast::http::request<boost::beast::http::string_body>;

/// Used on the executor of its socket only.
class stream final : public frame_writer, public std::enable_shared_from_this<stream> {
 public:
  stream(core& shared, asio::ip::tcp::socket socket);

  /// Answers the handshake and talks until one side closes.
  asio::awaitable<void> run(upgrade_request handshake, std::optional<verified_token> who);

  void send(outgoing frame) override;
  void send_position(order_id of, std::string text) override;
  asio::awaitable<bool> room() override;
  void close(close_code code, std::string_view reason) override;
  void ping() override;
  /// Ends it without a word.
  void abort();

 private:
  using websocket = boost::beast::websocket::stream<asio::ip::tcp::socket>;

  asio::awaitable<bool> accept(upgrade_request handshake);
  asio::awaitable<void> read_frames();
  asio::awaitable<void> drain();
  /// Ends the connection unless this is called again, or the deadline is cancelled, in time.
  void expect_progress();
  asio::awaitable<void> say_goodbye(close_code code, std::string reason);
  /// False when the client sends faster than it may.
  bool admit_frame();
  void start_drain();
  void check_pushed(bool was_pushed);

  core& shared_;
  websocket socket_;
  boost::beast::flat_buffer buffer_;
  outbox waiting_;
  asio::steady_timer room_;
  asio::steady_timer write_deadline_;
  std::shared_ptr<peer> peer_;
  double tokens_;  ///< frames it may send at once
  std::chrono::steady_clock::time_point refilled_;
  bool is_draining_ = false;
  bool is_pinging_ = false;
  std::optional<close_code> close_when_accepted_;
  bool is_accepted_ = false;
  bool is_closing_ = false;
};

}  // namespace dabba::http
