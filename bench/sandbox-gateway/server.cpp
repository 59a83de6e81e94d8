#include "bench/sandbox-gateway/server.hpp"

#include <chrono>
#include <exception>
#include <stdexcept>

#include <boost/asio/as_tuple.hpp>
#include <boost/asio/awaitable.hpp>
#include <boost/asio/co_spawn.hpp>
#include <boost/asio/detached.hpp>
#include <boost/asio/ip/tcp.hpp>
#include <boost/asio/steady_timer.hpp>
#include <boost/asio/use_awaitable.hpp>
#include <boost/beast/core.hpp>
#include <boost/beast/http.hpp>

#include "bench/sandbox-gateway/api_error.hpp"
#include "bench/sandbox-gateway/limits.hpp"
#include "bench/sandbox-gateway/log.hpp"

namespace dabba::sandbox {

namespace asio = boost::asio;
namespace beast = boost::beast;
namespace http = beast::http;

namespace {

using tcp = asio::ip::tcp;
using std::chrono::milliseconds;
using std::chrono::steady_clock;
using wire_request = http::request<http::string_body>;
using wire_answer = http::response<http::string_body>;

/// When there are no file descriptors left, trying at once again would only burn the processor.
constexpr auto pause_after_failure = milliseconds{50};

http_request request_of(const wire_request& in) {
  http_request out;
  out.method = std::string{in.method_string()};
  const std::string target{in.target()};
  const auto question = std::min(target.find('?'), target.size());
  out.path = target.substr(0, question);
  if (question < target.size()) out.query = target.substr(question + 1);
  out.body = in.body();
  out.authorization = std::string{in[http::field::authorization]};
  out.idempotency_key = std::string{in["Idempotency-Key"]};
  out.request_id = make_id("req_", 14);
  return out;
}

wire_answer answer_of(const http_request& what, const http_answer& from, const wire_request& to) {
  wire_answer out{static_cast<http::status>(from.status), to.version()};
  out.set(http::field::server, "dabba-sandbox-gateway");
  out.set(http::field::content_type, "application/json");
  out.set("Request-Id", what.request_id);
  out.set("Stripe-Version", std::string{api_version});
  if (!what.idempotency_key.empty()) out.set("Idempotency-Key", what.idempotency_key);
  for (const auto& [name, value] : from.headers) out.set(name, value);
  out.keep_alive(to.keep_alive());
  out.body() = from.body;
  out.prepare_payload();
  return out;
}

asio::awaitable<void> sleep_for(milliseconds time) {
  if (time.count() == 0) co_return;
  asio::steady_timer timer{co_await asio::this_coro::executor, time};
  co_await timer.async_wait(asio::as_tuple(asio::use_awaitable));
}

/// What is to go wrong with one request.
struct fate {
  milliseconds latency{0};
  bool fails = false;
  bool is_lost = false;
};

fate roll(const faults& how, dice& chance) {
  return {milliseconds{how.latency_ms} + chance.up_to(milliseconds{how.latency_spread_ms}),
          chance.happens(how.error_rate), chance.happens(how.lost_answer_rate)};
}

/// Nothing: the connection closes without an answer.
asio::awaitable<std::optional<http_answer>> answer_to(const served_parts& parts, const http_request& what) {
  if (control::is_own_path(what.path)) co_return parts.own.answer_to(what);
  if (parts.own.is_down()) co_return std::nullopt;
  const auto lot = roll(parts.how, parts.chance);
  const auto point = parts.how.errors;
  if (auto known = parts.stripe.answer_at_once(what)) {
    co_await sleep_for(lot.latency);
    co_return known;
  }
  const auto held = parts.stripe.open(what);
  co_await sleep_for(lot.latency);
  if (lot.fails && point == error_point::before) co_return server_error(true);
  const bool is_stored_error = lot.fails && point == error_point::stored;
  auto out = parts.stripe.execute(what, is_stored_error);
  parts.webhooks.send_new();
  if (lot.is_lost) co_return std::nullopt;
  if (lot.fails && point == error_point::after) co_return server_error(true);
  co_return out;
}

asio::awaitable<void> talk(const served_parts& parts, beast::tcp_stream& stream) {
  beast::flat_buffer buffer{limits::header_bytes + limits::body_bytes};
  while (true) {
    http::request_parser<http::string_body> parser;
    parser.header_limit(limits::header_bytes);
    parser.body_limit(limits::body_bytes);
    stream.expires_after(limits::idle_timeout);
    co_await http::async_read(stream, buffer, parser, asio::use_awaitable);
    stream.expires_never();
    const auto what = request_of(parser.get());
    const auto begin = steady_clock::now();
    const auto out = co_await answer_to(parts, what);
    if (!control::is_own_path(what.path)) {
      parts.own.count(!out || out->status >= 500);
      const auto took = std::chrono::duration_cast<milliseconds>(steady_clock::now() - begin).count();
      if (parts.logs_requests)
        log_line("{} {} {} {} {} ms", what.request_id, what.method, what.path,
                 out ? std::to_string(out->status) : "no answer", took);
    }
    if (!out) co_return;
    const auto message = answer_of(what, *out, parser.get());
    stream.expires_after(limits::write_timeout);
    co_await http::async_write(stream, message, asio::use_awaitable);
    if (!message.keep_alive()) co_return;
  }
}

asio::awaitable<void> serve(served_parts parts, tcp::socket socket, std::shared_ptr<std::size_t> open) {
  beast::tcp_stream stream{std::move(socket)};
  try {
    co_await talk(parts, stream);
  } catch (const boost::system::system_error&) {
    // The client went away, was silent for too long, or sent what is no HTTP.
  }
  boost::system::error_code ignored;
  stream.socket().shutdown(tcp::socket::shutdown_both, ignored);
  --*open;
}

}  // namespace

class server::acceptor : public std::enable_shared_from_this<acceptor> {
 public:
  acceptor(asio::io_context& io, served_parts parts) : parts_{parts}, acceptor_{io} {}

