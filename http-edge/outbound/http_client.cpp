#include "http-edge/outbound/http_client.hpp"

#include <curl/curl.h>
#include <pthread.h>

#include <algorithm>
#include <cctype>
#include <csignal>
#include <optional>
#include <stdexcept>

namespace dabba::outbound {
namespace {

using std::chrono::milliseconds;

/// curl's own state, made before any thread uses it and kept until the process ends.
void start_curl() {
  static const CURLcode started = curl_global_init(CURL_GLOBAL_DEFAULT);
  if (started != CURLE_OK) throw std::runtime_error{"libcurl does not start"};
}

/// TLS writes to sockets that may be closed at the other end. That is an error code to us and no signal, whatever the
/// process does with signals.
class no_sigpipe {
 public:
  no_sigpipe() {
    sigemptyset(&pipe_);
    sigaddset(&pipe_, SIGPIPE);
    sigset_t pending;
    sigpending(&pending);
    was_pending_ = sigismember(&pending, SIGPIPE) == 1;
    pthread_sigmask(SIG_BLOCK, &pipe_, &before_);
  }
  ~no_sigpipe() {
    constexpr timespec at_once{};
    if (!was_pending_) sigtimedwait(&pipe_, nullptr, &at_once);
    pthread_sigmask(SIG_SETMASK, &before_, nullptr);
  }
  no_sigpipe(const no_sigpipe&) = delete;
  no_sigpipe& operator=(const no_sigpipe&) = delete;

 private:
  sigset_t pipe_{};
  sigset_t before_{};
  bool was_pending_ = false;
};

struct header_list {
  curl_slist* first = nullptr;

  header_list() = default;
  header_list(const header_list&) = delete;
  header_list& operator=(const header_list&) = delete;
  ~header_list() { curl_slist_free_all(first); }

  void add(const std::string& line) {
    auto* longer = curl_slist_append(first, line.c_str());
    if (!longer) throw std::bad_alloc{};
    first = longer;
  }
};

/// Where curl's callbacks write to.
struct sink {
  http_response* into = nullptr;
  std::size_t most = 0;
};

std::size_t take_body(const char* data, std::size_t, std::size_t count, void* to) {
  auto& out = *static_cast<sink*>(to);
  if (out.into->body.size() + count > out.most) return 0;  // curl ends the transfer
  out.into->body.append(data, count);
  return count;
}

std::string_view trimmed(std::string_view text) {
  constexpr std::string_view blank = " \t\r\n";
  auto begin = text.find_first_not_of(blank);
  if (begin == std::string_view::npos) return {};
  return text.substr(begin, text.find_last_not_of(blank) - begin + 1);
}

std::size_t take_header(const char* data, std::size_t, std::size_t count, void* to) {
  constexpr std::size_t most_headers = 128;
  auto& headers = static_cast<sink*>(to)->into->headers;
  std::string_view line{data, count};
  if (line.starts_with("HTTP/")) headers.clear();  // of an interim answer
  auto colon = line.find(':');
  if (colon == std::string_view::npos || headers.size() == most_headers) return count;
  std::string name{line.substr(0, colon)};
  std::transform(name.begin(), name.end(), name.begin(), [](unsigned char c) { return std::tolower(c); });
  headers.emplace_back(std::move(name), trimmed(line.substr(colon + 1)));
  return count;
}

bool is_loopback_url(std::string_view url) {
  return url.find("://127.") != std::string_view::npos || url.find("://localhost") != std::string_view::npos ||
         url.find("://[::1]") != std::string_view::npos;
}

long millis_left(http_client::time_point until) {
  auto left = std::chrono::ceil<milliseconds>(until - std::chrono::steady_clock::now());
  return static_cast<long>(std::max<std::int64_t>(left.count(), 1));
}

}  // namespace

std::string_view http_response::header(std::string_view name) const noexcept {
  auto found = std::find_if(headers.begin(), headers.end(), [&](const auto& each) { return each.first == name; });
  return found == headers.end() ? std::string_view{} : std::string_view{found->second};
}

/// One of curl's handles, with the connections it keeps.
class http_client::connection {
 public:
  connection() : handle_{curl_easy_init()} {
    if (!handle_) throw std::bad_alloc{};
  }
  ~connection() {
    no_sigpipe guard;
    curl_easy_cleanup(handle_);
  }
  connection(const connection&) = delete;
  connection& operator=(const connection&) = delete;

