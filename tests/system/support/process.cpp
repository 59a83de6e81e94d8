#include "tests/system/support/process.hpp"

#include <fcntl.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cerrno>
#include <cstdlib>
#include <cstring>
#include <fstream>
#include <sstream>
#include <stdexcept>

namespace dabba::system_tests {
namespace {

constexpr std::streamoff tail_bytes = 6000;

std::string content(const std::filesystem::path& file, std::streamoff last_bytes) {
  std::ifstream in{file, std::ios::binary | std::ios::ate};
  if (!in) return {};
  in.seekg(-std::min<std::streamoff>(last_bytes, in.tellg()), std::ios::end);
  std::ostringstream out;
  out << in.rdbuf();
  return out.str();
}

/// In the new process: only calls that are safe between fork and exec.
[[noreturn]] void become(char* const* arguments, int output, int errors, pid_t parent) {
  ::prctl(PR_SET_PDEATHSIG, SIGKILL);
  if (::getppid() != parent) ::_exit(127);  // it died before the line above
  int nothing = ::open("/dev/null", O_RDONLY | O_CLOEXEC);
  ::dup2(nothing, STDIN_FILENO);
  ::dup2(output, STDOUT_FILENO);
  ::dup2(errors, STDERR_FILENO);
  ::execv(arguments[0], arguments);
  ::_exit(127);
}

pid_t spawn(const std::vector<std::string>& command, int output, int errors) {
  std::vector<char*> arguments;
  for (const auto& word : command) arguments.push_back(const_cast<char*>(word.c_str()));
  arguments.push_back(nullptr);
  pid_t parent = ::getpid();
  pid_t child = ::fork();
  if (child < 0) throw std::runtime_error{std::string{"fork: "} + std::strerror(errno)};
  if (child == 0) become(arguments.data(), output, errors, parent);
  return child;
}

int open_for_append(const std::filesystem::path& file) {
  int fd = ::open(file.c_str(), O_WRONLY | O_CREAT | O_APPEND | O_CLOEXEC, 0600);
  if (fd < 0) throw std::runtime_error{file.string() + ": " + std::strerror(errno)};
  return fd;
}

}  // namespace

scratch_folder::scratch_folder() {
  auto pattern = (std::filesystem::temp_directory_path() / "dabba-system-XXXXXX").string();
  if (!::mkdtemp(pattern.data())) throw std::runtime_error{pattern + ": " + std::strerror(errno)};
  path_ = pattern;
  // A PostgreSQL server of the test may run as another user and must get through.
  std::filesystem::permissions(path_, std::filesystem::perms{0711});
}

scratch_folder::~scratch_folder() {
  std::error_code ignored;
  std::filesystem::remove_all(path_, ignored);
}

child_process::child_process(const std::vector<std::string>& command, std::filesystem::path log)
    : log_{std::move(log)} {
  int out = open_for_append(log_);
  pid_ = spawn(command, out, out);
  ::close(out);
}

child_process::~child_process() { kill(); }

void child_process::signal(int number) const {
  if (!ended_) ::kill(pid_, number);
}

std::optional<ending> child_process::wait(milliseconds patience) {
  eventually(
      patience,
      [&] {
        if (ended_) return true;
        int status = 0;
        if (::waitpid(pid_, &status, WNOHANG) != pid_) return false;
        ended_.emplace();
        if (WIFEXITED(status)) ended_->status = WEXITSTATUS(status);
        if (WIFSIGNALED(status)) ended_->signal = WTERMSIG(status);
        return true;
      },
      milliseconds{5});
  return ended_;
}

void child_process::kill() {
  if (ended_) return;
  ::kill(pid_, SIGKILL);
  wait(milliseconds{10'000});
}

long child_process::resident_kib() const {
  std::ifstream in{"/proc/" + std::to_string(pid_) + "/status"};
  std::string word;
  long kib = 0;
  while (in >> word)
    if (word == "VmRSS:") in >> kib;
  return kib;
}

std::string child_process::log_tail() const { return content(log_, tail_bytes); }

std::string run_program(const std::vector<std::string>& command, milliseconds patience) {
  scratch_folder folder;
  auto output = folder.path() / "output";
  auto errors = folder.path() / "errors";
  int out = open_for_append(output);
  int err = open_for_append(errors);
  pid_t child = spawn(command, out, err);
  ::close(out);
  ::close(err);
  int status = 0;
  bool ended = eventually(patience, [&] { return ::waitpid(child, &status, WNOHANG) == child; });
  if (!ended) {
    ::kill(child, SIGKILL);
    ::waitpid(child, &status, 0);
  }
  if (!ended || !WIFEXITED(status) || WEXITSTATUS(status) != 0)
    throw std::runtime_error{command[0] + " " + (command.size() > 1 ? command[1] : "") +
                             (ended ? " failed: " : " took too long: ") + content(errors, tail_bytes)};
  return content(output, 1 << 20);
}

void raise_file_limit() {
  rlimit files{};
  ::getrlimit(RLIMIT_NOFILE, &files);
  files.rlim_cur = files.rlim_max;
  ::setrlimit(RLIMIT_NOFILE, &files);
}

}  // namespace dabba::system_tests
