/// Preloaded into a node: its wall clock is off by DABBA_CLOCK_SHIFT_SECONDS. Clocks that only measure how much time
/// has passed are left alone, as they are when somebody sets a machine's clock.
#include <dlfcn.h>
#include <sys/time.h>
#include <sys/types.h>

#include <cstdlib>
#include <ctime>

namespace {

time_t shift() {
  static const time_t seconds = [] {
    const char* text = std::getenv("DABBA_CLOCK_SHIFT_SECONDS");
    return text ? static_cast<time_t>(std::atol(text)) : 0;
  }();
  return seconds;
}

using clock_gettime_function = int (*)(clockid_t, timespec*);

clock_gettime_function real_clock() {
  static const auto found = reinterpret_cast<clock_gettime_function>(::dlsym(RTLD_NEXT, "clock_gettime"));
  return found;
}

}  // namespace

extern "C" {

int clock_gettime(clockid_t which, timespec* into) noexcept {
  int done = real_clock()(which, into);
  if (done == 0 && (which == CLOCK_REALTIME || which == CLOCK_REALTIME_COARSE)) into->tv_sec += shift();
  return done;
}

int gettimeofday(timeval* into, void*) noexcept {
  timespec now{};
  int done = clock_gettime(CLOCK_REALTIME, &now);
  *into = {now.tv_sec, now.tv_nsec / 1000};
  return done;
}

time_t time(time_t* into) noexcept {
  timespec now{};
  clock_gettime(CLOCK_REALTIME, &now);
  if (into) *into = now.tv_sec;
  return now.tv_sec;
}
}
