/// HTTP to services outside, over libcurl. Calls block; any number of threads may make them, and connections are kept
/// and used again.
#pragma once

#include <chrono>
#include <condition_variable>
#include <memory>
#include <mutex>
#include <string>
#include <string_view>
#include <tl/expected.hpp>
#include <utility>
#include <vector>

namespace dabba::outbound {

struct http_request {
  bool is_post = false;
  std::string url;
  std::vector<std::string> headers;  ///< "Name: value"
  std::string body;
};

struct http_response {
  long status = 0;
  std::string body;
  std::vector<std::pair<std::string, std::string>> headers;  ///< names in small letters

  /// Empty when there is none.
  [[nodiscard]] std::string_view header(std::string_view name) const noexcept;
};

/// No answer.
struct transport_failure {
  bool may_have_arrived = false;  ///< the request, or a part of it, was on its way
  std::string why;
  bool was_tried = true;  ///< otherwise it says nothing about the service: no connection was free, or no time left
};

struct http_client_options {
  std::chrono::milliseconds connect_timeout{2'000};
  std::size_t connections = 8;  ///< at once; further callers wait for one of them
  std::size_t answer_bytes = 4 << 20;
};

class http_client {
 public:
  using time_point = std::chrono::steady_clock::time_point;

  explicit http_client(http_client_options options);
  ~http_client();
  http_client(const http_client&) = delete;
  http_client& operator=(const http_client&) = delete;

  tl::expected<http_response, transport_failure> send(const http_request& what, time_point until);

 private:
  class connection;
  class lease;

  http_client_options options_;
  std::mutex mutex_;
  std::condition_variable given_back_;
  std::size_t taken_ = 0;
  std::vector<std::unique_ptr<connection>> idle_;
};

}  // namespace dabba::outbound
