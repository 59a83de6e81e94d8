#include "tests/system/support/tcp.hpp"

#include <arpa/inet.h>
#include <netinet/in.h>
#include <poll.h>
#include <sys/socket.h>
#include <unistd.h>

#include <array>
#include <cerrno>
#include <cstring>
#include <stdexcept>
#include <string_view>
#include <utility>

namespace dabba::system_tests {
namespace {

constexpr milliseconds send_patience{5'000};

int milliseconds_until(steady::time_point t) {
  auto left = std::chrono::ceil<milliseconds>(t - steady::now()).count();
  return left > 0 ? static_cast<int>(left) : 0;
}

}  // namespace

tcp_connection::tcp_connection(std::uint16_t port, bool small_window) {
  fd_ = ::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
  if (small_window) {
    int bytes = 1;  // the kernel makes it the least it allows
    ::setsockopt(fd_, SOL_SOCKET, SO_RCVBUF, &bytes, sizeof bytes);
  }
  sockaddr_in to{};
  to.sin_family = AF_INET;
  to.sin_port = htons(port);
  to.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
  if (::connect(fd_, reinterpret_cast<const sockaddr*>(&to), sizeof to) != 0)
    throw std::runtime_error{std::string{"connect: "} + std::strerror(errno)};
}

tcp_connection::~tcp_connection() {
  if (fd_ >= 0) ::close(fd_);
}

tcp_connection::tcp_connection(tcp_connection&& other) noexcept : fd_{std::exchange(other.fd_, -1)} {}

std::size_t tcp_connection::send_some(const std::string& bytes) {
  auto sent = ::send(fd_, bytes.data(), bytes.size(), MSG_DONTWAIT | MSG_NOSIGNAL);
  return sent < 0 ? 0 : static_cast<std::size_t>(sent);
}

bool tcp_connection::send(const std::string& bytes) {
  auto give_up = steady::now() + send_patience;
  std::string_view left = bytes;
  while (!left.empty()) {
    auto sent = ::send(fd_, left.data(), left.size(), MSG_DONTWAIT | MSG_NOSIGNAL);
    if (sent >= 0) {
      left.remove_prefix(static_cast<std::size_t>(sent));
      continue;
    }
    pollfd room{fd_, POLLOUT, 0};
    bool can_wait = errno == EAGAIN && steady::now() < give_up;
    if (!can_wait || ::poll(&room, 1, milliseconds_until(give_up)) <= 0) return false;
  }
  return true;
}

void tcp_connection::finish_sending() { ::shutdown(fd_, SHUT_WR); }

std::string tcp_connection::read(milliseconds patience, const std::string& until) {
  auto give_up = steady::now() + patience;
  std::string all;
  std::array<char, 16384> chunk{};
  while (until.empty() || all.find(until) == std::string::npos) {
    pollfd bytes{fd_, POLLIN, 0};
    if (::poll(&bytes, 1, milliseconds_until(give_up)) <= 0) break;
    auto count = ::recv(fd_, chunk.data(), chunk.size(), MSG_DONTWAIT);
    if (count <= 0) break;
    all.append(chunk.data(), static_cast<std::size_t>(count));
  }
  return all;
}

bool tcp_connection::is_closed() const {
  pollfd ended{fd_, POLLRDHUP, 0};
  return ::poll(&ended, 1, 0) > 0 && (ended.revents & (POLLRDHUP | POLLHUP | POLLERR)) != 0;
}

}  // namespace dabba::system_tests
