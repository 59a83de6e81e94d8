#include "tests/system/support/api.hpp"

#include <algorithm>
#include <deque>

#include <boost/asio/io_context.hpp>
#include <boost/beast/core/buffers_to_string.hpp>
#include <boost/beast/core/flat_buffer.hpp>
#include <boost/beast/core/tcp_stream.hpp>
#include <boost/beast/http.hpp>
#include <boost/beast/websocket.hpp>
#include <nlohmann/json.hpp>

namespace dabba::system_tests {
namespace {

namespace asio = boost::asio;
namespace beast = boost::beast;
namespace http = boost::beast::http;
namespace websocket = boost::beast::websocket;
using boost::system::error_code;
using nlohmann::json;
using tcp = asio::ip::tcp;

constexpr milliseconds connect_patience{15'000};
constexpr milliseconds answer_patience{30'000};

tcp::endpoint node_at(std::uint16_t port) { return {asio::ip::address_v4::loopback(), port}; }

/// Starts an operation, runs it to its end and throws what became of it. The stream's own expiry bounds it.
template <class Start>
void run(asio::io_context& context, Start start) {
  error_code outcome = asio::error::would_block;
  start([&](error_code error, auto&&...) { outcome = error; });
  context.restart();
  while (outcome == asio::error::would_block && context.run_one() > 0) {
  }
  if (outcome) throw no_answer{outcome.message()};
}

json parsed(const std::string& text) { return json::parse(text, nullptr, false); }

http_response to_response(const http::response<http::string_body>& from) {
  http_response out;
  out.status = from.result_int();
  for (const auto& field : from) {
    std::string name{field.name_string()};
    std::transform(name.begin(), name.end(), name.begin(), [](unsigned char c) { return std::tolower(c); });
    out.headers[name] = std::string{field.value()};
  }
  out.body = from.body();
  return out;
}

}  // namespace

json http_response::json() const { return parsed(body); }

std::string http_response::header(const std::string& lower_case_name) const {
  auto found = headers.find(lower_case_name);
  return found == headers.end() ? std::string{} : found->second;
}

std::string http_response::code() const {
  auto problem = json();
  return problem.is_object() ? problem.value("code", std::string{}) : std::string{};
}

// -- HTTP ------------------------------------------------------------------------------------------------------------

struct http_client::impl {
  std::uint16_t port;
  std::string token;
  asio::io_context context;
  std::optional<beast::tcp_stream> stream;
  beast::flat_buffer buffer;

  void connect() {
    if (stream) return;
    buffer.clear();
    stream.emplace(context);
    stream->expires_after(connect_patience);
    try {
      run(context, [&](auto done) { stream->async_connect(node_at(port), done); });
    } catch (const no_answer&) {
      stream.reset();
      throw;
    }
    stream->socket().set_option(tcp::no_delay{true});
  }

  [[nodiscard]] http::request<http::string_body> to_beast(const http_request& from) const {
    http::request<http::string_body> out{http::verb::get, from.target, 11};
    out.method_string(from.method);
    out.set(http::field::host, "127.0.0.1");
    if (!token.empty()) out.set(http::field::authorization, "Bearer " + token);
    if (!from.body.empty()) out.set(http::field::content_type, "application/json");
    for (const auto& [name, value] : from.extra) out.set(name, value);
    out.body() = from.body;
    if (!from.body.empty() || from.method != "GET") out.prepare_payload();
    return out;
  }
};

http_client::http_client(std::uint16_t port, std::string token) : impl_{std::make_unique<impl>()} {
  impl_->port = port;
  impl_->token = std::move(token);
}
http_client::~http_client() = default;
http_client::http_client(http_client&&) noexcept = default;
http_client& http_client::operator=(http_client&&) noexcept = default;

void http_client::start(const http_request& request) {
  impl_->connect();
  auto message = impl_->to_beast(request);
  impl_->stream->expires_after(answer_patience);
  try {
    run(impl_->context, [&](auto done) { http::async_write(*impl_->stream, message, done); });
  } catch (const no_answer&) {
    impl_->stream.reset();
    throw;
  }
}

http_response http_client::finish() {
  http::response_parser<http::string_body> parser;
  parser.body_limit(boost::none);
  try {
    if (!impl_->stream) throw no_answer{"no connection"};
    impl_->stream->expires_after(answer_patience);
    run(impl_->context, [&](auto done) { http::async_read(*impl_->stream, impl_->buffer, parser, done); });
  } catch (const no_answer&) {
    impl_->stream.reset();
    throw;
  }
  if (!parser.get().keep_alive()) impl_->stream.reset();
  return to_response(parser.get());
}

http_response http_client::send(const http_request& request) {
  start(request);
  return finish();
}

http_response http_client::get(const std::string& target, headers extra) {
  return send({"GET", target, {}, std::move(extra)});
}

http_response http_client::post(const std::string& target, const json& body, headers extra) {
  return send({"POST", target, body.dump(), std::move(extra)});
}

http_response http_client::patch(const std::string& target, const json& body) {
  return send({"PATCH", target, body.dump(), {}});
}

// -- WebSocket -------------------------------------------------------------------------------------------------------

struct stream_client::impl {
  asio::io_context context;
  websocket::stream<beast::tcp_stream> socket{context};
  beast::flat_buffer buffer;
  std::deque<json> inbox;
  std::optional<unsigned> closed;
  std::int64_t last_id = 0;

  void open(std::uint16_t port, const std::string& token) {
    auto& below = beast::get_lowest_layer(socket);
    below.expires_after(connect_patience);
    run(context, [&](auto done) { below.async_connect(node_at(port), done); });
    below.socket().set_option(tcp::no_delay{true});
    socket.set_option(websocket::stream_base::decorator([token](websocket::request_type& request) {
      request.set(http::field::sec_websocket_protocol, "dabba.v1+json");
      if (!token.empty()) request.set(http::field::authorization, "Bearer " + token);
    }));
    run(context, [&](auto done) { socket.async_handshake("127.0.0.1", "/v1/stream", done); });
    // From here on a read is always under way: a timeout would end it, so waits are bounded by us.
    below.expires_never();
    read();
  }

  void read() {
    socket.async_read(buffer, [this](error_code error, std::size_t) {
      if (error) {
        closed = socket.reason().code;
        return;
      }
      inbox.push_back(parsed(beast::buffers_to_string(buffer.data())));
      buffer.clear();
      read();
    });
  }

  template <class Condition>
  bool run_until(milliseconds patience, Condition holds) {
    auto give_up = steady::now() + patience;
    context.restart();
    while (!holds()) {
      if (closed || steady::now() >= give_up) return false;
      context.restart();
      context.run_one_until(give_up);
    }
    return true;
  }

  void write(const std::string& text, bool binary) {
    bool written = false;
    socket.binary(binary);
    socket.async_write(asio::buffer(text), [&](error_code, std::size_t) { written = true; });
    if (run_until(default_patience, [&] { return written; })) return;
    // The operation refers to this frame: it must be over before we leave.
    beast::get_lowest_layer(socket).close();
    while (!written && (context.restart(), context.run_one_for(default_patience)) > 0) {
    }
    throw no_answer{"the connection is closed"};
  }
};

stream_client::stream_client(std::uint16_t port, const std::string& token) : impl_{std::make_unique<impl>()} {
  impl_->open(port, token);
}
stream_client::~stream_client() = default;
stream_client::stream_client(stream_client&&) noexcept = default;
stream_client& stream_client::operator=(stream_client&&) noexcept = default;

void stream_client::send_raw(const std::string& text, bool binary) { impl_->write(text, binary); }

void stream_client::send(const json& message) { send_raw(message.dump()); }

std::optional<json> stream_client::next(milliseconds patience) {
  impl_->run_until(patience, [&] { return !impl_->inbox.empty(); });
  if (impl_->inbox.empty()) return std::nullopt;
  auto first = std::move(impl_->inbox.front());
  impl_->inbox.pop_front();
  return first;
}

json stream_client::take(const std::string& key, const json& value, milliseconds patience) {
  auto& inbox = impl_->inbox;
  auto find = [&] {
    return std::find_if(inbox.begin(), inbox.end(), [&](const json& m) { return m.contains(key) && m[key] == value; });
  };
  if (!impl_->run_until(patience, [&] { return find() != inbox.end(); }))
    throw no_answer{"no message with " + key + " = " + value.dump()};
  auto found = find();
  auto message = std::move(*found);
  inbox.erase(found);
  return message;
}

std::int64_t stream_client::start(json message) {
  message["id"] = ++impl_->last_id;
  send(message);
  return impl_->last_id;
}

json stream_client::answer_to(std::int64_t id) { return take("id", id); }

json stream_client::ask(json message) { return answer_to(start(std::move(message))); }

bool stream_client::is_open() const { return !impl_->closed; }

std::optional<unsigned> stream_client::closed_within(milliseconds patience) {
  impl_->run_until(patience, [] { return false; });
  return impl_->closed;
}

void stream_client::drop() {
  beast::get_lowest_layer(impl_->socket).close();
  impl_->closed = 0;
}

// -- Server-sent events ----------------------------------------------------------------------------------------------

struct event_stream::impl {
  asio::io_context context;
  beast::tcp_stream stream{context};
  beast::flat_buffer buffer;
  http::response_parser<http::string_body> parser;
  bool ended = false;

  void read() {
    http::async_read_some(stream, buffer, parser, [this](error_code error, std::size_t) {
      ended = error || parser.is_done();
      if (!ended) read();
    });
  }

  /// Takes the first whole event out of what has been read of the body.
  std::optional<server_event> take() {
    auto& body = parser.get().body();
    auto end = body.find("\n\n");
    if (end == std::string::npos) return std::nullopt;
    server_event event;
    std::string block = body.substr(0, end + 1);
    body.erase(0, end + 2);
    for (std::size_t at = 0; at < block.size();) {
      auto line = block.substr(at, block.find('\n', at) - at);
      at += line.size() + 1;
      auto colon = line.find(": ");
      if (colon == std::string::npos) continue;
      auto value = line.substr(colon + 2);
      if (line.starts_with("id")) event.id = value;
      if (line.starts_with("event")) event.type = value;
      if (line.starts_with("data")) event.data += value;
    }
    return event;
  }
};

event_stream::event_stream(std::uint16_t port, const std::string& token, const std::string& target,
                           const std::string& last_event_id)
    : impl_{std::make_unique<impl>()} {
  http::request<http::empty_body> request{http::verb::get, target, 11};
  request.set(http::field::host, "127.0.0.1");
  request.set(http::field::accept, "text/event-stream");
  if (!token.empty()) request.set(http::field::authorization, "Bearer " + token);
  if (!last_event_id.empty()) request.set("Last-Event-ID", last_event_id);
  auto& x = *impl_;
  x.parser.body_limit(boost::none);
  x.parser.eager(true);
  x.stream.expires_after(connect_patience);
  run(x.context, [&](auto done) { x.stream.async_connect(node_at(port), done); });
  run(x.context, [&](auto done) { http::async_write(x.stream, request, done); });
  run(x.context, [&](auto done) { http::async_read_header(x.stream, x.buffer, x.parser, done); });
  x.stream.expires_never();
  if (x.parser.is_done())
    x.ended = true;
  else
    x.read();
}

event_stream::~event_stream() = default;

unsigned event_stream::status() const { return impl_->parser.get().result_int(); }

std::optional<server_event> event_stream::next(milliseconds patience) {
  auto give_up = steady::now() + patience;
  while (true) {
    auto event = impl_->take();
    // Comments keep the connection alive and say nothing.
    if (event && !event->type.empty()) return event;
    if (event) continue;
    if (impl_->ended || steady::now() >= give_up) return std::nullopt;
    impl_->context.restart();
    impl_->context.run_one_until(give_up);
  }
}

}  // namespace dabba::system_tests
