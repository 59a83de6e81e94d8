/// Questions from coroutines to actors: `co_await bridge.ask(...)`. Every question is answered once, within
/// limits::request_deadline; beyond limits::requests_in_flight they are refused at once.
#pragma once

#include <atomic>
#include <caf/typed_event_based_actor.hpp>
#include <memory>
#include <tl/expected.hpp>
#include <vector>

#include "http-edge/completion.hpp"
#include "http-edge/edge_messages.hpp"
#include "protocols/model/limits.hpp"

namespace dabba::http {

template <class T>
using outcome_of = tl::expected<T, errc>;

class open_questions;

/// A question on its way. All but its making happens in the bridge actor.
class pending_question : public std::enable_shared_from_this<pending_question> {
 public:
  virtual ~pending_question() = default;
  /// Puts it among the open ones until it is answered.
  virtual void send(bridge_actor::pointer self, const region_actor& region, open_questions& open) = 0;
  virtual void expire() = 0;
};

class bridge {
 public:
  /// `actors` of them share the work.
  bridge(caf::actor_system& system, region_actor region, unsigned actors);
  ~bridge() { stop(); }
  bridge(const bridge&) = delete;
  bridge& operator=(const bridge&) = delete;

  /// Give a body that owns memory as a named variable: GCC 12 destroys temporaries that are made with braces inside of
  /// a co_await expression twice (GCC bug 99576).
  asio::awaitable<outcome_of<reply>> ask(entity_ref to, routed body);
  asio::awaitable<outcome_of<partner_actor>> locate(partner_id who);
  asio::awaitable<outcome_of<zone_list>> zones();
  /// Sends without waiting for an answer.
  void tell(entity_ref to, routed body);
  /// Straight to the actor when it is on this node, as there are many of these.
  void tell(const partner_actor& known, entity_ref to, locations where);

  /// Answers what is in flight with `unavailable` and ends the actors.
  void stop();

 private:
  template <class Answer, class Question>
  asio::awaitable<outcome_of<Answer>> ask_region_for(Question what);

  caf::actor_system& system_;
  region_actor region_;
  std::vector<bridge_actor> actors_;
  std::atomic<std::size_t> next_{0};
  std::atomic<std::size_t> in_flight_{0};
};

}  // namespace dabba::http
