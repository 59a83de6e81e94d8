#include "tests/persistence/proxy.hpp"

#include <arpa/inet.h>
#include <netinet/in.h>
#include <poll.h>
#include <sys/socket.h>
#include <unistd.h>

#include <array>
#include <memory>
#include <stdexcept>
#include <string>

namespace dabba::tests {
namespace {

using namespace std::chrono_literals;

sockaddr_in loopback(std::uint16_t port) {
  sockaddr_in a{};
  a.sin_family = AF_INET;
  a.sin_port = htons(port);
  a.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
  return a;
}

bool is_readable(int socket, std::chrono::milliseconds time) {
  pollfd p{socket, POLLIN, 0};
  return poll(&p, 1, static_cast<int>(time.count())) > 0;
}

/// False when the other side has closed or the socket is broken.
bool send_all(int socket, std::string_view bytes) {
  while (!bytes.empty()) {
    auto n = send(socket, bytes.data(), bytes.size(), MSG_NOSIGNAL);
    if (n <= 0) return false;
    bytes.remove_prefix(static_cast<std::size_t>(n));
  }
  return true;
}

/// What has arrived; nothing when the other side has closed.
std::string receive(int socket) {
  std::string buffer(1 << 16, '\0');
  auto n = recv(socket, buffer.data(), buffer.size(), 0);
  buffer.resize(n > 0 ? static_cast<std::size_t>(n) : 0);
  return buffer;
}

}  // namespace

/// A socket, closed with this object.
class proxy::fd {
 public:
  explicit fd(int number) : number_(number) {}
  ~fd() { reset(); }
  fd(const fd&) = delete;
  fd& operator=(const fd&) = delete;
  [[nodiscard]] int get() const noexcept { return number_; }
  void reset() {
    if (number_ >= 0) close(number_);
    number_ = -1;
  }

 private:
  int number_;
};

proxy::proxy(std::uint16_t server_port, judge decide) : server_port_(server_port), decide_(std::move(decide)) {
  listener_ = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
  auto address = loopback(0);
  socklen_t size = sizeof address;
  auto* generic = reinterpret_cast<sockaddr*>(&address);
  if (bind(listener_, generic, size) != 0 || listen(listener_, 16) != 0 || getsockname(listener_, generic, &size) != 0)
    throw std::runtime_error{"the proxy can't listen"};
  port_ = ntohs(address.sin_port);
  acceptor_ = std::thread{[this] { accept_clients(); }};
}

proxy::~proxy() {
  stopping_ = true;
  acceptor_.join();
  for (auto& t : connections_) t.join();
  close(listener_);
}

void proxy::accept_clients() {
  while (!stopping_) {
    if (!is_readable(listener_, 20ms)) continue;
    int client = accept4(listener_, nullptr, nullptr, SOCK_CLOEXEC);
    if (client >= 0) connections_.emplace_back([this, client] { serve(client); });
  }
}

void proxy::serve(int accepted) {
  fd client{accepted};
  fd server{socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0)};
  auto address = loopback(server_port_);
  if (connect(server.get(), reinterpret_cast<sockaddr*>(&address), sizeof address) != 0) return;
  bool cut_at_answer = false;
  while (!stopping_) {
    std::array sockets{pollfd{client.get(), POLLIN, 0}, pollfd{server.get(), POLLIN, 0}};
    if (poll(sockets.data(), sockets.size(), 20) <= 0) continue;
    if (sockets[1].revents != 0) {
      auto piece = receive(server.get());
      if (piece.empty() || cut_at_answer || !send_all(client.get(), piece)) return;
    }
    if (sockets[0].revents != 0) {
      auto piece = receive(client.get());
      if (piece.empty()) return;
      auto what = judged(piece);
      if (what == relay::cut_after_answer)
        cut_at_answer = true;
      else if (what != relay::pass)
        return break_off(what, client, server, piece);
      if (!send_all(server.get(), piece)) return;
    }
  }
}

relay proxy::judged(std::string_view piece) {
  std::lock_guard lock{mutex_};
  return decide_(piece);
}

void proxy::break_off(relay how, fd& client, fd& server, std::string_view piece) {
  if (how == relay::cut) return;
  client.reset();
  if (how == relay::cut_then_pass) {
    std::this_thread::sleep_for(300ms);
    send_all(server.get(), piece);
    is_readable(server.get(), 5s);
    return;
  }
  while (!stopping_) std::this_thread::sleep_for(10ms);
}

proxy::judge once_at(std::string_view statement_name, std::function<relay()> then) {
  // A Bind message holds an empty portal name and the statement's: two zero-terminated strings.
  std::string mark = '\0' + std::string{statement_name} + '\0';
  auto done = std::make_shared<bool>(false);
  return [mark, done, then = std::move(then)](std::string_view piece) {
    if (*done || piece.find(mark) == std::string_view::npos) return relay::pass;
    *done = true;
    return then();
  };
}

}  // namespace dabba::tests
