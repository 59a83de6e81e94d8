#include "bench/micro/child_process.hpp"

#include <fcntl.h>
#include <poll.h>
#include <sys/prctl.h>
#include <sys/wait.h>
#include <unistd.h>
#include <cerrno>
#include <csignal>
#include <cstring>
#include <stdexcept>

namespace dabba::bench {
namespace {

[[noreturn]] void fail(const std::string& what) { throw std::runtime_error{what}; }

struct pipe_ends {
  int out = -1;
  int in = -1;
};

pipe_ends make_pipe() {
  int both[2];
  if (pipe2(both, O_CLOEXEC) != 0) fail(std::string{"no pipe: "} + std::strerror(errno));
  return {both[0], both[1]};
}

}  // namespace

child_process::child_process(const std::vector<std::string>& command) {
  std::vector<char*> words;
  for (const auto& word : command) words.push_back(const_cast<char*>(word.c_str()));
  words.push_back(nullptr);
  auto down = make_pipe();
  auto up = make_pipe();
  auto parent = getpid();
  pid_ = fork();
  if (pid_ == 0) {
    // It ends with us, even when we are killed.
    prctl(PR_SET_PDEATHSIG, SIGKILL);
    if (getppid() != parent) _exit(127);
    dup2(down.out, STDIN_FILENO);
    dup2(up.in, STDOUT_FILENO);
    execv(words[0], words.data());
    _exit(127);
  }
  close(down.out);
  close(up.in);
  to_ = down.in;
  from_ = up.out;
  if (pid_ < 0) fail(std::string{"no process: "} + std::strerror(errno));
  signal(SIGPIPE, SIG_IGN);
}

child_process::~child_process() {
  if (to_ >= 0) close(to_);
  if (from_ >= 0) close(from_);
  if (pid_ <= 0) return;
  kill(pid_, SIGKILL);
  waitpid(pid_, nullptr, 0);
}

void child_process::write(std::string_view text) {
  while (!text.empty()) {
    auto written = ::write(to_, text.data(), text.size());
    if (written <= 0) fail("the child process does not listen");
    text.remove_prefix(static_cast<std::size_t>(written));
  }
}

std::string child_process::read_line(std::chrono::milliseconds patience) {
  auto until = std::chrono::steady_clock::now() + patience;
  for (;;) {
    auto end = buffer_.find('\n');
    if (end != std::string::npos) {
      auto line = buffer_.substr(0, end);
      buffer_.erase(0, end + 1);
      return line;
    }
    if (ended_) fail("the child process ended");
    read_more(until);
  }
}

std::string child_process::finish(std::chrono::milliseconds patience) {
  close(to_);
  to_ = -1;
  auto until = std::chrono::steady_clock::now() + patience;
  while (!ended_) read_more(until);
  int status = 0;
  waitpid(pid_, &status, 0);
  pid_ = -1;
  if (!WIFEXITED(status) || WEXITSTATUS(status) != 0) fail("the child process failed: " + buffer_);
  return std::move(buffer_);
}

void child_process::read_more(std::chrono::steady_clock::time_point until) {
  auto left = std::chrono::ceil<std::chrono::milliseconds>(until - std::chrono::steady_clock::now());
  pollfd ready{.fd = from_, .events = POLLIN, .revents = 0};
  if (left.count() <= 0 || poll(&ready, 1, static_cast<int>(left.count())) <= 0) fail("the child process is silent");
  char chunk[16 * 1024];
  auto got = read(from_, chunk, sizeof chunk);
  if (got > 0)
    buffer_.append(chunk, static_cast<std::size_t>(got));
  else
    ended_ = true;
}

}  // namespace dabba::bench
