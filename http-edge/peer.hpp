/// What is said over one WebSocket: sign-in, subscriptions, positions, offers. Knows no sockets: frames come in and go
/// out through the two interfaces.
#pragma once

#include <boost/asio/steady_timer.hpp>
#include <chrono>
#include <map>
#include <memory>
#include <string>

#include "http-edge/frames.hpp"
#include "http-edge/outbox.hpp"
#include "http-edge/partner_link.hpp"
#include "http-edge/session.hpp"
#include "http-edge/shown_offers.hpp"
#include "http-edge/topic.hpp"

namespace dabba::http {

enum class close_code : std::uint16_t {
  going_away = 1001,
  broken = 1011,
  try_again_later = 1013,
  bad_message = 4400,
  no_token = 4401,
  forbidden = 4403,
  silent = 4408,
  replaced = 4409,
  too_fast = 4429,
};

/// The socket below a peer.
class frame_writer {
 public:
  virtual ~frame_writer() = default;
  virtual void send(outgoing frame) = 0;
  virtual void send_position(order_id of, std::string text) = 0;
  /// Waits until there is room for a page of history; false when the socket is going.
  virtual asio::awaitable<bool> room() = 0;
  /// Nothing is sent after this but the close frame.
  virtual void close(close_code code, std::string_view reason) = 0;
  /// A ping frame.
  virtual void ping() = 0;
};

/// Passes the events of topics on as frames, while the socket is there.
class topic_writer final : public topic_sink {
 public:
  explicit topic_writer(frame_writer& writer) : writer_{&writer} {}

  void emit(const topic_follower& from, const topic_event& what) override {
    if (!writer_) return;
    for (auto& text : event_frames(from, what)) writer_->send({std::move(text), false});
  }
  void lost(const topic_follower& from) override {
    if (writer_) writer_->send({lost_frame(from), false});
  }
  asio::awaitable<bool> room() override {
    if (!writer_) co_return false;
    co_return co_await writer_->room();
  }
  void stop() { writer_ = nullptr; }

 private:
  frame_writer* writer_;
};

/// Used on one executor only.
class peer : public std::enable_shared_from_this<peer> {
 public:
  peer(core& shared, asio::any_io_executor executor, frame_writer& writer);

  /// Starts the session; `who` when the handshake carried a token.
  void start(std::optional<verified_token> who);
  /// A text frame came.
  void received(std::string_view text);
  /// Anything came, also a pong.
  void heard() { last_heard_ = std::chrono::steady_clock::now(); }
  /// A frame that the board waits for was written.
  void city_was_written();
  /// The socket is gone: ends everything. Nothing is sent after this.
  void stop();

 private:
  struct city_topic {
    std::uint64_t seq = 0;
    std::chrono::steady_clock::time_point last_update;
  };

  void handle(client_frame frame);
  void sign_in(const auth_frame& frame);
  void signed_in(const verified_token& token);
  void report(const std::vector<location>& points);
  /// Runs `work` beside the reading of further frames, unless too much runs already.
  void spawn(std::optional<std::uint64_t> id, asio::awaitable<void> work);

  asio::awaitable<void> subscribe_to(subscribe_frame frame);
  asio::awaitable<void> subscribe_to_city(subscribe_frame frame, zone_id zone);
  /// How many subscriptions this caller may hold.
  [[nodiscard]] std::size_t most_subscriptions() const;
  [[nodiscard]] bool has_room();
  void refuse_another(std::optional<std::uint64_t> id);
  void unsubscribe_from(const unsubscribe_frame& frame);
  asio::awaitable<void> answer_offer(answer_offer_frame frame);
  /// The topic that `name` is to this caller, or why it is none.
  asio::awaitable<outcome_of<std::shared_ptr<topic_follower>>> make_topic(std::string name);

  void noted(session_note note);
  void show_city(const city_update& update);
  void refuse(std::optional<std::uint64_t> id, errc code);

  /// Pings, ends what ran out, keeps subscriptions alive.
  asio::awaitable<void> watch();
  void refresh_topics();
  /// The actor that published it has ended: subscribes anew.
  void renew(const entity_ref& publisher);

  core& shared_;
  asio::any_io_executor executor_;
  frame_writer* writer_;  ///< null once stopped
  std::shared_ptr<topic_writer> sink_;
  std::unique_ptr<session> session_;
  std::optional<verified_token> token_;
  std::shared_ptr<partner_link> link_;
  shown_offers offers_;
  std::map<std::string, std::shared_ptr<topic_follower>> topics_;
  std::map<zone_id, city_topic> cities_;
  asio::steady_timer timer_;
  std::chrono::steady_clock::time_point started_;
  std::chrono::steady_clock::time_point last_heard_;
  std::size_t running_ = 0;
};

}  // namespace dabba::http
