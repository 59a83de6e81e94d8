#include "http-edge/outbound/circuit_breaker.hpp"

#include <algorithm>

namespace dabba::outbound {

std::optional<circuit_breaker::ticket> circuit_breaker::admit(time_point now) {
  switch (state_) {
    case state::closed: return ticket{period_};
    case state::open:
      if (now < refuse_until_) return std::nullopt;
      enter(state::half_open);
      break;
    case state::half_open:
      if (probe_since_ && now - *probe_since_ < terms_.probe_patience) return std::nullopt;
      if (probe_since_) {
        open(now);
        return std::nullopt;
      }
      break;
  }
  probe_since_ = now;
  return ticket{period_};
}

void circuit_breaker::succeeded(ticket of, time_point now) {
  if (of.period != period_) return;
  if (state_ == state::closed) return note(now, false);
  probe_since_.reset();
  if (++successes_ < terms_.successes_to_close) return;
  pause_ = std::chrono::milliseconds{0};
  enter(state::closed);
}

void circuit_breaker::failed(ticket of, time_point now) {
  if (of.period != period_) return;
  if (state_ == state::half_open) return open(now);
  note(now, true);
  if (has_too_many_failures()) open(now);
}

void circuit_breaker::returned(ticket of) {
  if (of.period == period_) probe_since_.reset();
}

void circuit_breaker::note(time_point now, bool is_failure) {
  results_.push_back({now, is_failure});
  while (results_.size() > terms_.window || now - results_.front().at > terms_.memory) results_.pop_front();
}

bool circuit_breaker::has_too_many_failures() const {
  auto failures = std::count_if(results_.begin(), results_.end(), [](const result& x) { return x.is_failure; });
  return results_.size() >= terms_.least &&
         static_cast<double>(failures) >= terms_.share * static_cast<double>(results_.size());
}

void circuit_breaker::enter(state next) {
  state_ = next;
  ++period_;
  results_.clear();
  probe_since_.reset();
  successes_ = 0;
}

void circuit_breaker::open(time_point now) {
  pause_ = pause_.count() == 0 ? terms_.pause_first : std::min(pause_ * 2, terms_.pause_longest);
  refuse_until_ = now + pause_;
  enter(state::open);
}

}  // namespace dabba::outbound
