/// One line for each thing worth knowing, on standard error, with the time before it.
#pragma once

#include <fmt/chrono.h>
#include <fmt/format.h>

#include <chrono>
#include <cstdio>
#include <string>

namespace dabba::sandbox {

template <class... Args>
void log_line(fmt::format_string<Args...> format, Args&&... args) {
  const auto now = std::chrono::system_clock::now();
  const auto millis = std::chrono::duration_cast<std::chrono::milliseconds>(now.time_since_epoch()).count() % 1000;
  fmt::print(stderr, "{:%H:%M:%S}.{:03} {}\n", fmt::localtime(std::chrono::system_clock::to_time_t(now)), millis,
             fmt::format(format, std::forward<Args>(args)...));
}

}  // namespace dabba::sandbox
