#include "http-edge/bridge.hpp"

#include <caf/actor_system.hpp>
#include <caf/scoped_actor.hpp>
#include <caf/send.hpp>
#include <caf/stateful_actor.hpp>
#include <chrono>
#include <list>

#include "protocols/errors.hpp"
#include "protocols/sending.hpp"

namespace dabba::http {

/// Those that wait for an answer. All have the same time for it, so that the oldest is the next to expire: one list and
/// one tick, where a timer for each would cost more than the question.
class open_questions {
  struct open_question {
    std::chrono::steady_clock::time_point expires_at;
    std::shared_ptr<pending_question> what;
  };

 public:
  using place = std::list<open_question>::iterator;

  place add(std::shared_ptr<pending_question> what) {
    auto until = std::chrono::steady_clock::now() + limits::request_deadline;
    return waiting_.insert(waiting_.end(), {until, std::move(what)});
  }

  void remove(place where) { waiting_.erase(where); }

  void expire() {
    auto now = std::chrono::steady_clock::now();
    while (!waiting_.empty() && waiting_.front().expires_at <= now) {
      waiting_.front().what->expire();
      waiting_.pop_front();
    }
  }

 private:
  std::list<open_question> waiting_;
};

namespace {

constexpr auto expiry_interval = std::chrono::milliseconds{500};

template <class Question, class Answer>
class typed_question final : public pending_question {
 public:
  using answer_to = std::shared_ptr<completion<outcome_of<Answer>>>;

  typed_question(Question what, answer_to done) : what_{std::move(what)}, done_{std::move(done)} {}

  void send(bridge_actor::pointer self, const region_actor& region, open_questions& open) override {
    auto kept = shared_from_this();
    place_ = open.add(kept);
    self->request(region, caf::infinite, std::move(what_))
        .then([this, kept, &open](Answer& answer) { finish(open, std::move(answer)); },
              [this, kept, &open](const caf::error& problem) { finish(open, tl::unexpected{to_errc(problem)}); });
  }

  void expire() override {
    place_.reset();
    done_->finish(tl::unexpected{errc::deadline_exceeded});
  }

 private:
  void finish(open_questions& open, outcome_of<Answer> answer) {
    if (!place_) return;  // too late
    done_->finish(std::move(answer));
    open.remove(*place_);
  }

  Question what_;
  answer_to done_;
  std::optional<open_questions::place> place_;
};

struct bridge_state {
  static inline const char* name = "dabba.bridge";

  bridge_state(bridge_actor::pointer self, region_actor region) : self{self}, region{std::move(region)} {}

  bridge_actor::behavior_type make_behavior() {
    self->delayed_send(self, expiry_interval, tick{});
    return {
        [this](const ask_region& x) { x.question->send(self, region, open); },
        [this](tick x) {
          open.expire();
          self->delayed_send(self, expiry_interval, x);
        },
    };
  }

  bridge_actor::pointer self;
  region_actor region;
  open_questions open;
};

}  // namespace

bridge::bridge(caf::actor_system& system, region_actor region, unsigned actors)
    : system_{system}, region_{std::move(region)} {
  for (unsigned i = 0; i < actors; ++i)
    actors_.push_back(system.spawn<bridge_actor::stateful_impl<bridge_state>>(region_));
}

void bridge::stop() {
  if (actors_.empty()) return;
  caf::scoped_actor self{system_};
  for (auto& each : actors_) caf::anon_send_exit(each, caf::exit_reason::user_shutdown);
  self->wait_for(std::exchange(actors_, {}));
}

template <class Answer, class Question>
asio::awaitable<outcome_of<Answer>> bridge::ask_region_for(Question what) {
  if (in_flight_.fetch_add(1, std::memory_order_relaxed) >= limits::requests_in_flight || actors_.empty()) {
    in_flight_.fetch_sub(1, std::memory_order_relaxed);
    co_return tl::unexpected{errc::overloaded};
  }
  auto to = actors_[next_.fetch_add(1, std::memory_order_relaxed) % actors_.size()];
  auto start = [&to, &what](std::shared_ptr<completion<outcome_of<Answer>>> done) {
    auto question = std::make_shared<typed_question<Question, Answer>>(std::move(what), std::move(done));
    caf::anon_send(to, ask_region{std::move(question)});
  };
  outcome_of<Answer> lost = tl::unexpected{errc::unavailable};
  auto answer = co_await completed(std::move(lost), start);
  in_flight_.fetch_sub(1, std::memory_order_relaxed);
  co_return answer;
}

asio::awaitable<outcome_of<reply>> bridge::ask(entity_ref to, routed body) {
  envelope wrapped{to, 0, 0, std::move(body)};
  return ask_region_for<reply>(std::move(wrapped));
}

asio::awaitable<outcome_of<partner_actor>> bridge::locate(partner_id who) {
  return ask_region_for<partner_actor>(locate_partner{who});
}

asio::awaitable<outcome_of<zone_list>> bridge::zones() { return ask_region_for<zone_list>(list_zones{}); }

void bridge::tell(const partner_actor& known, entity_ref to, locations where) {
  tell_directly_if_here(known, region_, to, std::move(where));
}

void bridge::tell(entity_ref to, routed body) { caf::anon_send(region_, envelope{to, 0, 0, std::move(body)}); }

}  // namespace dabba::http
