/// A program that is fed and read through pipes, and that ends with this object.
#pragma once

#include <sys/types.h>
#include <chrono>
#include <string>
#include <vector>

namespace dabba::bench {

class child_process {
 public:
  /// Starts `command` (a path and its arguments); its stderr is ours. Throws std::runtime_error.
  explicit child_process(const std::vector<std::string>& command);
  /// Kills it when it still runs.
  ~child_process();
  child_process(const child_process&) = delete;
  child_process& operator=(const child_process&) = delete;

  void write(std::string_view text);
  /// The next line it says, without its end. Throws std::runtime_error when there is none within `patience`.
  std::string read_line(std::chrono::milliseconds patience);
  /// Closes its standard input and gives all it says until it ends. Throws std::runtime_error when that takes longer
  /// than `patience`, or when it fails.
  std::string finish(std::chrono::milliseconds patience);

 private:
  void read_more(std::chrono::steady_clock::time_point until);

  pid_t pid_ = -1;
  int to_ = -1;
  int from_ = -1;
  std::string buffer_;
  bool ended_ = false;
};

}  // namespace dabba::bench
