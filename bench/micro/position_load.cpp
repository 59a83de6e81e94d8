#include "bench/micro/position_load.hpp"

#include <arpa/inet.h>
#include <fcntl.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <poll.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <unistd.h>
#include <cerrno>
#include <chrono>
#include <cstring>
#include <stdexcept>
#include <thread>

#include "bench/micro/city_points.hpp"
#include "bench/micro/position_frames.hpp"

namespace dabba::bench {
namespace {

using namespace std::chrono_literals;

constexpr auto patience = 20s;
constexpr std::size_t bytes_prepared = 96 * 1024;  // per socket, where few sockets carry all
constexpr std::size_t fewest_frames = 16;

[[noreturn]] void fail(const std::string& what) { throw std::runtime_error{what + ": " + std::strerror(errno)}; }

int connect_to(std::uint16_t port) {
  sockaddr_in to{};
  to.sin_family = AF_INET;
  to.sin_port = htons(port);
  to.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
  int out = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
  if (out < 0 || connect(out, reinterpret_cast<const sockaddr*>(&to), sizeof to) != 0) fail("no connection");
  int on = 1;
  setsockopt(out, IPPROTO_TCP, TCP_NODELAY, &on, sizeof on);
  timeval limit{.tv_sec = 10, .tv_usec = 0};
  setsockopt(out, SOL_SOCKET, SO_RCVTIMEO, &limit, sizeof limit);
  return out;
}

/// The handshake; the key in it is the example of RFC 6455.
void upgrade(int socket, const std::string& token) {
  std::string request =
      "GET /v1/stream HTTP/1.1\r\nHost: 127.0.0.1\r\nConnection: Upgrade\r\nUpgrade: websocket\r\n"
      "Sec-WebSocket-Version: 13\r\nSec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\n"
      "Sec-WebSocket-Protocol: dabba.v1+json\r\n";
  if (!token.empty()) request += "Authorization: Bearer " + token + "\r\n";
  request += "\r\n";
  if (send(socket, request.data(), request.size(), MSG_NOSIGNAL) != static_cast<ssize_t>(request.size()))
    fail("no handshake");
  std::string answer;
  while (answer.find("\r\n\r\n") == std::string::npos) {
    char chunk[2048];
    auto got = recv(socket, chunk, sizeof chunk, 0);
    if (got <= 0) fail("no answer to the handshake");
    answer.append(chunk, static_cast<std::size_t>(got));
  }
  if (!answer.starts_with("HTTP/1.1 101")) throw std::runtime_error{"the handshake was refused: " + answer};
}

void allow_many_files() {
  rlimit files{};
  getrlimit(RLIMIT_NOFILE, &files);
  files.rlim_cur = files.rlim_max;
  setrlimit(RLIMIT_NOFILE, &files);
}

}  // namespace

position_load::position_load(std::uint16_t port, const std::vector<std::string>& tokens, const load_shape& shape)
    : shape_{shape} {
  allow_many_files();
  auto places = city_points(shape.sockets, 8);
  frame_size_ = wandering_frames(places.front(), 1, 1).size();
  auto prepared = std::max(fewest_frames, bytes_prepared * 64 / shape.sockets / frame_size_);
  for (std::size_t i = 0; i < shape.sockets; ++i) {
    links_.push_back({connect_to(port), wandering_frames(places[i], prepared, static_cast<std::uint32_t>(i)), 0});
    upgrade(links_.back().socket, tokens.empty() ? std::string{} : tokens.at(i));
    fcntl(links_.back().socket, F_SETFL, O_NONBLOCK);
  }
}

position_load::~position_load() {
  for (const auto& x : links_) close(x.socket);
}

/// Writes up to `frames` frames, fewer where the prepared ones end or the socket is full; says how many it began.
std::size_t position_load::write(link& to, std::size_t frames) {
  auto begun = (to.sent + frame_size_ - 1) / frame_size_;
  // What was cut off last time goes first.
  auto end = std::min(to.frames.size(), (begun + frames) * frame_size_);
  auto written = send(to.socket, to.frames.data() + to.sent, end - to.sent, MSG_NOSIGNAL);
  if (written < 0 && errno != EAGAIN) fail("the server closed a socket");
  if (written <= 0) return 0;
  to.sent += static_cast<std::size_t>(written);
  auto now_begun = (to.sent + frame_size_ - 1) / frame_size_;
  if (to.sent == to.frames.size()) to.sent = 0;
  return now_begun - begun;
}

void position_load::wait_for_room() {
  std::vector<pollfd> all;
  for (const auto& x : links_) all.push_back({.fd = x.socket, .events = POLLOUT, .revents = 0});
  auto limit = std::chrono::duration_cast<std::chrono::milliseconds>(patience);
  if (poll(all.data(), all.size(), static_cast<int>(limit.count())) <= 0)
    throw std::runtime_error{"the server does not read any more"};
}

void position_load::send_one_each() {
  for (auto& x : links_) write(x, 1);
}

void position_load::send_all(const std::function<std::uint64_t()>& read_so_far) {
  std::size_t sent = 0;
  std::uint64_t read = 0;
  auto last_progress = std::chrono::steady_clock::now();
  auto has_window = [&] {
    if (!shape_.unread || sent < read + *shape_.unread) return true;
    auto now_read = read_so_far();
    if (now_read > read) last_progress = std::chrono::steady_clock::now();
    read = now_read;
    return sent < read + *shape_.unread;
  };
  while (sent < shape_.frames) {
    auto before = sent;
    for (auto& x : links_) {
      if (sent >= shape_.frames) break;
      while (!has_window()) {
        if (std::chrono::steady_clock::now() - last_progress > patience)
          throw std::runtime_error{"the server does not read any more"};
        std::this_thread::sleep_for(200us);
      }
      sent += write(x, std::min(shape_.frames_per_write, shape_.frames - sent));
    }
    if (sent == before) wait_for_room();
  }
  // The last frame of a socket may have been cut off.
  for (auto& x : links_)
    for (int tries = 0; x.sent % frame_size_ != 0 && tries < 1000; ++tries)
      if (write(x, 0) == 0 && x.sent % frame_size_ != 0) std::this_thread::sleep_for(1ms);
}

}  // namespace dabba::bench
