#include "tests/system/support/node.hpp"

#include <arpa/inet.h>
#include <netinet/in.h>
#include <sys/socket.h>
#include <unistd.h>

#include <exception>
#include <iostream>
#include <random>

namespace dabba::system_tests {
namespace {

constexpr milliseconds start_patience{60'000};
constexpr milliseconds program_patience{60'000};

bool is_free(std::uint16_t port) {
  int fd = ::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
  sockaddr_in at{};
  at.sin_family = AF_INET;
  at.sin_port = htons(port);
  at.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
  bool bound = ::bind(fd, reinterpret_cast<const sockaddr*>(&at), sizeof at) == 0;
  ::close(fd);
  return bound;
}

}  // namespace

std::uint16_t free_port() {
  std::random_device random;
  for (int i = 0; i < 100; ++i) {
    auto port = static_cast<std::uint16_t>(20'000 + random() % 10'000);
    if (is_free(port)) return port;
  }
  throw std::runtime_error{"no free port between 20000 and 29999"};
}

std::string run_dabba(std::vector<std::string> arguments) {
  arguments.insert(arguments.begin(), DABBA_PROGRAM);
  return run_program(arguments, program_patience);
}

test_node::test_node(std::vector<std::string> flags, const std::string& server)
    : flags_{std::move(flags)}, database_{server}, port_{free_port()}, exceptions_before_{std::uncaught_exceptions()} {
  raise_file_limit();
  run_dabba({"migrate", "--database", database()});
  run_dabba({"token", "--new-key", signing_key()});
  tokens_ = std::make_unique<token_maker>(signing_key());
  start();
}

test_node::~test_node() {
  if (std::uncaught_exceptions() > exceptions_before_ && process_)
    std::cerr << "the end of the node's log:\n" << process_->log_tail() << '\n';
}

void test_node::start() {
  std::vector<std::string> command{
      DABBA_PROGRAM,
      "node",
      "--database",
      database(),
      "--listen",
      "127.0.0.1:" + std::to_string(port_),
      "--signing-key",
      signing_key(),
      "--web-root",
      DABBA_WEB_ROOT,
      "--log-level",
      "warn",
      "--trust-unknown-callers"};
  command.insert(command.end(), flags_.begin(), flags_.end());
  process_ = std::make_unique<child_process>(command, folder_.path() / "node.log");
  bool ready = eventually(start_patience, [&] { return is_ready() || !process_->is_running(); });
  if (!ready || !process_->is_running()) throw std::runtime_error{"the node does not start:\n" + process_->log_tail()};
}

bool test_node::is_ready() const {
  try {
    return stranger().get("/readyz").status == 200;
  } catch (const no_answer&) {
    return false;
  }
}

http_client test_node::client(const std::string& role, const std::string& subject) const {
  return http_client{port_, tokens_->token(role, subject)};
}

stream_client test_node::stream(const std::string& role, const std::string& subject) const {
  return stream_client{port_, tokens_->token(role, subject)};
}

}  // namespace dabba::system_tests
