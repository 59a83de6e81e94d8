#include "bench/micro/redis.hpp"

#include <arpa/inet.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <sys/socket.h>
#include <sys/time.h>
#include <sys/un.h>
#include <unistd.h>
#include <cerrno>
#include <charconv>
#include <cstring>
#include <stdexcept>

namespace dabba::bench {
namespace {

constexpr timeval patience{.tv_sec = 10, .tv_usec = 0};

[[noreturn]] void fail(const std::string& what) { throw std::runtime_error{"Redis: " + what}; }

long to_number(std::string_view text) {
  long out = 0;
  auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), out);
  if (error != std::errc{}) fail("no number: " + std::string{text});
  return out;
}

int connect_unix(const std::string& path) {
  sockaddr_un to{};
  to.sun_family = AF_UNIX;
  if (path.size() >= sizeof to.sun_path) fail("the path is too long: " + path);
  std::memcpy(to.sun_path, path.data(), path.size());
  int out = socket(AF_UNIX, SOCK_STREAM, 0);
  if (connect(out, reinterpret_cast<const sockaddr*>(&to), sizeof to) != 0) fail(path + ": " + std::strerror(errno));
  return out;
}

int connect_tcp(const std::string& host, const std::string& port) {
  sockaddr_in to{};
  to.sin_family = AF_INET;
  to.sin_port = htons(static_cast<std::uint16_t>(to_number(port)));
  if (inet_pton(AF_INET, host.c_str(), &to.sin_addr) != 1) fail("no address: " + host);
  int out = socket(AF_INET, SOCK_STREAM, 0);
  if (connect(out, reinterpret_cast<const sockaddr*>(&to), sizeof to) != 0) fail(host + ": " + std::strerror(errno));
  int on = 1;
  setsockopt(out, IPPROTO_TCP, TCP_NODELAY, &on, sizeof on);
  return out;
}

}  // namespace

std::string redis_command(std::initializer_list<std::string_view> words) {
  auto out = "*" + std::to_string(words.size()) + "\r\n";
  for (auto word : words) out.append("$" + std::to_string(word.size()) + "\r\n").append(word).append("\r\n");
  return out;
}

redis_client::redis_client(const std::string& address) {
  auto colon = address.rfind(':');
  if (!address.starts_with('/') && colon == std::string::npos) fail("neither host:port nor a path: " + address);
  socket_ = address.starts_with('/') ? connect_unix(address)
                                     : connect_tcp(address.substr(0, colon), address.substr(colon + 1));
  setsockopt(socket_, SOL_SOCKET, SO_RCVTIMEO, &patience, sizeof patience);
  setsockopt(socket_, SOL_SOCKET, SO_SNDTIMEO, &patience, sizeof patience);
}

redis_client::~redis_client() { close(socket_); }

void redis_client::send(std::string_view commands) {
  while (!commands.empty()) {
    auto sent = ::send(socket_, commands.data(), commands.size(), MSG_NOSIGNAL);
    if (sent <= 0) fail("can't be written to");
    commands.remove_prefix(static_cast<std::size_t>(sent));
  }
}

void redis_client::receive(std::vector<std::string>& into) {
  into.clear();
  read_value(into);
}

std::vector<std::string> redis_client::call(std::initializer_list<std::string_view> words) {
  send(redis_command(words));
  std::vector<std::string> out;
  receive(out);
  return out;
}

void redis_client::read_value(std::vector<std::string>& into) {
  auto line = read_line();
  if (line.empty()) fail("an empty line");
  auto kind = line.front();
  line.remove_prefix(1);
  switch (kind) {
    case '+':
    case ':': into.emplace_back(line); return;
    case '-': fail(std::string{line});
    case '$':
      if (auto size = to_number(line); size < 0)
        into.emplace_back();
      else
        into.emplace_back(read_bytes(static_cast<std::size_t>(size)));
      return;
    case '*':
      for (auto left = to_number(line); left > 0; --left) read_value(into);
      return;
    default: fail("an unknown kind of answer");
  }
}

std::string_view redis_client::read_line() {
  std::size_t looked = 0;
  for (;;) {
    auto end = buffer_.find("\r\n", at_ + looked);
    if (end != std::string::npos) {
      std::string_view out{buffer_.data() + at_, end - at_};
      at_ = end + 2;
      return out;
    }
    looked = buffer_.size() - at_ > 0 ? buffer_.size() - at_ - 1 : 0;
    read_more();
  }
}

std::string_view redis_client::read_bytes(std::size_t count) {
  while (buffer_.size() - at_ < count + 2) read_more();
  std::string_view out{buffer_.data() + at_, count};
  at_ += count + 2;
  return out;
}

void redis_client::read_more() {
  buffer_.erase(0, at_);
  at_ = 0;
  char chunk[64 * 1024];
  auto got = recv(socket_, chunk, sizeof chunk, 0);
  if (got <= 0) fail("no answer");
  buffer_.append(chunk, static_cast<std::size_t>(got));
}

}  // namespace dabba::bench
