#include "actors/peer_probe.hpp"

#include <fcntl.h>
#include <poll.h>
#include <sys/socket.h>
#include <unistd.h>
#include <array>
#include <system_error>
#include <thread>

namespace dabba {
namespace {

using namespace std::chrono_literals;

constexpr auto connect_patience = 1s;
constexpr auto resolve_patience = 1s;

class socket_handle {
 public:
  explicit socket_handle(int fd) noexcept : fd_{fd} {}
  ~socket_handle() {
    if (fd_ >= 0) ::close(fd_);
  }
  socket_handle(const socket_handle&) = delete;
  socket_handle& operator=(const socket_handle&) = delete;
  [[nodiscard]] int get() const noexcept { return fd_; }

 private:
  int fd_;
};

/// 0, or why not (errno).
int try_to_connect(const addrinfo& to) {
  socket_handle probe{::socket(to.ai_family, to.ai_socktype | SOCK_NONBLOCK | SOCK_CLOEXEC, to.ai_protocol)};
  if (probe.get() < 0) return errno;
  if (::connect(probe.get(), to.ai_addr, to.ai_addrlen) == 0) return 0;
  if (errno != EINPROGRESS) return errno;
  pollfd wait{.fd = probe.get(), .events = POLLOUT, .revents = 0};
  if (::poll(&wait, 1, static_cast<int>(std::chrono::milliseconds{connect_patience}.count())) != 1) return ETIMEDOUT;
  int problem = 0;
  socklen_t size = sizeof problem;
  return ::getsockopt(probe.get(), SOL_SOCKET, SO_ERROR, &problem, &size) == 0 ? problem : errno;
}

std::string numeric(const addrinfo& x) {
  std::array<char, NI_MAXHOST> host{};
  ::getnameinfo(x.ai_addr, x.ai_addrlen, host.data(), host.size(), nullptr, 0, NI_NUMERICHOST);
  return host.data();
}

}  // namespace

tl::expected<std::string, std::string> peer_probe::find(const dial& where) {
  auto found = resolve(where);
  if (!found) return tl::unexpected{found.error()};
  int problem = 0;
  for (const auto* each = found->get(); each; each = each->ai_next) {
    problem = try_to_connect(*each);
    if (problem == 0) return numeric(*each);
  }
  return tl::unexpected{std::system_category().message(problem)};
}

peer_probe::resolved peer_probe::resolve(const dial& where) {
  if (auto at_once = look_up(where, AI_NUMERICHOST)) return at_once;
  auto [lookup, is_new] = lookups_.try_emplace(where.host + ":" + std::to_string(where.port));
  if (is_new) {
    std::packaged_task<resolved()> task{[where] { return look_up(where, 0); }};
    lookup->second = task.get_future().share();
    std::thread{std::move(task)}.detach();
  }
  if (lookup->second.wait_for(resolve_patience) != std::future_status::ready)
    return tl::unexpected{std::string{"its name is not resolved yet"}};
  auto out = lookup->second.get();
  lookups_.erase(lookup);
  return out;
}

peer_probe::resolved peer_probe::look_up(const dial& where, int flags) {
  addrinfo hints{};
  hints.ai_socktype = SOCK_STREAM;
  hints.ai_flags = flags;
  addrinfo* found = nullptr;
  int problem = ::getaddrinfo(where.host.c_str(), std::to_string(where.port).c_str(), &hints, &found);
  if (problem != 0) return tl::unexpected{std::string{::gai_strerror(problem)}};
  return addresses{found, free_addresses{}};
}

}  // namespace dabba