  tl::expected<http_response, transport_failure> send(const http_request& what, const http_client_options& options,
                                                      time_point until) {
    http_response out;
    sink to{&out, options.answer_bytes};
    header_list headers;
    for (const auto& each : what.headers) headers.add(each);
    // No answer to a large body is waited for before it is sent.
    headers.add("Expect:");
    prepare(what, options, until);
    set(CURLOPT_HTTPHEADER, headers.first);
    set(CURLOPT_WRITEDATA, &to);
    set(CURLOPT_HEADERDATA, &to);
    no_sigpipe guard;
    auto done = curl_easy_perform(handle_);
    curl_easy_getinfo(handle_, CURLINFO_RESPONSE_CODE, &out.status);
    auto failure = done == CURLE_OK ? std::nullopt : std::optional{failure_of(done)};
    curl_easy_reset(handle_);  // forgets headers and body, keeps the connections
    if (failure) return tl::unexpected{std::move(*failure)};
    return out;
  }

 private:
  template <class Value>
  void set(CURLoption option, Value value) {
    if (curl_easy_setopt(handle_, option, value) != CURLE_OK) throw std::runtime_error{"libcurl lacks an option"};
  }

  void prepare(const http_request& what, const http_client_options& options, time_point until) {
    set(CURLOPT_URL, what.url.c_str());
    set(CURLOPT_NOSIGNAL, 1L);
    set(CURLOPT_PROTOCOLS_STR, "http,https");
    set(CURLOPT_FOLLOWLOCATION, 0L);
    set(CURLOPT_TIMEOUT_MS, millis_left(until));
    set(CURLOPT_CONNECTTIMEOUT_MS, std::min(millis_left(until), static_cast<long>(options.connect_timeout.count())));
    set(CURLOPT_MAXCONNECTS, 1L);
    set(CURLOPT_USERAGENT, "dabba");
    set(CURLOPT_WRITEFUNCTION, take_body);
    set(CURLOPT_HEADERFUNCTION, take_header);
    if (is_loopback_url(what.url)) set(CURLOPT_NOPROXY, "*");
    if (!what.is_post) return;
    set(CURLOPT_POSTFIELDSIZE_LARGE, static_cast<curl_off_t>(what.body.size()));
    set(CURLOPT_POSTFIELDS, what.body.c_str());
  }

  transport_failure failure_of(CURLcode why) {
    long request_bytes = 0;
    curl_off_t ready_after = 0;
    curl_easy_getinfo(handle_, CURLINFO_REQUEST_SIZE, &request_bytes);
    curl_easy_getinfo(handle_, CURLINFO_PRETRANSFER_TIME_T, &ready_after);
    return {request_bytes > 0 || ready_after > 0, curl_easy_strerror(why), true};
  }

  CURL* handle_;
};

/// A place among the connections, given back however the call ends.
class http_client::lease {
 public:
  lease(http_client& from, std::unique_ptr<connection> taken) : from_{from}, taken_{std::move(taken)} {}
  ~lease() {
    {
      std::lock_guard lock{from_.mutex_};
      --from_.taken_;
      from_.idle_.push_back(std::move(taken_));
    }
    from_.given_back_.notify_one();
  }
  lease(const lease&) = delete;
  lease& operator=(const lease&) = delete;

  connection* operator->() const noexcept { return taken_.get(); }

 private:
  http_client& from_;
  std::unique_ptr<connection> taken_;
};

http_client::http_client(http_client_options options) : options_{options} {
  start_curl();
  idle_.reserve(options_.connections);  // giving one back can't fail
}

http_client::~http_client() = default;

tl::expected<http_response, transport_failure> http_client::send(const http_request& what, time_point until) {
  std::unique_ptr<connection> taken;
  {
    std::unique_lock lock{mutex_};
    if (!given_back_.wait_until(lock, until, [this] { return taken_ < options_.connections; }))
      return tl::unexpected{transport_failure{false, "all connections are in use", false}};
    if (idle_.empty()) {
      taken = std::make_unique<connection>();
    } else {
      taken = std::move(idle_.back());
      idle_.pop_back();
    }
    ++taken_;
  }
  lease held{*this, std::move(taken)};
  if (std::chrono::steady_clock::now() >= until)
    return tl::unexpected{transport_failure{false, "there was no time left", false}};
  return held->send(what, options_, until);
}

}  // namespace dabba::outbound
