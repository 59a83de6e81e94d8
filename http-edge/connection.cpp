#include "http-edge/connection.hpp"

#include <spdlog/spdlog.h>
#include <boost/asio/redirect_error.hpp>
#include <boost/asio/write.hpp>
#include <boost/beast/core/string.hpp>
#include <boost/beast/http/chunk_encode.hpp>
#include <boost/beast/http/empty_body.hpp>
#include <boost/beast/http/read.hpp>
#include <boost/beast/http/serializer.hpp>
#include <boost/beast/http/write.hpp>
#include <boost/beast/websocket/rfc6455.hpp>

#include "http-edge/wire.hpp"
#include "protocols/model/limits.hpp"

namespace dabba::http {
namespace {

namespace beast = boost::beast;
using namespace std::chrono_literals;
using boost::system::error_code;
using parse_error = beast::http::error;

/// For a whole body, and for a whole answer to a slow reader.
constexpr auto body_time = 30s;
constexpr auto write_time = 30s;
/// How long, and how much, a refused client may go on sending.
constexpr auto linger_time = 2s;
constexpr std::size_t linger_bytes = 1024 * 1024;
constexpr std::size_t read_bytes = 8 * 1024;
constexpr std::string_view no_request = "malformed";
constexpr std::string_view stream_path = "/v1/stream";

auto into(error_code& error) { return asio::redirect_error(asio::use_awaitable, error); }

/// The refusal of what is no request of ours; nothing when the client just went away.
std::optional<problem> problem_of(error_code why) {
  if (why == parse_error::header_limit || why == parse_error::buffer_overflow)
    return make_problem(431, "header-too-large", "a header has at most 16 KiB");
  if (why == parse_error::body_limit) return make_problem(413, "body-too-large", "a body has at most 256 KiB");
  if (why == parse_error::end_of_stream || why == parse_error::partial_message) return std::nullopt;
  if (why.category() == beast::http::make_error_code(parse_error::bad_method).category())
    return make_problem(400, "malformed-request", why.message());
  return std::nullopt;
}

/// One host is asked for, and only HTTP/1.0 may leave it out (RFC 9112, section 3.2).
std::optional<problem> host_problem(const wire_request& in) {
  auto hosts = in.count(beast::http::field::host);
  if (hosts == 1 || (hosts == 0 && in.version() != 11)) return std::nullopt;
  return make_problem(400, "malformed-request", hosts == 0 ? "there is no Host" : "there is more than one Host");
}

}  // namespace

connection::connection(core& shared, asio::ip::tcp::socket socket, surfaces serves)
    : shared_{shared},
      executor_{socket.get_executor()},
      socket_{std::move(socket)},
      buffer_{limits::header_bytes + limits::body_bytes},
      serves_{serves} {
  error_code gone;
  auto peer = socket_.socket().remote_endpoint(gone);
  if (!gone) peer_ = peer.address();
}

asio::awaitable<void> connection::run() {
  auto self = shared_from_this();
  shared_.counted.connections->inc();
  try {
    co_await talk();
  } catch (const std::exception& bug) {
    spdlog::error("a connection failed: {}", bug.what());
  }
  shared_.counted.connections->dec();
  if (stream_) co_return;
  error_code ignored;
  socket_.socket().shutdown(asio::ip::tcp::socket::shutdown_send, ignored);
  socket_.close();
}

asio::awaitable<void> connection::talk() {
  for (bool is_first = true; !is_stopping_; is_first = false) {
    // Pipelined requests wait in the buffer and are answered in order.
    if (buffer_.size() == 0) {
      std::chrono::seconds patience = is_first ? limits::header_timeout : limits::keep_alive_timeout;
      if (const bool came = co_await wait_for_request(patience); !came) co_return;
    }
    parser in;
    in.header_limit(limits::header_bytes);
    in.body_limit(limits::body_bytes);
    if (const bool whole = co_await read_request(in); !whole) co_return;
    auto what = to_request(in.get());
    what.from = network_of(shared_.client_of(peer_, forwarded_for(in.get())));
    if (serves_.api && what.path == stream_path) {
      auto refusal = co_await upgrade(in, what);
      if (!refusal) co_return;
      if (const bool sent = co_await write(in, what, render(*refusal, what)); !sent) co_return;
      continue;
    }
    auto out = co_await answer(shared_, what, serves_.api, serves_.admin);
    if (const bool sent = co_await write(in, what, std::move(out)); !sent) co_return;
  }
}

asio::awaitable<bool> connection::wait_for_request(std::chrono::seconds patience) {
  error_code error;
  is_waiting_ = true;
  socket_.expires_after(patience);
  auto count = co_await socket_.async_read_some(buffer_.prepare(read_bytes), into(error));
  buffer_.commit(count);
  is_waiting_ = false;
  co_return !error;
}

asio::awaitable<bool> connection::read_request(parser& in) {
  error_code error;
  socket_.expires_after(limits::header_timeout);
  co_await beast::http::async_read_header(socket_, buffer_, in, into(error));
  if (!error && beast::iequals(in.get()[beast::http::field::expect], "100-continue")) {
    beast::http::response<beast::http::empty_body> go_on{beast::http::status::continue_, in.get().version()};
    co_await beast::http::async_write(socket_, go_on, into(error));
  }
  if (!error) {
    socket_.expires_after(body_time);
    co_await beast::http::async_read(socket_, buffer_, in, into(error));
  }
  auto refusal = problem_of(error);
  if (!error) refusal = host_problem(in.get());
  if (!error && !refusal) co_return true;
  if (refusal) co_await refuse(*refusal);
  co_return false;
}

asio::awaitable<void> connection::refuse(problem what) {
  // What was sent so far may be no request at all: there is nothing of it to be shown.
  request unknown;
  unknown.path = "/";
  unknown.id = to_request({}).id;
  auto out = render(what, unknown);
  shared_.counted.count_request(no_request, out.status, 0);
  auto made = to_wire(unknown, out, 11, false, false);
  error_code error;
  socket_.expires_after(write_time);
  co_await beast::http::async_write(socket_, made, into(error));
  socket_.socket().shutdown(asio::ip::tcp::socket::shutdown_send, error);
  // Closing while the client still writes would reset the connection before it reads our answer.
  std::size_t dropped = 0;
  socket_.expires_after(linger_time);
  while (!error && dropped < linger_bytes) {
    buffer_.clear();
    dropped += co_await socket_.async_read_some(buffer_.prepare(read_bytes), into(error));
  }
}

asio::awaitable<bool> connection::write(const parser& in, const request& what, response out) {
  if (out.events) {
    co_await write_events(in, what, out);
    co_return false;
  }
  bool keep_alive = in.keep_alive() && !is_stopping_;
  bool is_head = in.get().method() == beast::http::verb::head;
  auto made = to_wire(what, out, in.get().version(), keep_alive, is_head);
  error_code error;
  socket_.expires_after(write_time);
  if (is_head) {
    beast::http::response_serializer<wire_response::body_type> headers{made};
    co_await beast::http::async_write_header(socket_, headers, into(error));
  } else {
    co_await beast::http::async_write(socket_, made, into(error));
  }
  co_return !error && keep_alive;
}

asio::awaitable<void> connection::write_events(const parser& in, const request& what, const response& out) {
  events_ = out.events;
  auto made = to_wire(what, out, in.get().version(), false, false);
  bool is_chunked = in.get().version() == 11;
  made.content_length(boost::none);
  made.chunked(is_chunked);
  beast::http::response_serializer<wire_response::body_type> headers{made};
  error_code error;
  socket_.expires_after(write_time);
  co_await beast::http::async_write_header(socket_, headers, into(error));
  while (!error && !is_stopping_) {
    auto text = co_await events_->next();
    if (!text) break;
    socket_.expires_after(write_time);
    if (is_chunked)
      co_await asio::async_write(socket_, beast::http::make_chunk(asio::buffer(*text)), into(error));
    else
      co_await asio::async_write(socket_, asio::buffer(*text), into(error));
  }
  if (!error && is_chunked) co_await asio::async_write(socket_, beast::http::make_chunk_last(), into(error));
  events_->stop();
}

asio::awaitable<std::optional<problem>> connection::upgrade(const parser& in, const request& what) {
  if (what.method != verb::get) co_return wrong_method("GET");
  if (!beast::websocket::is_upgrade(in.get())) {
    auto refusal = make_problem(426, "upgrade-required", "this path is a WebSocket");
    refusal.headers.emplace_back("Upgrade", "websocket");
    co_return refusal;
  }
  if (shared_.stopping) co_return to_problem(errc::unavailable);
  if (!is_origin_allowed(in.get(), shared_.options.allowed_origins))
    co_return make_problem(403, "forbidden", "pages of this origin may not open a stream");
  std::optional<verified_token> who;
  if (!what.authorization.empty()) {
    auto verified = authenticate(shared_, what.authorization);
    if (!verified) co_return make_problem(401, "unauthenticated", verified.error());
    who = *verified;
  }
  socket_.expires_never();
  stream_ = std::make_shared<stream>(shared_, socket_.release_socket());
  co_await stream_->run(in.get(), std::move(who));
  co_return std::nullopt;
}

void connection::stop() {
  asio::post(executor_, [self = shared_from_this()] {
    self->is_stopping_ = true;
    if (self->stream_) self->stream_->close(close_code::going_away, "the node goes away");
    if (self->events_) self->events_->stop();
    if (self->is_waiting_) self->socket_.cancel();
  });
}

void connection::abort() {
  asio::post(executor_, [self = shared_from_this()] {
    self->is_stopping_ = true;
    if (self->stream_) self->stream_->abort();
    self->socket_.close();
  });
}

}  // namespace dabba::http
