#include "tests/faults/support/roaming_client.hpp"

#include <optional>

#include <boost/asio/ip/tcp.hpp>
#include <boost/asio/steady_timer.hpp>
#include <boost/asio/use_awaitable.hpp>
#include <boost/beast/core.hpp>
#include <boost/beast/http.hpp>
#include <nlohmann/json.hpp>

namespace dabba::fault_tests {
namespace {

using namespace std::chrono_literals;
namespace beast = boost::beast;
namespace http = boost::beast::http;
using tcp = asio::ip::tcp;

constexpr auto connect_patience = 1s;
/// A node that says nothing for so long is taken for lost.
constexpr auto answer_patience = 5s;
constexpr auto between_attempts = 50ms;
constexpr auto token_age = std::chrono::minutes{5};

}  // namespace

struct roaming_client::connection {
  explicit connection(const asio::any_io_executor& executor) : stream{executor} {}
  beast::tcp_stream stream;
  beast::flat_buffer buffer;
};

nlohmann::json reply::json() const { return nlohmann::json::parse(body, nullptr, false); }

roaming_client::roaming_client(asio::any_io_executor executor, std::vector<std::uint16_t> ports, std::size_t first_node,
                               std::function<std::string()> token)
    : executor_{std::move(executor)},
      ports_{std::move(ports)},
      node_{first_node % ports_.size()},
      make_token_{std::move(token)} {}
roaming_client::~roaming_client() = default;
roaming_client::roaming_client(roaming_client&&) noexcept = default;

void roaming_client::go_elsewhere() {
  connection_.reset();
  node_ = (node_ + 1) % ports_.size();
}

asio::awaitable<reply> roaming_client::exchange(const call& what) {
  if (!connection_) {
    connection_ = std::make_unique<connection>(executor_);
    connection_->stream.expires_after(connect_patience);
    tcp::endpoint where{asio::ip::address_v4::loopback(), ports_[node_]};
    co_await connection_->stream.async_connect(where, asio::use_awaitable);
    connection_->stream.socket().set_option(tcp::no_delay{true});
  }
  http::request<http::string_body> message{http::string_to_verb(what.method), what.target, 11};
  message.set(http::field::host, "127.0.0.1");
  message.set(http::field::authorization, "Bearer " + token_);
  if (!what.key.empty()) message.set("Idempotency-Key", what.key);
  if (!what.body.empty()) message.set(http::field::content_type, "application/json");
  message.body() = what.body;
  message.prepare_payload();
  connection_->stream.expires_after(answer_patience);
  co_await http::async_write(connection_->stream, message, asio::use_awaitable);
  http::response<http::string_body> answer;
  co_await http::async_read(connection_->stream, connection_->buffer, answer, asio::use_awaitable);
  connection_->stream.expires_never();
  reply got;
  got.status = answer.result_int();
  got.is_replayed = answer["Idempotent-Replayed"] == "true";
  got.says_when_to_retry = !answer[http::field::retry_after].empty();
  got.body = std::move(answer.body());
  if (!answer.keep_alive()) connection_.reset();
  co_return got;
}

asio::awaitable<reply> roaming_client::attempt(const call& what) {
  if (token_.empty() || steady::now() - token_made_ > token_age) {
    token_ = make_token_();
    token_made_ = steady::now();
  }
  auto began = steady::now();
  reply got;
  bool is_lost = false;
  try {
    got = co_await exchange(what);
  } catch (const boost::system::system_error&) {
    is_lost = true;  // refused, reset or silent: one can only ask again
  }
  if (is_lost) connection_.reset();
  got.began = began;
  got.at = steady::now();
  got.attempts = 1;
  if (on_attempt) on_attempt(got);
  co_return got;
}

asio::awaitable<reply> roaming_client::insist(const call& what, milliseconds patience) {
  auto began = steady::now();
  reply got;
  for (int attempts = 1;; ++attempts) {
    got = co_await attempt(what);
    got.began = began;
    got.attempts = attempts;
    if (got.is_final() || steady::now() - began > patience) co_return got;
    go_elsewhere();
    asio::steady_timer pause{executor_, between_attempts};
    co_await pause.async_wait(asio::use_awaitable);
  }
}

}  // namespace dabba::fault_tests
