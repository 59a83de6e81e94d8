#include "http-edge/stream.hpp"

#include <spdlog/spdlog.h>
#include <boost/asio/co_spawn.hpp>
#include <boost/asio/detached.hpp>
#include <boost/asio/redirect_error.hpp>
#include <boost/beast/http/field.hpp>
#include <boost/beast/http/rfc7230.hpp>

#include "protocols/model/limits.hpp"

namespace dabba::http {
namespace {

namespace beast = boost::beast;
using namespace std::chrono_literals;
using steady = std::chrono::steady_clock;
using boost::system::error_code;

constexpr std::string_view subprotocol = "dabba.v1+json";
/// How long a client may take to answer our close frame, or to read one frame of ours.
constexpr auto goodbye_time = 2s;
constexpr auto write_time = 30s;
/// A client may send this many seconds' worth of frames at once.
constexpr double burst_seconds = 5;

auto into(error_code& error) { return asio::redirect_error(asio::use_awaitable, error); }

}  // namespace

stream::stream(core& shared, asio::ip::tcp::socket socket)
    : shared_{shared},
      socket_{std::move(socket)},
      room_{socket_.get_executor()},
      write_deadline_{socket_.get_executor()},
      tokens_{shared.options.frames_per_second * burst_seconds},
      refilled_{steady::now()} {
  socket_.read_message_max(limits::frame_bytes);
  socket_.auto_fragment(false);
  // Sign-in, silence and slow reading are watched by us; Beast's own timers would cost something with every frame.
  socket_.set_option(beast::websocket::stream_base::timeout{10s, beast::websocket::stream_base::none(), false});
}

asio::awaitable<bool> stream::accept(upgrade_request handshake) {
  bool speaks_ours = beast::http::token_list{handshake[beast::http::field::sec_websocket_protocol]}.exists(
      {subprotocol.data(), subprotocol.size()});
  socket_.set_option(beast::websocket::stream_base::decorator([speaks_ours](beast::websocket::response_type& out) {
    if (speaks_ours)
      out.set(beast::http::field::sec_websocket_protocol, beast::string_view{subprotocol.data(), subprotocol.size()});
  }));
  error_code error;
  co_await socket_.async_accept(handshake, into(error));
  is_accepted_ = !error;
  co_return is_accepted_;
}

asio::awaitable<void> stream::run(upgrade_request handshake, std::optional<verified_token> who) {
  auto self = shared_from_this();
  if (const bool open = co_await accept(std::move(handshake)); !open) co_return;
  if (close_when_accepted_) co_return co_await say_goodbye(*close_when_accepted_, {});
  peer_ = std::make_shared<peer>(shared_, socket_.get_executor(), *this);
  socket_.control_callback([this](beast::websocket::frame_type, beast::string_view) { peer_->heard(); });
  peer_->start(std::move(who));
  try {
    co_await read_frames();
  } catch (const std::exception& bug) {
    spdlog::error("a stream failed: {}", bug.what());
  }
  is_closing_ = true;
  peer_->stop();
  room_.cancel();
  error_code ignored;
  socket_.next_layer().close(ignored);
}

asio::awaitable<void> stream::read_frames() {
  while (true) {
    error_code error;
    co_await socket_.async_read(buffer_, into(error));
    if (error) co_return;
    shared_.counted.frames_in->inc();
    // What comes while the close frame is on its way is read, so that its answer is found, and dropped.
    if (!is_closing_) {
      if (!socket_.got_text())
        close(close_code::bad_message, "text only");
      else if (!admit_frame())
        close(close_code::too_fast, "too many messages");
      else
        peer_->received({static_cast<const char*>(buffer_.cdata().data()), buffer_.size()});
    }
    buffer_.clear();
  }
}

bool stream::admit_frame() {
  auto rate = shared_.options.frames_per_second;
  if (rate == 0) return true;
  auto now = steady::now();
  tokens_ += std::chrono::duration<double>(now - refilled_).count() * rate;
  tokens_ = std::min(tokens_, rate * burst_seconds);
  refilled_ = now;
  if (tokens_ < 1) return false;
  tokens_ -= 1;
  return true;
}

void stream::send(outgoing frame) {
  if (!is_closing_) check_pushed(waiting_.push(std::move(frame)));
}

void stream::send_position(order_id of, std::string text) {
  if (!is_closing_) check_pushed(waiting_.push_position(of, std::move(text)));
}

void stream::check_pushed(bool was_pushed) {
  if (was_pushed) return start_drain();
  shared_.counted.queue_overflows->inc();
  close(close_code::try_again_later, "too slow a reader");
}

void stream::start_drain() {
  if (is_draining_) return;
  is_draining_ = true;
  asio::co_spawn(
      socket_.get_executor(), [self = shared_from_this()]() -> asio::awaitable<void> { co_await self->drain(); },
      asio::detached);
}

asio::awaitable<void> stream::drain() {
  error_code error;
  auto armed = steady::now();
  expect_progress();
  socket_.text(true);
  while (!is_closing_) {
    auto next = waiting_.pop();
    if (!next) break;
    // Moving the deadline with every frame would cost more than the frame.
    if (auto now = steady::now(); now - armed > write_time / 2) {
      armed = now;
      expect_progress();
    }
    co_await socket_.async_write(asio::buffer(next->text), into(error));
    if (error) break;
    shared_.counted.frames_out->inc();
    if (next->is_city) peer_->city_was_written();
    if (waiting_.has_room()) room_.cancel();
  }
  write_deadline_.cancel();
  is_draining_ = false;
}

void stream::expect_progress() {
  write_deadline_.expires_after(write_time);
  write_deadline_.async_wait([self = shared_from_this()](error_code cancelled) {
    error_code ignored;
    if (!cancelled) self->socket_.next_layer().close(ignored);
  });
}

asio::awaitable<bool> stream::room() {
  while (!is_closing_ && !waiting_.has_room()) {
    error_code woken;
    room_.expires_at(steady::time_point::max());
    co_await room_.async_wait(into(woken));
  }
  co_return !is_closing_;
}

void stream::ping() {
  if (is_pinging_ || is_closing_) return;
  is_pinging_ = true;
  auto run = [self = shared_from_this()]() -> asio::awaitable<void> {
    error_code error;
    co_await self->socket_.async_ping({}, into(error));
    self->is_pinging_ = false;
  };
  asio::co_spawn(socket_.get_executor(), std::move(run), asio::detached);
}

void stream::abort() {
  is_closing_ = true;
  room_.cancel();
  error_code ignored;
  socket_.next_layer().close(ignored);
}

void stream::close(close_code code, std::string_view reason) {
  if (is_closing_) return;
  is_closing_ = true;
  room_.cancel();
  if (!is_accepted_) {
    // Beast can't close before the handshake is done; `run` does it then.
    close_when_accepted_ = code;
    return;
  }
  auto run = [self = shared_from_this(), code, text = std::string{reason}]() -> asio::awaitable<void> {
    co_await self->say_goodbye(code, text);
  };
  asio::co_spawn(socket_.get_executor(), std::move(run), asio::detached);
}

asio::awaitable<void> stream::say_goodbye(close_code code, std::string reason) {
  auto self = shared_from_this();
  asio::steady_timer patience{socket_.get_executor(), goodbye_time};
  patience.async_wait([self](error_code cancelled) {
    error_code ignored;
    if (!cancelled) self->socket_.next_layer().close(ignored);
  });
  beast::websocket::close_reason why{static_cast<std::uint16_t>(code)};
  why.reason = beast::string_view{reason.data(), std::min<std::size_t>(reason.size(), 120)};
  error_code error;
  co_await socket_.async_close(why, into(error));
  // The reading side ends with this, and with it the socket.
  socket_.next_layer().close(error);
}

}  // namespace dabba::http
