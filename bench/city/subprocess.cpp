#include "bench/city/subprocess.hpp"

#include <array>
#include <cerrno>
#include <chrono>
#include <csignal>
#include <cstring>
#include <stdexcept>
#include <string_view>

#include <fcntl.h>
#include <poll.h>
#include <spawn.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <unistd.h>

#include <fmt/format.h>

extern char** environ;

namespace dabba::city {

namespace {

using std::chrono::steady_clock;

constexpr auto patience = std::chrono::seconds{30};

class descriptor {
 public:
  explicit descriptor(int fd) : fd_(fd) {}
  ~descriptor() { close(); }
  descriptor(const descriptor&) = delete;
  descriptor& operator=(const descriptor&) = delete;

  [[nodiscard]] int get() const { return fd_; }
  void close() {
    if (fd_ >= 0) ::close(fd_);
    fd_ = -1;
  }

 private:
  int fd_;
};

std::runtime_error failure(std::string_view what) {
  return std::runtime_error{fmt::format("{}: {}", what, std::strerror(errno))};
}

pid_t spawn(const std::vector<std::string>& command, int input, int output) {
  std::vector<char*> arguments;
  for (const auto& word : command) arguments.push_back(const_cast<char*>(word.c_str()));
  arguments.push_back(nullptr);
  posix_spawn_file_actions_t actions;
  posix_spawn_file_actions_init(&actions);
  posix_spawn_file_actions_adddup2(&actions, input, STDIN_FILENO);
  posix_spawn_file_actions_adddup2(&actions, output, STDOUT_FILENO);
  pid_t pid = 0;
  errno = posix_spawnp(&pid, arguments[0], &actions, nullptr, arguments.data(), environ);
  posix_spawn_file_actions_destroy(&actions);
  if (errno != 0) throw failure(command[0]);
  return pid;
}

/// Writes and reads in turns, whichever is possible, so that neither side waits for the other for ever.
/// Returns false when patience ran out.
bool exchange(descriptor& to, descriptor& from, std::string_view input, std::string& output) {
  const auto give_up = steady_clock::now() + patience;
  std::array<char, 65536> chunk{};
  while (steady_clock::now() < give_up) {
    if (input.empty()) to.close();
    std::array<pollfd, 2> waits{pollfd{from.get(), POLLIN, 0}, pollfd{to.get(), POLLOUT, 0}};
    if (::poll(waits.data(), waits.size(), 1000) < 0 && errno != EINTR) return false;
    if (waits[1].revents != 0) {
      const auto n = ::send(to.get(), input.data(), input.size(), MSG_NOSIGNAL);
      if (n > 0)
        input.remove_prefix(static_cast<std::size_t>(n));
      else if (errno != EAGAIN && errno != EINTR)
        to.close();
    }
    if (waits[0].revents == 0) continue;
    const auto n = ::read(from.get(), chunk.data(), chunk.size());
    if (n == 0) return true;
    if (n > 0) output.append(chunk.data(), static_cast<std::size_t>(n));
  }
  return false;
}

}  // namespace

std::string run_with_input(const std::vector<std::string>& command, const std::string& input) {
  // A socket for its input: writing to one that nobody reads any more is an error code, not a signal.
  std::array<int, 2> in{}, out{};
  if (::socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, in.data()) != 0) throw failure("socketpair");
  descriptor child_in{in[0]}, to{in[1]};
  if (::pipe2(out.data(), O_CLOEXEC) != 0) throw failure("pipe");
  descriptor from{out[0]}, child_out{out[1]};
  ::fcntl(to.get(), F_SETFL, O_NONBLOCK);
  const pid_t child = spawn(command, child_in.get(), child_out.get());
  child_in.close();
  child_out.close();

  std::string output;
  const bool finished = exchange(to, from, input, output);
  if (!finished) ::kill(child, SIGKILL);
  int status = 0;
  while (::waitpid(child, &status, 0) < 0 && errno == EINTR) {
  }
  if (!finished) throw std::runtime_error{fmt::format("{} took too long", command[0])};
  if (!WIFEXITED(status) || WEXITSTATUS(status) != 0)
    throw std::runtime_error{fmt::format("{} {} failed", command[0], command.size() > 1 ? command[1] : "")};
  return output;
}

}  // namespace dabba::city
