/// One end of a link whose other end is played by the test.
#include "actors/link.hpp"

#include <caf/scoped_actor.hpp>
#include <caf/typed_event_based_actor.hpp>
#include <catch2/catch_test_macros.hpp>

#include "actors/lone_node.hpp"
#include "protocols/errors.hpp"
#include "tests/actors/platform.hpp"

using namespace dabba;
using namespace dabba::samples;
using namespace dabba::testing;

namespace {

constexpr std::uint64_t connection = 7;

/// What the other end was sent.
class other_end {
 public:
  void put(parcel x) {
    std::scoped_lock lock{mutex_};
    parcels_.push_back(std::move(x));
    changed_.notify_all();
  }
  /// All news so far, once there are so many.
  std::vector<news> await_news(std::size_t count) {
    std::unique_lock lock{mutex_};
    changed_.wait_for(lock, patience, [&] { return all_news().size() >= count; });
    return all_news();
  }

 private:
  [[nodiscard]] std::vector<news> all_news() const {
    std::vector<news> out;
    for (const auto& each : parcels_)
      for (const auto& asked : each.questions)
        if (const auto* what = std::get_if<session_news>(&asked.what)) out.push_back(what->what);
    return out;
  }

  std::mutex mutex_;
  std::condition_variable changed_;
  std::vector<parcel> parcels_;
};

/// Hears what it is sent, and passes on none of it, by what it says.
link_actor::behavior_type play_other_end(link_actor::pointer self, const std::shared_ptr<other_end>& seen,
                                         const std::shared_ptr<link_actor>& link) {
  (void)self;
  return {
      [link](const heartbeat& x) {
        caf::anon_send(*link, heartbeat{connection, x.beat, x.beat, 0});
      },
      [seen](const parcel& x) { seen->put(x); },
  };
}

/// A region that passes on nothing, and counts what is given back to it.
local_region_actor::behavior_type play_region(local_region_actor::pointer self,
                                              const std::shared_ptr<std::atomic<int>>& given_back,
                                              const std::shared_ptr<std::atomic<bool>>& is_up) {
  return {
      [](const envelope&) -> caf::result<reply> { return caf::make_error(errc::unavailable); },
      [](locate_partner) -> caf::result<partner_actor> { return caf::make_error(errc::unavailable); },
      [](locate_matchmaker) -> caf::result<matchmaker_actor> { return caf::make_error(errc::unavailable); },
      [](list_zones) { return zone_list{}; },
      [](const session_news&) {},
      [](tick) {},
      [self](stop) { self->quit(); },
      [](const hello&) -> caf::result<welcome> { return caf::make_error(errc::unavailable); },
      [](const view_changed&) {},
      [is_up](const link_state& x) { *is_up = x.is_up; },
      [](tick_from) {},
      [](flush) {},
      [given_back](const returned&) -> caf::result<reply> {
        ++*given_back;
        return caf::make_error(errc::unavailable);
      },
  };
}

/// A link that is up, sessions behind it, and the end that the test plays.
class played_link {
 public:
  played_link() {
    auto node = std::make_shared<node_context>();
    node->self = node_id::make(real_now());
    node->lease = endless_lease();
    region_ = system_.spawn(play_region, given_back, is_up_);
    auto own_end = std::make_shared<link_actor>();
    link = spawn_link(system_, node, {region_, {}, {}}, {node_id::make(real_now()), false, {}});
    *own_end = link_actor{link};
    other_ = system_.spawn(play_other_end, seen, own_end);
    hello call{node_id::make(real_now()), node->self, protocol_version, connection, other_};
    caf::anon_send(link, called{call});
    REQUIRE(eventually([&] { return is_up(); }));
    phone = spawn_session(system_);
  }
  ~played_link() {
    caf::anon_send(link, stop{});
    caf::anon_send(region_, stop{});
    caf::anon_send_exit(phone.actor, caf::exit_reason::user_shutdown);
    cut();
  }
  played_link(const played_link&) = delete;
  played_link& operator=(const played_link&) = delete;

  /// The other end is gone, and with it whatever was on its way.
  void cut() { caf::anon_send_exit(other_, caf::exit_reason::user_shutdown); }
  [[nodiscard]] bool is_up() const { return *is_up_; }
  void tell(news what) { caf::anon_send(link, session_news{{phone.actor}, std::move(what)}); }

  std::shared_ptr<other_end> seen = std::make_shared<other_end>();
  std::shared_ptr<std::atomic<int>> given_back = std::make_shared<std::atomic<int>>();
  local_link_actor link;
  session phone;

 private:
  std::shared_ptr<std::atomic<bool>> is_up_ = std::make_shared<std::atomic<bool>>();
  caf::actor_system_config config_;
  caf::actor_system system_{config_};
  local_region_actor region_;
  link_actor other_;
};

published nth_event(std::uint64_t seq) { return {ref(nth<order_id>(1)), seq, seq, {}, order_event{order_ready{}}}; }

}  // namespace

TEST_CASE("what was on its way to sessions when a link is lost reaches them, in order and without old positions") {
  played_link x;
  x.tell(nth_event(2));
  x.tell(carrier_moved{nth<order_id>(1), nth<partner_id>(1), {}});
  x.tell(nth_event(3));
  REQUIRE(x.seen->await_news(3).size() == 3);
  CHECK(x.phone.in->all<published>().empty());
  x.cut();
  auto events = x.phone.in->await<published>(2);
  REQUIRE(events.size() == 2);
  CHECK(events[0].seq == 2);
  CHECK(events[1].seq == 3);
  CHECK(x.phone.in->all<carrier_moved>().empty());
}

TEST_CASE("what entities are told goes back to the region when a link is lost, and what sessions are told does not") {
  played_link x;
  x.tell(nth_event(2));
  caf::anon_send(x.link, envelope{ref(nth<order_id>(1)), 0, 0, carrier_moved{}});
  caf::anon_send(x.link, envelope{ref(nth<order_id>(1)), 0, 0, end_search{}});
  REQUIRE(x.seen->await_news(1).size() == 1);
  x.cut();
  CHECK(eventually([&] { return x.given_back->load() == 2; }));
  CHECK(x.phone.in->await<published>(1).size() == 1);
}

TEST_CASE("a link that is down lets events pass, and no positions") {
  played_link x;
  x.cut();
  REQUIRE(eventually([&] { return !x.is_up(); }));
  x.tell(carrier_moved{nth<order_id>(1), nth<partner_id>(1), {}});
  x.tell(nth_event(9));
  CHECK(x.phone.in->await<published>(1).size() == 1);
  CHECK(x.phone.in->all<carrier_moved>().empty());
}

TEST_CASE("news that finds no room in a link is lost, and the link does not grow") {
  played_link x;
  constexpr std::size_t too_many = limits::questions_waiting + limits::parcels_unhandled * limits::questions_per_parcel;
  for (std::size_t i = 0; i < too_many + 1000; ++i) x.tell(nth_event(i));
  x.cut();
  REQUIRE(eventually([&] { return !x.is_up(); }));
  x.tell(replaced{});  // behind all that was given back
  REQUIRE(x.phone.in->await<replaced>(1).size() == 1);
  CHECK(x.phone.in->all<published>().size() <= too_many);
}
