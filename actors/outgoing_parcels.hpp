/// What a link has for the other node: questions, and answers to the other's. They leave in numbered parcels of bounded
/// size, each kept until the other side says that it passed on what was in it, so that what is lost with the connection
/// can be sent elsewhere, and no more is on its way than the other side can take.
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
    std::size_t bytes = 0;
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
    std::vector<question> untold() {
      std::vector<question> out;
      auto add = [&out](const parcel::asked& each) {
        if (!each.wants_answer) out.push_back(each.what);
      };
      for (const auto& sent : unhandled) std::ranges::for_each(sent.get_as<parcel>(0).questions, add);
      for (const auto& each : waiting) add(each.what);
      return out;
    }
  };

  [[nodiscard]] bool has_room(std::size_t bytes) const noexcept {
    return questions_.size() < limits::questions_waiting && question_bytes_ + bytes <= limits::waiting_bytes;
  }
  /// Returns the question's id; nothing when there is no room.
  std::optional<std::uint64_t> ask(question&& what, bool wants_answer, clock::time_point until, std::size_t bytes) {
    if (!has_room(bytes)) return {};
    question_bytes_ += bytes;
    questions_.push_back({{++last_id_, wants_answer, 0, std::move(what)}, until, bytes});
    return last_id_;
  }
  /// One for which there is no room becomes `overloaded`.
  void answer(std::uint64_t id, dabba::answer&& what, std::size_t bytes) {
    if (answer_bytes_ + bytes > limits::waiting_bytes) {
      what = errc::overloaded;
      bytes = 0;
    }
    answer_bytes_ += bytes;
    answers_.push_back({{id, std::move(what)}, bytes});
  }

  [[nodiscard]] std::size_t questions_waiting() const noexcept { return questions_.size(); }
  [[nodiscard]] std::size_t bytes_waiting() const noexcept { return question_bytes_ + answer_bytes_; }
  [[nodiscard]] bool has_answers() const noexcept { return !answers_.empty(); }
  [[nodiscard]] bool is_empty() const noexcept { return questions_.empty() && answers_.empty(); }
  /// Nothing more is sent until the other side has passed on some of what it was sent.
  [[nodiscard]] bool is_full() const noexcept {
    return unhandled_.size() >= limits::parcels_unhandled || unhandled_bytes_ >= limits::unhandled_bytes;
  }

  /// Nothing when nothing waits, or too much is unhandled. What is returned is to be sent, and kept.
  std::optional<parcel> next() {
    if (is_empty() || is_full()) return std::nullopt;
    parcel out;
    out.number = ++last_number_;
    next_bytes_ = 0;
    while (!answers_.empty() && next_bytes_ < limits::parcel_bytes) move_answer(out);
    auto now = clock::now();
    while (!questions_.empty() && out.questions.size() < limits::questions_per_parcel &&
           next_bytes_ < limits::parcel_bytes)
      move_question(out, now);
    out.wants_word = unhandled_.size() + 1 >= limits::parcels_unhandled / 4 ||
                     unhandled_bytes_ + next_bytes_ >= limits::unhandled_bytes / 4;
    return out;
  }

  /// Keeps what `next` gave, and is now sent.
  void keep(const caf::message& sent) {
    unhandled_bytes_ += next_bytes_;
    unhandled_.push_back({sent, next_bytes_});
  }

  /// The other side passed on all parcels up to this one.
  void handled(std::uint64_t number) {
    while (!unhandled_.empty() && unhandled_.front().what.get_as<parcel>(0).number <= number) {
      unhandled_bytes_ -= unhandled_.front().bytes;
      unhandled_.pop_front();
    }
  }

  /// Numbers start anew with the next connection. Answers are of use to nobody then.
  remains take_all() {
    remains out;
    out.waiting = std::move(questions_);
    for (auto& each : unhandled_) out.unhandled.push_back(std::move(each.what));
    *this = {};
    return out;
  }

 private:
  struct waiting_answer {
    parcel::answered what;
    std::size_t bytes = 0;
  };
  struct sent_parcel {
    caf::message what;
    std::size_t bytes = 0;
  };

  void move_answer(parcel& to) {
    auto& [what, bytes] = answers_.front();
    next_bytes_ += bytes;
    answer_bytes_ -= bytes;
    to.answers.push_back(std::move(what));
    answers_.pop_front();
  }
  void move_question(parcel& to, clock::time_point now) {
    auto& [what, until, bytes] = questions_.front();
    what.ms_left = milliseconds_left(until, now);
    next_bytes_ += bytes;
    question_bytes_ -= bytes;
    to.questions.push_back(std::move(what));
    questions_.pop_front();
  }

  static std::uint32_t milliseconds_left(clock::time_point until, clock::time_point now) {
    auto left = std::chrono::duration_cast<std::chrono::milliseconds>(until - now).count();
    return static_cast<std::uint32_t>(std::max<std::int64_t>(left, 0));
  }

  std::deque<waiting_question> questions_;
  std::deque<waiting_answer> answers_;
  std::deque<sent_parcel> unhandled_;
  std::size_t question_bytes_ = 0;
  std::size_t answer_bytes_ = 0;
  std::size_t unhandled_bytes_ = 0;
  std::size_t next_bytes_ = 0;  ///< of the parcel that `next` gave last
  std::uint64_t last_id_ = 0;
  std::uint64_t last_number_ = 0;
};

}  // namespace dabba
