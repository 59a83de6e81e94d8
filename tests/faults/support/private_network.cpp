#include "tests/faults/support/private_network.hpp"

#include <fcntl.h>
#include <sched.h>
#include <sys/wait.h>
#include <unistd.h>

#include <filesystem>
#include <stdexcept>
#include <string>

#include <fmt/format.h>

#include "tests/system/support/process.hpp"

namespace dabba::fault_tests {
namespace {

constexpr const char* ip_program = "/usr/sbin/ip";
constexpr system_tests::milliseconds patience{5'000};
/// Before the table of the machine's own addresses, which has to make room for this.
constexpr int priority_of_losses = 10;
constexpr int priority_of_own_addresses = 100;

void ip(std::vector<std::string> words) {
  words.insert(words.begin(), ip_program);
  system_tests::run_program(words, patience);
}

}  // namespace

const char* private_network::problem() {
  if (!std::filesystem::exists(ip_program)) return "the program ip (package iproute2) is missing";
  auto child = ::fork();
  if (child == 0) ::_exit(::unshare(CLONE_NEWNET) == 0 ? 0 : 1);
  int status = 0;
  if (child < 0 || ::waitpid(child, &status, 0) != child || !WIFEXITED(status) || WEXITSTATUS(status) != 0)
    return "no network namespace may be made here (root can)";
  return nullptr;
}

private_network::private_network() {
  outer_ = ::open("/proc/thread-self/ns/net", O_RDONLY | O_CLOEXEC);
  if (outer_ < 0 || ::unshare(CLONE_NEWNET) != 0) throw std::runtime_error{"no network namespace can be made"};
  ip({"link", "set", "lo", "up"});
  ip({"rule", "add", "pref", std::to_string(priority_of_own_addresses), "lookup", "local"});
  ip({"rule", "del", "pref", "0"});
}

private_network::~private_network() {
  if (::setns(outer_, CLONE_NEWNET) != 0) std::abort();  // nothing that follows would find its way
  ::close(outer_);
}

void private_network::lose(std::uint16_t port, lost which) {
  ip({"rule", "add", "pref", std::to_string(priority_of_losses), "ipproto", "tcp",
      which == lost::to_port ? "dport" : "sport", std::to_string(port), "blackhole"});
  ++rules_;
}

void private_network::heal() {
  for (; rules_ > 0; --rules_) ip({"rule", "del", "pref", std::to_string(priority_of_losses)});
}

}  // namespace dabba::fault_tests
