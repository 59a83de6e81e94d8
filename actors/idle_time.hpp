/// How long something has been of no use.
#pragma once

#include "protocols/model/instant.hpp"

namespace dabba {

class idle_time {
 public:
  explicit idle_time(instant now) noexcept : last_used_{now} {}

  /// To be told regularly; the time since it was last of use.
  [[nodiscard]] duration update(instant now, bool is_idle) noexcept {
    if (!is_idle) last_used_ = now;
    return now - last_used_;
  }

 private:
  instant last_used_;
};

}  // namespace dabba
