#include "http-edge/read_pool.hpp"

#include <spdlog/spdlog.h>

#include "protocols/model/limits.hpp"

namespace dabba::http {

read_pool::read_pool(unsigned threads, maker make_reader) : make_reader_{std::move(make_reader)}, pool_{threads} {}

void read_pool::stop() {
  pool_.stop();
  pool_.join();
}

bool read_pool::enter() noexcept {
  if (waiting_.fetch_add(1, std::memory_order_relaxed) < limits::requests_in_flight) return true;
  leave();
  return false;
}

bool read_pool::guarded(const std::function<void()>& call) noexcept {
  try {
    call();
    return true;
  } catch (const std::exception& problem) {
    spdlog::error("a blocking call failed: {}", problem.what());
    return false;
  }
}

void read_pool::with_reader(const std::function<void(entity_reader&)>& use) {
  std::unique_ptr<entity_reader> reader;
  {
    std::lock_guard lock{mutex_};
    if (!idle_.empty()) {
      reader = std::move(idle_.back());
      idle_.pop_back();
    }
  }
  // After an exception the reader may be in the middle of something: it is not used again.
  bool usable = guarded([&] {
    if (!reader) reader = make_reader_();
    if (reader) use(*reader);
  });
  if (!usable || !reader) return;
  std::lock_guard lock{mutex_};
  idle_.push_back(std::move(reader));
}

}  // namespace dabba::http
