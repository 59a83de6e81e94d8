#include "http-edge/bridge.hpp"

#include <caf/actor_system.hpp>
#include <caf/scoped_actor.hpp>
#include <caf/send.hpp>

#include "protocols/errors.hpp"

namespace dabba::http {
namespace {

template <class Question, class Answer>
class typed_question final : public pending_question {
 public:
  using answer_to = std::shared_ptr<completion<outcome_of<Answer>>>;

  typed_question(Question what, answer_to done) : what_{std::move(what)}, done_{std::move(done)} {}

  void send(bridge_actor::pointer self, const region_actor& region) override {
    // The answer's handlers alone hold the completion from here on: when the actor ends, they go and it is finished.
    auto done = std::move(done_);
    self->request(region, limits::request_deadline, std::move(what_))
        .then([done](Answer& answer) { done->finish(std::move(answer)); },
              [done](const caf::error& problem) { done->finish(tl::unexpected{to_errc(problem)}); });
  }

 private:
  Question what_;
  answer_to done_;
};

bridge_actor::behavior_type bridge_behavior(bridge_actor::pointer self, const region_actor& region) {
  return {[self, region](ask_region& x) { x.question->send(self, region); }};
}

}  // namespace

bridge::bridge(caf::actor_system& system, region_actor region, unsigned actors)
    : system_{system}, region_{std::move(region)} {
  for (unsigned i = 0; i < actors; ++i) actors_.push_back(system.spawn(bridge_behavior, region_));
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

void bridge::tell(entity_ref to, routed body) { caf::anon_send(region_, envelope{to, 0, 0, std::move(body)}); }

}  // namespace dabba::http
