/// Questions for another node: gathered into numbered parcels, each kept until the other side says that it passed its
/// questions on, so that what is lost or refused can be sent elsewhere.
#pragma once

#include <algorithm>
#include <caf/message.hpp>
#include <chrono>
#include <deque>
#include <optional>

#include "protocols/actors.hpp"
#include "protocols/model/limits.hpp"

namespace dabba {

/// The question with this id in a message that holds a parcel; nothing when it is not in there.
inline std::optional<question> copy_question(const caf::message& sent, std::uint64_t id) {
  if (!sent.match_elements<parcel>()) return std::nullopt;
  const auto& questions = sent.get_as<parcel>(0).questions;
  if (questions.empty() || id < questions.front().id || id > questions.back().id) return std::nullopt;
  return questions[id - questions.front().id].what;
}

class outgoing_parcels {
 public:
  using clock = std::chrono::steady_clock;

  struct waiting_question {
    parcel::asked what;
    clock::time_point until;  ///< whoever asked has given up by then
  };

  /// What was neither passed on nor answered when a connection ended.
  struct remains {
    std::deque<waiting_question> waiting;
    std::deque<caf::message> unhandled;

    /// A question that waits for its answer, wherever it got to.
    std::optional<question> take(std::uint64_t id, const caf::message& sent) {
      if (waiting.empty() || id < waiting.front().what.id) return copy_question(sent, id);
      return std::move(waiting[id - waiting.front().what.id].what.what);
    }
    /// Of those that nobody waits for an answer to.
    std::vector<envelope> untold() {
      std::vector<envelope> out;
      auto add = [&out](const parcel::asked& each) {
        if (const auto* what = std::get_if<envelope>(&each.what); what && !each.wants_answer) out.push_back(*what);
      };
      for (const auto& sent : unhandled) std::ranges::for_each(sent.get_as<parcel>(0).questions, add);
      for (const auto& each : waiting) add(each.what);
      return out;
    }
  };

  /// Returns the question's id.
  std::uint64_t add(question&& what, bool wants_answer, clock::time_point until) {
    waiting_.push_back({{++last_id_, wants_answer, 0, std::move(what)}, until});
    return last_id_;
  }
  [[nodiscard]] std::size_t waiting() const noexcept { return waiting_.size(); }
  /// Nothing more is sent until the other side has passed on some of what it was sent.
  [[nodiscard]] bool is_full() const noexcept { return unhandled_.size() >= limits::parcels_unhandled; }

  /// Nothing when no question waits, or too many parcels are unhandled.
  std::optional<parcel> next() {
    if (waiting_.empty() || is_full()) return std::nullopt;
    parcel out;
    out.number = ++last_number_;
    auto count = std::min(waiting_.size(), limits::questions_per_parcel);
    out.questions.reserve(count);
    auto now = clock::now();
    for (std::size_t i = 0; i < count; ++i) {
      auto& [what, until] = waiting_.front();
      what.ms_left = milliseconds_left(until, now);
      out.questions.push_back(std::move(what));
      waiting_.pop_front();
    }
    return out;
  }

  /// Keeps what is now sent.
  void keep(const caf::message& sent) { unhandled_.push_back(sent); }

  /// The other side passed on all parcels up to this one.
  void handled(std::uint64_t number) {
    while (!unhandled_.empty() && unhandled_.front().get_as<parcel>(0).number <= number) unhandled_.pop_front();
  }

  [[nodiscard]] std::optional<question> find_unhandled(std::uint64_t id) const {
    for (const auto& sent : unhandled_)
      if (auto found = copy_question(sent, id)) return found;
    return std::nullopt;
  }

  /// Numbers start anew with the next connection.
  remains take_all() {
    last_id_ = last_number_ = 0;
    return {std::exchange(waiting_, {}), std::exchange(unhandled_, {})};
  }

 private:
  static std::uint32_t milliseconds_left(clock::time_point until, clock::time_point now) {
    auto left = std::chrono::duration_cast<std::chrono::milliseconds>(until - now).count();
    return static_cast<std::uint32_t>(std::max<std::int64_t>(left, 0));
  }

  std::deque<waiting_question> waiting_;
  std::deque<caf::message> unhandled_;
  std::uint64_t last_id_ = 0;
  std::uint64_t last_number_ = 0;
};

}  // namespace dabba
