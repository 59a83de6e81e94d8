/// Programs that the tests start: ended with the test whatever happens, waited for within bounds, their output kept.
#pragma once

#include <sys/types.h>

#include <chrono>
#include <csignal>
#include <filesystem>
#include <optional>
#include <string>
#include <vector>

namespace dabba::system_tests {

using milliseconds = std::chrono::milliseconds;
using steady = std::chrono::steady_clock;

/// A folder of its own below the temporary folder, deleted with the object.
class scratch_folder {
 public:
  scratch_folder();
  ~scratch_folder();
  scratch_folder(const scratch_folder&) = delete;
  scratch_folder& operator=(const scratch_folder&) = delete;

  [[nodiscard]] const std::filesystem::path& path() const noexcept { return path_; }

 private:
  std::filesystem::path path_;
};

/// How a program ended.
struct ending {
  std::optional<int> status;  ///< of one that ended by itself
  std::optional<int> signal;  ///< that ended it
  friend bool operator==(const ending&, const ending&) = default;
};

/// Start it from the test's main thread: the kernel ends it when the thread that started it ends.
class child_process {
 public:
  /// Standard output and error are appended to `log`.
  child_process(const std::vector<std::string>& command, std::filesystem::path log);
  /// SIGKILL when it still runs.
  ~child_process();
  child_process(const child_process&) = delete;
  child_process& operator=(const child_process&) = delete;

  [[nodiscard]] pid_t pid() const noexcept { return pid_; }
  [[nodiscard]] bool is_running() { return !wait(milliseconds{0}); }
  void signal(int number) const;
  /// Nothing when it still runs after `patience`.
  std::optional<ending> wait(milliseconds patience);
  /// SIGKILL, and waits until the kernel has cleared it away.
  void kill();
  /// Resident memory in KiB; 0 when it has ended.
  [[nodiscard]] long resident_kib() const;
  [[nodiscard]] std::string log_tail() const;

 private:
  pid_t pid_ = -1;
  std::filesystem::path log_;
  std::optional<ending> ended_;
};

/// Runs a program to its end and returns its standard output; throws with what it wrote when it fails or takes longer.
std::string run_program(const std::vector<std::string>& command, milliseconds patience);

/// This process, and what it starts, may have as many open files as the machine allows.
void raise_file_limit();

/// Calls `holds` until it says true, for `patience` at most.
template <class F>
bool eventually(milliseconds patience, F holds, milliseconds pause = milliseconds{20}) {
  auto give_up = steady::now() + patience;
  while (!holds()) {
    if (steady::now() >= give_up) return false;
    timespec nap{pause.count() / 1000, (pause.count() % 1000) * 1'000'000};
    ::nanosleep(&nap, nullptr);
  }
  return true;
}

}  // namespace dabba::system_tests
