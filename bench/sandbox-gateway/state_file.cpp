#include "bench/sandbox-gateway/state_file.hpp"

#include <fcntl.h>
#include <sys/file.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <cstring>
#include <fstream>
#include <stdexcept>

#include "bench/sandbox-gateway/limits.hpp"

namespace dabba::sandbox {

namespace {

std::runtime_error failure(const std::filesystem::path& file) {
  return std::runtime_error{file.string() + ": " + std::strerror(errno)};
}

void write_all(int file, std::string_view text, const std::filesystem::path& path) {
  while (!text.empty()) {
    const auto written = ::write(file, text.data(), text.size());
    if (written < 0 && errno == EINTR) continue;
    if (written <= 0) throw failure(path);
    text.remove_prefix(static_cast<std::size_t>(written));
  }
}

}  // namespace

state_file::state_file(std::filesystem::path path, const std::function<void(std::string_view)>& read)
    : path_{std::move(path)} {
  open();
  std::ifstream in{path_, std::ios::binary};
  std::string line;
  while (std::getline(in, line) && !in.eof()) {
    bytes_ += line.size() + 1;
    read(line);
  }
  // What follows the last line's end was cut off: the next line begins in its place.
  if (::ftruncate(file_, static_cast<off_t>(bytes_)) != 0) throw failure(path_);
  bytes_rewritten_ = bytes_;
}

state_file::~state_file() { close(); }

void state_file::open() {
  file_ = ::open(path_.c_str(), O_RDWR | O_CREAT | O_APPEND | O_CLOEXEC, 0600);
  if (file_ < 0) throw failure(path_);
  if (::flock(file_, LOCK_EX | LOCK_NB) != 0) throw failure(path_);
}

void state_file::close() {
  if (file_ >= 0) ::close(file_);
  file_ = -1;
}

void state_file::append(std::string line) {
  line += '\n';
  write_all(file_, line, path_);
  bytes_ += line.size();
}

bool state_file::wants_rewrite() const {
  return bytes_ > std::max(limits::file_bytes, limits::file_growth * bytes_rewritten_);
}

void state_file::rewrite(const std::function<void(const std::function<void(std::string)>&)>& write) {
  auto fresh_path = path_;
  fresh_path += ".new";
  const int fresh = ::open(fresh_path.c_str(), O_RDWR | O_CREAT | O_TRUNC | O_APPEND | O_CLOEXEC, 0600);
  if (fresh < 0) throw failure(fresh_path);
  bytes_ = 0;
  write([&](std::string line) {
    line += '\n';
    write_all(fresh, line, fresh_path);
    bytes_ += line.size();
  });
  if (::flock(fresh, LOCK_EX | LOCK_NB) != 0 || ::fsync(fresh) != 0) throw failure(fresh_path);
  std::filesystem::rename(fresh_path, path_);
  close();
  file_ = fresh;
  bytes_rewritten_ = bytes_;
}

}  // namespace dabba::sandbox