  std::uint16_t listen(const std::string& address, std::uint16_t port) {
    try {
      const tcp::endpoint at{asio::ip::make_address(address), port};
      acceptor_.open(at.protocol());
      acceptor_.set_option(asio::socket_base::reuse_address{true});
      acceptor_.bind(at);
      acceptor_.listen(asio::socket_base::max_listen_connections);
    } catch (const boost::system::system_error& why) {
      throw std::runtime_error{address + ":" + std::to_string(port) + " can't be had: " + why.code().message()};
    }
    asio::co_spawn(
        acceptor_.get_executor(), [self = shared_from_this()] { return self->accept(); }, asio::detached);
    return acceptor_.local_endpoint().port();
  }

  void stop() {
    boost::system::error_code ignored;
    acceptor_.close(ignored);
  }

 private:
  asio::awaitable<void> accept() {
    while (acceptor_.is_open()) {
      auto [error, socket] = co_await acceptor_.async_accept(asio::as_tuple(asio::use_awaitable));
      if (error) {
        if (acceptor_.is_open()) co_await sleep_for(pause_after_failure);
        continue;
      }
      // Beyond the limit the socket is closed as it goes out of scope.
      if (*open_ >= limits::connections) continue;
      ++*open_;
      boost::system::error_code ignored;
      socket.set_option(tcp::no_delay{true}, ignored);
      // What is no error of the network is one of the program, and it must not go on as if its books were right.
      asio::co_spawn(acceptor_.get_executor(), serve(parts_, std::move(socket), open_), [](std::exception_ptr bug) {
        if (bug) std::rethrow_exception(bug);
      });
    }
  }

  served_parts parts_;
  tcp::acceptor acceptor_;
  std::shared_ptr<std::size_t> open_ = std::make_shared<std::size_t>(0);
};

server::server(asio::io_context& io, served_parts parts) : acceptor_{std::make_shared<acceptor>(io, parts)} {}
server::~server() = default;

std::uint16_t server::listen(const std::string& address, std::uint16_t port) {
  return acceptor_->listen(address, port);
}
void server::stop() { acceptor_->stop(); }

}  // namespace dabba::sandbox
