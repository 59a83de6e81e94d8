/// Lines appended to a file, one for each change, so that a gateway that was killed knows what it knew.
///
/// A line is written by one call before the change is answered, and counts when its end is there: what a kill cut off
/// was never answered. That holds for the end of the process; a machine that loses power may lose the last seconds.
#pragma once

#include <cstdint>
#include <filesystem>
#include <functional>
#include <string>
#include <string_view>

namespace dabba::sandbox {

class state_file {
 public:
  /// Gives `read` every whole line there is. Throws std::runtime_error when the file can't be used or is in use.
  state_file(std::filesystem::path path, const std::function<void(std::string_view)>& read);
  ~state_file();
  state_file(const state_file&) = delete;
  state_file& operator=(const state_file&) = delete;

  /// Throws std::runtime_error when it can't be written.
  void append(std::string line);
  /// It has grown to several times what it had to be.
  [[nodiscard]] bool wants_rewrite() const;
  /// Puts other lines in the place of all there are: those that `write` hands to the function it is given.
  void rewrite(const std::function<void(const std::function<void(std::string)>&)>& write);

 private:
  void open();
  void close();

  std::filesystem::path path_;
  int file_ = -1;
  std::uint64_t bytes_ = 0;
  std::uint64_t bytes_rewritten_ = 0;
};

}  // namespace dabba::sandbox
