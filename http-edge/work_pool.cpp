#include "http-edge/work_pool.hpp"

#include <spdlog/spdlog.h>

namespace dabba::http {

void work_pool::stop() {
  pool_.stop();
  pool_.join();
}

bool work_pool::enter() noexcept {
  if (waiting_.fetch_add(1, std::memory_order_relaxed) < most_waiting_) return true;
  leave();
  return false;
}

bool work_pool::guarded(const std::function<void()>& call) noexcept {
  try {
    call();
    return true;
  } catch (const std::exception& problem) {
    spdlog::error("a blocking call failed: {}", problem.what());
    return false;
  }
}

}  // namespace dabba::http
