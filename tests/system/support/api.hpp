/// Clients of a node: HTTP, WebSocket and server-sent events, each on a real socket of its own. Every wait is bounded.
/// An object is for one thread.
#pragma once

#include <chrono>
#include <cstdint>
#include <map>
#include <memory>
#include <optional>
#include <stdexcept>
#include <string>
#include <utility>
#include <vector>

#include <nlohmann/json_fwd.hpp>

#include "tests/system/support/process.hpp"

namespace dabba::system_tests {

/// The connection broke or nothing came in time: whether the request took effect is not known.
struct no_answer : std::runtime_error {
  using std::runtime_error::runtime_error;
};

using headers = std::vector<std::pair<std::string, std::string>>;

struct http_request {
  std::string method;
  std::string target;
  std::string body;
  headers extra;
};

struct http_response {
  unsigned status = 0;
  std::map<std::string, std::string> headers;  ///< by lower-case name
  std::string body;

  [[nodiscard]] nlohmann::json json() const;
  [[nodiscard]] std::string header(const std::string& lower_case_name) const;
  /// The `code` of a problem; empty when it is none.
  [[nodiscard]] std::string code() const;
};

/// A keep-alive connection, made when needed.
class http_client {
 public:
  explicit http_client(std::uint16_t port, std::string token = {});
  ~http_client();
  http_client(http_client&&) noexcept;
  http_client& operator=(http_client&&) noexcept;

  /// Throws no_answer.
  http_response send(const http_request& request);
  http_response get(const std::string& target, headers extra = {});
  http_response post(const std::string& target, const nlohmann::json& body, headers extra = {});
  http_response patch(const std::string& target, const nlohmann::json& body);

  /// The two halves of `send`, for requests that are to be under way at the same time.
  void start(const http_request& request);
  http_response finish();

 private:
  struct impl;
  std::unique_ptr<impl> impl_;
};

/// A WebSocket on /v1/stream.
class stream_client {
 public:
  /// With an empty token the handshake carries none.
  stream_client(std::uint16_t port, const std::string& token);
  ~stream_client();
  stream_client(stream_client&&) noexcept;
  stream_client& operator=(stream_client&&) noexcept;

  void send(const nlohmann::json& message);
  /// As it is: a text frame, or a binary one.
  void send_raw(const std::string& text, bool binary = false);
  /// The oldest message that nobody has taken yet; nothing when none comes in time or the connection has ended.
  std::optional<nlohmann::json> next(milliseconds patience);
  /// Takes the first message whose `key` is `value`, leaving others; throws no_answer.
  nlohmann::json take(const std::string& key, const nlohmann::json& value, milliseconds patience = default_patience);
  /// Sends `message` under a new id and returns the ack or error for it.
  nlohmann::json ask(nlohmann::json message);
  /// The same in two halves.
  std::int64_t start(nlohmann::json message);
  nlohmann::json answer_to(std::int64_t id);

  [[nodiscard]] bool is_open() const;
  /// Waits for the end of the connection: the server's close code, 0 when it went without one, nothing while it is
  /// open.
  std::optional<unsigned> closed_within(milliseconds patience);
  /// Cuts the connection without a word.
  void drop();

  static constexpr milliseconds default_patience{10'000};

 private:
  struct impl;
  std::unique_ptr<impl> impl_;
};

struct server_event {
  std::string id;
  std::string type;
  std::string data;
};

/// `GET target` as text/event-stream.
class event_stream {
 public:
  event_stream(std::uint16_t port, const std::string& token, const std::string& target,
               const std::string& last_event_id);
  ~event_stream();

  /// Nothing when none comes in time or the stream has ended.
  std::optional<server_event> next(milliseconds patience);
  [[nodiscard]] unsigned status() const;

 private:
  struct impl;
  std::unique_ptr<impl> impl_;
};

}  // namespace dabba::system_tests
