/// An HTTP request and its answer as handlers see them, without the library that reads and writes them.
#pragma once

#include <array>
#include <boost/asio/awaitable.hpp>
#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace dabba::http {

namespace asio = boost::asio;

enum class verb : std::uint8_t { get, post, put, patch, del, other };

/// Where a request comes from: an IPv6 address, or an IPv4 address as one of these.
using client_network = std::array<std::uint8_t, 16>;

struct request {
  verb method = verb::other;
  std::string method_name;
  std::string path;   ///< as sent, without the query
  std::string query;  ///< without the question mark
  std::string body;
  std::string id;  ///< X-Request-Id, or what we made
  std::string accept;
  std::string authorization;
  std::string content_type;
  std::string if_match;
  std::string if_none_match;
  std::string last_event_id;
  std::optional<std::string> idempotency_key;
  client_network from{};
};

/// A body that comes bit by bit.
class event_source {
 public:
  virtual ~event_source() = default;
  /// The next text to write; nothing: that was all.
  virtual asio::awaitable<std::optional<std::string>> next() = 0;
  /// Makes a waiting `next` return nothing.
  virtual void stop() = 0;
};

struct response {
  unsigned status = 200;
  std::string content_type = "application/json";
  std::string body;
  std::shared_ptr<const std::string> shared_body;  ///< instead of `body`, for what many are sent
  std::vector<std::pair<std::string_view, std::string>> headers;
  std::shared_ptr<event_source> events;  ///< instead of a body
};

}  // namespace dabba::http
