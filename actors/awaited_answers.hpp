/// Who waits for an answer from another node.
#pragma once

#include <caf/message.hpp>
#include <caf/typed_response_promise.hpp>
#include <chrono>
#include <map>
#include <optional>

#include "protocols/actors.hpp"

namespace dabba {

struct awaited_answer {
  using promise_of_any =
      std::variant<caf::typed_response_promise<reply>, caf::typed_response_promise<partner_actor>,
                   caf::typed_response_promise<matchmaker_actor>, caf::typed_response_promise<zone_list>>;

  promise_of_any promise;
  std::chrono::steady_clock::time_point until;
  caf::message sent;  ///< the parcel the question is in; empty while it waits to be sent
};

inline void refuse(awaited_answer& who, errc why) {
  std::visit([&](auto& promise) { promise.deliver(caf::make_error(why)); }, who.promise);
}

/// An answer of another kind than was asked for is a bug of the other side: `internal`.
inline void deliver(awaited_answer& who, answer&& what) {
  if (const auto* refusal = std::get_if<errc>(&what)) return refuse(who, *refusal);
  auto give = [&]<class Answer>(caf::typed_response_promise<Answer>& promise) {
    if (auto* fitting = std::get_if<Answer>(&what))
      promise.deliver(std::move(*fitting));
    else
      promise.deliver(caf::make_error(errc::internal));
  };
  std::visit(give, who.promise);
}

/// By the question's id.
class awaited_answers {
 public:
  using clock = std::chrono::steady_clock;

  void add(std::uint64_t id, awaited_answer::promise_of_any promise, clock::time_point until) {
    all_.emplace_hint(all_.end(), id, awaited_answer{std::move(promise), until, {}});
  }
  [[nodiscard]] std::size_t size() const noexcept { return all_.size(); }

  /// The questions of this parcel are on their way.
  void sent(const caf::message& what) {
    const auto& questions = what.get_as<parcel>(0).questions;
    if (questions.empty()) return;
    auto last = all_.upper_bound(questions.back().id);
    for (auto it = all_.lower_bound(questions.front().id); it != last; ++it) it->second.sent = what;
  }

  std::optional<awaited_answer> take(std::uint64_t id) {
    auto found = all_.extract(id);
    if (!found) return std::nullopt;
    return std::move(found.mapped());
  }

  void expire(clock::time_point now) {
    for (auto it = all_.begin(); it != all_.end();) {
      bool is_over = it->second.until <= now;
      if (is_over) refuse(it->second, errc::deadline_exceeded);
      it = is_over ? all_.erase(it) : std::next(it);
    }
  }

  std::map<std::uint64_t, awaited_answer> take_all() { return std::exchange(all_, {}); }

 private:
  std::map<std::uint64_t, awaited_answer> all_;
};

}  // namespace dabba
