#include "bench/city/progress.hpp"

#include <algorithm>
#include <cstdio>

#include <fmt/format.h>

namespace dabba::city {

namespace {

constexpr auto line_interval = std::chrono::seconds{5};
constexpr std::size_t bar_width = 30;

}  // namespace

std::string progress_line(const day_progress& p, std::size_t width) {
  // Orders, not hours: a day is over when its orders are.
  const auto ended = p.placed - p.open;
  const auto filled = p.orders == 0 ? 0 : std::min(width, ended * width / p.orders);
  return fmt::format("{} [{:#<{}}{:-<{}}] {} placed, {} open, {} of {} delivered", clock_face(p.now), "", filled, "",
                     width - filled, p.placed, p.open, p.delivered, p.orders);
}

progress_display::~progress_display() {
  if (drawn_) fmt::print(stderr, "\n");
}

void progress_display::show(const day_progress& p) {
  if (terminal_) {
    fmt::print(stderr, "\r{}\033[K", progress_line(p, bar_width));
    std::fflush(stderr);
    drawn_ = true;
    return;
  }
  const auto now = std::chrono::steady_clock::now();
  if (last_line_ && now < *last_line_ + line_interval) return;
  last_line_ = now;
  fmt::print(stderr, "{}\n", progress_line(p, bar_width));
}

}  // namespace dabba::city
