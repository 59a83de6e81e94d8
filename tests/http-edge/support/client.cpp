#include "tests/http-edge/support/client.hpp"

#include <boost/asio/buffers_iterator.hpp>
#include <boost/beast/core/buffers_to_string.hpp>
#include <boost/beast/http/read.hpp>
#include <boost/beast/http/write.hpp>

#include "protocols/model/limits.hpp"

namespace dabba::test {
namespace {

using namespace std::chrono_literals;
using boost::system::error_code;
constexpr auto patience = limits::request_deadline + 5s;

asio::ip::tcp::endpoint at(std::uint16_t port) { return {asio::ip::address_v4::loopback(), port}; }

}  // namespace

connection::connection(std::uint16_t port) : stream_{io_} {
  stream_.socket().connect(at(port));
  stream_.socket().set_option(asio::ip::tcp::no_delay{true});
}

void connection::write(std::string_view bytes) {
  error_code error;
  asio::write(stream_.socket(), asio::buffer(bytes), error);
}

std::optional<got> connection::read(bool is_head) {
  beast::http::response_parser<beast::http::string_body> parser;
  parser.body_limit(64 * 1024 * 1024);
  parser.skip(is_head);
  error_code error;
  stream_.expires_after(patience);
  beast::http::async_read(stream_, buffer_, parser, [&](error_code e, std::size_t) { error = e; });
  io_.restart();
  io_.run();
  if (error) return std::nullopt;
  got out;
  out.status = parser.get().result_int();
  out.body = parser.get().body();
  for (const auto& each : parser.get()) {
    std::string name{each.name_string()};
    std::transform(name.begin(), name.end(), name.begin(), [](unsigned char c) { return std::tolower(c); });
    out.headers[name] = std::string{each.value()};
  }
  return out;
}

std::string connection::read_all(std::chrono::milliseconds wait) {
  std::string all;
  error_code error;
  auto until = std::chrono::steady_clock::now() + wait;
  while (!error) {
    std::array<char, 4096> chunk{};
    // Not the stream's own deadline, which would close the connection.
    stream_.socket().async_read_some(asio::buffer(chunk), [&](error_code e, std::size_t n) {
      error = e;
      all.append(chunk.data(), n);
    });
    io_.restart();
    if (io_.run_until(until) > 0) continue;
    stream_.socket().cancel();
    io_.run();
  }
  return all;
}

bool connection::is_closed() {
  error_code error;
  std::array<char, 4096> chunk{};
  stream_.expires_after(patience);
  stream_.async_read_some(asio::buffer(chunk), [&](error_code e, std::size_t) { error = e; });
  io_.restart();
  io_.run();
  return error && error != beast::error::timeout;
}

bool connection::is_open() {
  error_code error;
  char byte = 0;
  stream_.socket().non_blocking(true);
  stream_.socket().receive(asio::buffer(&byte, 1), asio::socket_base::message_peek, error);
  stream_.socket().non_blocking(false);
  return !error || error == asio::error::would_block;
}

got connection::ask(const std::string& method, const std::string& target, const headers& with,
                    const std::string& body) {
  beast::http::request<beast::http::string_body> request;
  request.method_string(method);
  request.target(target);
  request.version(11);
  request.set("Host", "localhost");
  for (const auto& [name, value] : with) request.set(name, value);
  request.body() = body;
  if (!body.empty() || method == "POST" || method == "PATCH") request.content_length(body.size());
  error_code error;
  beast::http::write(stream_.socket(), request, error);
  auto answer = read(method == "HEAD");
  if (!answer) throw std::runtime_error{"no answer to " + method + ' ' + target};
  return *answer;
}

got ask(std::uint16_t port, const std::string& method, const std::string& target, const std::string& token,
        const std::string& body, headers with) {
  if (!token.empty()) with.emplace("Authorization", "Bearer " + token);
  if (!body.empty()) with.emplace("Content-Type", "application/json");
  return connection{port}.ask(method, target, with, body);
}

websocket::websocket(std::uint16_t port, const std::string& token, const headers& with) : stream_{io_} {
  stream_.next_layer().socket().connect(at(port));
  stream_.set_option(beast::websocket::stream_base::decorator([&](beast::websocket::request_type& request) {
    request.set("Sec-WebSocket-Protocol", "dabba.v1+json");
    if (!token.empty()) request.set("Authorization", "Bearer " + token);
    for (const auto& [name, value] : with) request.set(name, value);
  }));
  stream_.read_message_max(0);
  stream_.handshake("localhost:" + std::to_string(port), "/v1/stream");
}

void websocket::run(const bool& is_done) {
  io_.restart();
  auto until = std::chrono::steady_clock::now() + patience;
  while (!is_done && std::chrono::steady_clock::now() < until) io_.run_one_until(until);
}

void websocket::send_text(const std::string& text, bool is_binary) {
  error_code error;
  stream_.binary(is_binary);
  bool is_done = false;
  stream_.async_write(asio::buffer(text), [&](error_code, std::size_t) { is_done = true; });
  run(is_done);
}

json websocket::next(std::chrono::milliseconds wait) {
  if (is_closed_) return nullptr;
  if (!is_reading_) {
    is_reading_ = true;
    was_read_ = false;
    stream_.async_read(buffer_, [this](error_code error, std::size_t) {
      is_reading_ = false;
      was_read_ = !error;
      is_closed_ = static_cast<bool>(error);
    });
  }
  io_.restart();
  auto until = std::chrono::steady_clock::now() + wait;
  while (is_reading_ && std::chrono::steady_clock::now() < until) io_.run_one_until(until);
  if (is_reading_ || !was_read_) return nullptr;
  auto text = beast::buffers_to_string(buffer_.data());
  buffer_.clear();
  return json::parse(text);
}

json websocket::next_of(const std::string& type) {
  for (int i = 0; i < 10'000; ++i) {
    auto message = next();
    if (message.is_null() || message.at("type") == type) return message;
  }
  return nullptr;
}

unsigned websocket::wait_for_close() {
  for (int i = 0; i < 10'000 && !is_closed_; ++i)
    if (next(patience).is_null()) break;
  return is_closed_ ? stream_.reason().code : 0;
}

void websocket::close() {
  bool is_done = false;
  stream_.async_close(beast::websocket::close_code::normal, [&](error_code) { is_done = true; });
  run(is_done);
}

}  // namespace dabba::test
