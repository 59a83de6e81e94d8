#include "http-edge/order_events.hpp"

#include <boost/asio/redirect_error.hpp>
#include <boost/asio/steady_timer.hpp>
#include <boost/asio/this_coro.hpp>
#include <deque>

#include "http-edge/commands.hpp"
#include "http-edge/session.hpp"
#include "protocols/codec.hpp"
#include "protocols/model/limits.hpp"

namespace dabba::http {
namespace {

using namespace std::chrono_literals;

/// Comments keep proxies from closing a quiet stream, and show us that the reader has gone.
constexpr auto heartbeat_interval = 15s;

std::string event_text(const topic_follower& topic, const topic_event& what) {
  auto type = std::string{type_of(what.event)};
  auto data = json_text_of([&](json_object& out) {
    out.put("seq", what.seq).put("type", type).put("at", what.at).put_raw("data", event_data(what.event, topic.to()));
  });
  return "id: " + std::to_string(what.seq) + "\nevent: " + type + "\ndata: " + data + "\n\n";
}

/// The stream of one order to one reader. Used on the executor of its connection only.
class order_event_source final
    : public event_source,
      public topic_sink,
      public std::enable_shared_from_this<order_event_source> {
 public:
  order_event_source(core& shared, asio::any_io_executor executor, std::optional<real_time> token_ends)
      : shared_{shared}, executor_{executor}, wake_{executor}, room_{executor}, token_ends_{token_ends} {}

  /// Begins; the code of why not.
  asio::awaitable<errc> open(order_id which, std::uint64_t since, viewer reader) {
    auto pass_on = [weak = weak_from_this(), executor = executor_](session_note note) {
      asio::post(executor, [weak, note = std::move(note)] {
        if (auto self = weak.lock()) self->noted(note);
      });
    };
    session_ = std::make_unique<session>(shared_.services.system, std::move(pass_on));
    topic_ = std::make_shared<topic_follower>(
        shared_, executor_, session_->actor(), shared_from_this(), topic_follower::kind::order, ref(which), reader);
    auto seq = co_await topic_->open(since);
    if (!seq) {
      stop();
      co_return seq.error();
    }
    topic_->go();
    co_return errc::none;
  }

  asio::awaitable<std::optional<std::string>> next() override {
    auto self = shared_from_this();
    if (is_open_ && !is_last_ && waiting_.empty()) {
      boost::system::error_code woken;
      wake_.expires_after(quiet_time());
      co_await wake_.async_wait(asio::redirect_error(asio::use_awaitable, woken));
    }
    if (!is_open_ || is_too_slow_ || has_token_ended()) co_return std::nullopt;
    if (waiting_.empty()) {
      if (is_last_) co_return std::nullopt;
      topic_->refresh();
      co_return ":\n\n";
    }
    auto text = std::move(waiting_.front());
    waiting_.pop_front();
    room_.cancel();
    co_return text;
  }

  void stop() override {
    if (!is_open_) return;
    is_open_ = false;
    wake_.cancel();
    room_.cancel();
    if (topic_) topic_->close();
    if (session_) session_->close();
  }

  void emit(const topic_follower& from, const topic_event& what) override {
    // A reader that is too slow comes back with Last-Event-ID.
    if (waiting_.size() >= limits::session_queue_messages) {
      shared_.counted.queue_overflows->inc();
      is_too_slow_ = true;
    } else {
      waiting_.push_back(event_text(from, what));
    }
    wake_.cancel();
  }

  void lost(const topic_follower&) override {
    is_last_ = true;
    wake_.cancel();
  }

  asio::awaitable<bool> room() override {
    auto self = shared_from_this();
    while (is_open_ && waiting_.size() > limits::session_queue_messages / 2) {
      boost::system::error_code woken;
      room_.expires_at(std::chrono::steady_clock::time_point::max());
      co_await room_.async_wait(asio::redirect_error(asio::use_awaitable, woken));
    }
    co_return is_open_;
  }

 private:
  void noted(const session_note& note) {
    if (!topic_) return;
    if (const auto* event = std::get_if<published>(&note)) topic_->on_published(*event);
    if (std::holds_alternative<publisher_gone>(note)) topic_->refresh();
    if (std::holds_alternative<session_gone>(note)) lost(*topic_);  // the reader comes back with Last-Event-ID
  }

  [[nodiscard]] bool has_token_ended() const { return token_ends_ && *token_ends_ <= shared_.wall_now(); }
  /// Until the next heartbeat, or the end of the token.
  [[nodiscard]] std::chrono::steady_clock::duration quiet_time() const {
    using duration = std::chrono::steady_clock::duration;
    duration most = heartbeat_interval;
    if (!token_ends_) return most;
    return std::min(most, std::chrono::duration_cast<duration>(*token_ends_ - shared_.wall_now()));
  }

  core& shared_;
  asio::any_io_executor executor_;
  asio::steady_timer wake_;
  asio::steady_timer room_;
  std::unique_ptr<session> session_;
  std::shared_ptr<topic_follower> topic_;
  std::deque<std::string> waiting_;
  std::optional<real_time> token_ends_;
  bool is_open_ = true;
  bool is_too_slow_ = false;
  bool is_last_ = false;  ///< nothing comes after what waits
};

}  // namespace

asio::awaitable<handled> open_order_events(core& shared, order_id which, std::uint64_t since, viewer reader,
                                           std::optional<real_time> token_ends) {
  auto executor = co_await asio::this_coro::executor;
  auto source = std::make_shared<order_event_source>(shared, executor, token_ends);
  auto problem = co_await source->open(which, since, reader);
  if (problem != errc::none) co_return refused(problem);
  response out;
  out.content_type = "text/event-stream";
  out.events = std::move(source);
  co_return out;
}

}  // namespace dabba::http
