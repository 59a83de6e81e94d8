/// How the day is going, on standard error: a bar on a terminal, else a line every few seconds.
#pragma once

#include "bench/city/city.hpp"

namespace dabba::city {

class progress_display {
 public:
  explicit progress_display(bool terminal) : terminal_(terminal) {}
  /// Ends the bar's line.
  ~progress_display();
  progress_display(const progress_display&) = delete;
  progress_display& operator=(const progress_display&) = delete;

  void show(const day_progress& p);

 private:
  bool terminal_;
  bool drawn_ = false;
  std::optional<real_time> last_line_;
};

/// `18:42 [#####-----] 120 placed, 31 open, 87 of 240 delivered`
std::string progress_line(const day_progress& p, std::size_t bar_width);

}  // namespace dabba::city
