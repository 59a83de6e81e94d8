/// The actor of a socket: whom it watches, and what it says when one of them ends.
#include "http-edge/session.hpp"

#include <caf/actor_system_config.hpp>
#include <caf/event_based_actor.hpp>
#include <caf/send.hpp>
#include <catch2/catch_test_macros.hpp>
#include <condition_variable>
#include <thread>

#include "tests/http-edge/support/types.hpp"

namespace dabba::http {
namespace {

using namespace std::chrono_literals;

const entity_ref the_order = ref(order_id{});

caf::behavior idle() {
  return {[](caf::ok_atom) {}};
}

class watched_session {
 public:
  watched_session()
      : system_{(test::register_types(), config_)}, session_{system_, [this](const session_note& x) { note(x); }} {}

  caf::actor spawn_publisher() { return system_.spawn(idle); }
  void tell(const caf::actor& by, bool has_ended) {
    caf::anon_send(session_.actor(), publishing{the_order, caf::actor_cast<caf::strong_actor_ptr>(by), has_ended});
  }
  void watch(const partner_actor& who) { caf::anon_send(session_.actor(), watch_partner{who}); }
  /// With the reason CAF ends an actor for when one of its handlers has thrown.
  void fail() {
    caf::anon_send(caf::actor_cast<caf::actor>(session_.actor()), caf::exit_msg{{}, caf::sec::runtime_error});
  }
  void close() { session_.close(); }
  static void end(const caf::actor& x) { caf::anon_send_exit(x, caf::exit_reason::user_shutdown); }

  /// False when so many have not come in time.
  bool await_gone(int publishers, int partners) {
    std::unique_lock lock{mutex_};
    return came_.wait_for(lock, 10s, [&] { return gone_publishers_ == publishers && gone_partners_ == partners; });
  }
  bool await_own_end() {
    std::unique_lock lock{mutex_};
    return came_.wait_for(lock, 10s, [&] { return gone_sessions_ == 1; });
  }
  int own_ends() {
    std::scoped_lock lock{mutex_};
    return gone_sessions_;
  }

 private:
  void note(const session_note& x) {
    std::scoped_lock lock{mutex_};
    if (std::holds_alternative<publisher_gone>(x)) ++gone_publishers_;
    if (std::holds_alternative<partner_gone>(x)) ++gone_partners_;
    if (std::holds_alternative<session_gone>(x)) ++gone_sessions_;
    came_.notify_one();
  }

  std::mutex mutex_;
  std::condition_variable came_;
  int gone_publishers_ = 0;
  int gone_partners_ = 0;
  int gone_sessions_ = 0;
  caf::actor_system_config config_;
  caf::actor_system system_;
  session session_;
};

TEST_CASE("the end of a publisher is told, but not of one whose subscription has ended") {
  watched_session x;
  auto first = x.spawn_publisher();
  auto second = x.spawn_publisher();
  x.tell(first, false);
  x.tell(first, true);
  x.tell(second, false);
  watched_session::end(first);
  watched_session::end(second);
  CHECK(x.await_gone(1, 0));
  std::this_thread::sleep_for(50ms);  // for a second one, which must not come
  CHECK(x.await_gone(1, 0));
}

TEST_CASE("a session that fails tells its socket, one that is closed does not") {
  watched_session failed;
  failed.fail();
  CHECK(failed.await_own_end());
  watched_session closed;
  closed.close();
  std::this_thread::sleep_for(50ms);
  CHECK(closed.own_ends() == 0);
}

TEST_CASE("what the last publisher says late does not hide the end of the next one") {
  watched_session x;
  auto last = x.spawn_publisher();
  auto next = x.spawn_publisher();
  x.tell(last, false);
  x.tell(next, false);
  x.tell(last, true);
  watched_session::end(next);
  CHECK(x.await_gone(1, 0));
  watched_session::end(last);
}

TEST_CASE("a partner's phone that stops following its partner's events still learns of its end") {
  watched_session x;
  auto who = x.spawn_publisher();
  x.watch(caf::actor_cast<partner_actor>(who));
  x.tell(who, false);
  x.tell(who, true);
  watched_session::end(who);
  CHECK(x.await_gone(0, 1));
}

}  // namespace
}  // namespace dabba::http
