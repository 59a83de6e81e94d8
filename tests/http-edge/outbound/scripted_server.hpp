/// A server on loopback that says what a test wants, byte for byte. Each connection has a thread of its own.
#pragma once

#include <arpa/inet.h>
#include <netinet/in.h>
#include <poll.h>
#include <sys/socket.h>
#include <unistd.h>

#include <atomic>
#include <cstdint>
#include <functional>
#include <mutex>
#include <stdexcept>
#include <string>
#include <thread>
#include <vector>

namespace dabba::outbound_tests {

/// An answer with these headers, each with its line's end, and a body.
inline std::string answer(int status, const std::string& body, const std::string& headers = {}) {
  return "HTTP/1.1 " + std::to_string(status) + " X\r\n" + headers + "Content-Length: " + std::to_string(body.size()) +
         "\r\n\r\n" + body;
}

class scripted_server {
 public:
  /// What is written for the n-th request, counted from 0; empty: the connection closes. Called on several threads when
  /// there are several connections.
  using script = std::function<std::string(std::size_t n, const std::string& request)>;

  explicit scripted_server(script says)
      : says_{std::move(says)}, listener_{::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0)} {
    sockaddr_in at{};
    at.sin_family = AF_INET;
    at.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    socklen_t size = sizeof at;
    auto* address = reinterpret_cast<sockaddr*>(&at);
    if (::bind(listener_, address, size) != 0 || ::listen(listener_, 16) != 0 ||
        ::getsockname(listener_, address, &size) != 0)
      throw std::runtime_error{"no port for the scripted server"};
    port_ = ntohs(at.sin_port);
    thread_ = std::thread{[this] { serve(); }};
  }
  ~scripted_server() {
    ends_ = true;
    thread_.join();
    ::close(listener_);
  }
  scripted_server(const scripted_server&) = delete;
  scripted_server& operator=(const scripted_server&) = delete;

  [[nodiscard]] std::string url() const { return "http://127.0.0.1:" + std::to_string(port_); }
  [[nodiscard]] std::vector<std::string> requests() const {
    std::lock_guard lock{mutex_};
    return requests_;
  }
  [[nodiscard]] std::size_t connections() const { return connections_; }

 private:
  static bool is_readable(int fd) {
    pollfd waits{fd, POLLIN, 0};
    return ::poll(&waits, 1, 20) > 0;
  }

  void serve() {
    while (!ends_) {
      if (!is_readable(listener_)) continue;
      int socket = ::accept4(listener_, nullptr, nullptr, SOCK_CLOEXEC);
      ++connections_;
      talks_.emplace_back([this, socket] {
        while (!ends_ && talk(socket)) {
        }
        ::close(socket);
      });
    }
    for (auto& each : talks_) each.join();
  }

  bool talk(int socket) {
    auto request = read_request(socket);
    if (request.empty()) return false;
    std::size_t n = 0;
    {
      std::lock_guard lock{mutex_};
      n = requests_.size();
      requests_.push_back(request);
    }
    auto text = says_(n, request);
    if (text.empty()) return false;
    return ::send(socket, text.data(), text.size(), MSG_NOSIGNAL) == static_cast<ssize_t>(text.size());
  }

  /// Head and body; empty when the other side has closed, or the test is over.
  std::string read_request(int socket) const {
    std::string text;
    while (!ends_) {
      auto head = text.find("\r\n\r\n");
      if (head != std::string::npos) {
        auto length = text.find("Content-Length: ");
        auto body = length < head ? std::stoul(text.substr(length + 16)) : 0;
        if (text.size() >= head + 4 + body) return text;
      }
      if (!is_readable(socket)) continue;
      char bytes[4096];
      auto count = ::read(socket, bytes, sizeof bytes);
      if (count <= 0) return {};
      text.append(bytes, static_cast<std::size_t>(count));
    }
    return {};
  }

  script says_;
  int listener_;
  std::uint16_t port_ = 0;
  std::atomic<bool> ends_ = false;
  std::atomic<std::size_t> connections_ = 0;
  mutable std::mutex mutex_;
  std::vector<std::string> requests_;
  std::vector<std::thread> talks_;  // of thread_ alone
  std::thread thread_;
};

}  // namespace dabba::outbound_tests
