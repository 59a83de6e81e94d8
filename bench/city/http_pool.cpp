#include "bench/city/http_pool.hpp"

#include <charconv>
#include <stdexcept>

#include <fmt/format.h>
#include <boost/beast/core.hpp>
#include <boost/beast/http.hpp>

#include "bench/city/limits.hpp"

namespace dabba::city {

namespace beast = boost::beast;
namespace http = beast::http;

namespace {

using request_message = http::request<http::string_body>;

request_message message_of(const server_address& server, http_request&& r) {
  request_message message{http::string_to_verb(r.method), r.target, 11};
  message.set(http::field::host, server.host);
  if (!r.token.empty()) message.set(http::field::authorization, "Bearer " + r.token);
  if (!r.idempotency_key.empty()) message.set("Idempotency-Key", r.idempotency_key);
  if (!r.body.empty()) message.set(http::field::content_type, "application/json");
  message.body() = std::move(r.body);
  message.prepare_payload();
  return message;
}

std::optional<milliseconds> seconds_of(beast::string_view text) {
  unsigned seconds = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), seconds);
  if (error != std::errc{} || end == text.data()) return std::nullopt;
  return std::chrono::seconds{seconds};
}

}  // namespace

struct http_pool::connection {
  explicit connection(const asio::any_io_executor& executor) : stream(executor) {}

  beast::tcp_stream stream;
  beast::flat_buffer buffer;

  asio::awaitable<http_answer> exchange(request_message message) {
    stream.expires_after(limits::request_timeout);
    co_await http::async_write(stream, message, asio::use_awaitable);
    http::response_parser<http::string_body> parser;
    parser.body_limit(limits::answer_bytes);
    co_await http::async_read(stream, buffer, parser, asio::use_awaitable);
    auto response = parser.release();
    stream.expires_never();
    if (!response.keep_alive()) stream.close();
    http_answer answer{response.result_int(), std::move(response.body()), response["Idempotent-Replayed"] == "true",
                       seconds_of(response[http::field::retry_after])};
    co_return answer;
  }
};

/// One of the pool's places, given back however the exchange ends.
class http_pool::lease {
 public:
  explicit lease(http_pool& pool) : pool_(pool) { --pool_.free_; }
  ~lease() {
    ++pool_.free_;
    pool_.released_.notify_one();
  }
  lease(const lease&) = delete;
  lease& operator=(const lease&) = delete;

 private:
  http_pool& pool_;
};

http_pool::http_pool(asio::any_io_executor executor, server_address server, std::size_t most_connections)
    : executor_(std::move(executor)), server_(std::move(server)), free_(most_connections), released_(executor_) {}

http_pool::~http_pool() = default;

asio::awaitable<http_answer> http_pool::send(http_request request) {
  auto message = message_of(server_, std::move(request));
  while (free_ == 0) co_await released_.wait();
  const lease place{*this};
  std::unique_ptr<connection> c;
  if (!idle_.empty()) {
    c = std::move(idle_.back());
    idle_.pop_back();
  }
  try {
    if (!c) {
      c = std::make_unique<connection>(executor_);
      c->stream.expires_after(limits::connect_timeout);
      co_await c->stream.async_connect(server_.endpoint, asio::use_awaitable);
      c->stream.socket().set_option(asio::ip::tcp::no_delay{true});
    }
    auto answer = co_await c->exchange(std::move(message));
    if (c->stream.socket().is_open()) idle_.push_back(std::move(c));
    co_return answer;
  } catch (const boost::system::system_error&) {
    // Refused, reset, timed out or malformed: the caller can only ask again.
  }
  co_return http_answer{};
}

server_address resolve_server(const std::string& url) {
  constexpr std::string_view scheme = "http://";
  const std::string_view text{url};
  if (!text.starts_with(scheme)) throw std::runtime_error{fmt::format("'{}' does not begin with http://", url)};
  auto authority = text.substr(scheme.size());
  if (authority.ends_with('/')) authority.remove_suffix(1);
  if (authority.empty() || authority.find('/') != authority.npos)
    throw std::runtime_error{fmt::format("'{}' is not of the form http://host:port", url)};
  const auto colon = authority.rfind(':');
  server_address server{std::string{authority.substr(0, colon)},
                        colon == authority.npos ? "80" : std::string{authority.substr(colon + 1)},
                        {}};
  asio::io_context context;
  asio::ip::tcp::resolver resolver{context};
  boost::system::error_code error;
  const auto found = resolver.resolve(server.host, server.port, error);
  if (error || found.empty()) throw std::runtime_error{fmt::format("'{}': {}", url, error.message())};
  server.endpoint = found.begin()->endpoint();
  return server;
}

}  // namespace dabba::city
