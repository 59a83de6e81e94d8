/// What becomes of a node when one of its actors throws: what can be loaded anew goes on, and a node that has lost a
/// part it can't do without says so, to be ended.
///
/// Nothing in the actors throws on request. What makes them throw here is a message that holds no alternative of its
/// variant, which std::visit refuses, and a store that breaks its contract.
#include <future>

#include "actors/vital_parts.hpp"
#include "tests/actors/platform.hpp"

using namespace dabba;
using namespace dabba::testing;
using namespace dabba::samples;
using namespace std::chrono_literals;

namespace {

/// Throws when it is to become what an alternative holds, which leaves the variant without one.
template <class T>
struct never_made {
  operator T() const { throw std::runtime_error{"made to fail"}; }  // NOLINT(google-explicit-constructor)
};

template <class Variant, class Alternative, class... Arguments>
Variant empty_variant(const Arguments&... arguments) {
  Variant out;
  CHECK_THROWS_AS(out.template emplace<Alternative>(arguments...), std::runtime_error);
  REQUIRE(out.valueless_by_exception());
  return out;
}

partner_command broken_partner_command() {
  return empty_variant<partner_command, decline_offer>(offer_id{}, never_made<std::string>{});
}
routed broken_body() {
  return empty_variant<routed, order_request>(command_meta{}, order_id{}, never_made<order_command>{});
}

order_id placed_order(platform& city) {
  auto id = city.new_order_id();
  city.expect<order>(city.command(id, city.order_from_kitchen()));
  return id;
}

/// A session that follows an entity, and the handle of who publishes to it: that actor does not end for lack of them,
/// and no more does one that another node knows.
struct follower {
  follower(platform& city, const entity_ref& whom) : session{city.open_session()}, self{city.system()} {
    city.expect<subscribed>(city.ask(whom, subscribe{session.actor}));
    publisher = caf::actor_cast<caf::actor>(session.in->await<publishing>().at(0).by);
    self->monitor(publisher);
  }
  void end_publisher() { self->send_exit(publisher, caf::sec::runtime_error); }
  /// Sessions subscribe anew when their publisher ends; one that lived on unseen would leave them with nothing.
  bool sees_publisher_end() {
    bool has_ended = false;
    self->receive([&](const caf::down_msg&) { has_ended = true; }, caf::after(patience) >> [] {});
    return has_ended;
  }
  testing::session session;
  caf::scoped_actor self;
  caf::actor publisher;
};

/// What was lost of these parts, and within which time.
struct watched {
  watched(platform& city, std::vector<vital_part> parts)
      : watch{watch_vital_parts(city.system(), std::move(parts), [this](const std::string& x) { said.set_value(x); })} {
  }
  /// Empty: nothing.
  std::string lost_within(std::chrono::milliseconds time) {
    auto future = said.get_future();
    return future.wait_for(time) == std::future_status::ready ? future.get() : std::string{};
  }
  std::promise<std::string> said;
  vital_parts_actor watch;
};

template <class Actor>
vital_part part(std::string name, const Actor& who) {
  return {std::move(name), caf::actor_cast<caf::actor>(who)};
}

}  // namespace

TEST_CASE("a partner whose handler throws is loaded anew with all that was acknowledged, and goes on") {
  platform city{make_store()};
  auto who = nth<partner_id>(3);
  city.expect<partner>(city.command(who, go_online{kitchen, {}}));
  follower reader{city, ref(who)};
  city.store().hold();
  // The first is being written while the others come; the one that throws ends the actor before the last gets its turn.
  std::vector<std::pair<entity_ref, routed>> commands{
      city.request(who, go_offline{}), city.request(who, broken_partner_command()),
      city.request(who, go_online{kitchen, {}})};
  std::thread releaser{[&] {
    (void)city.store().await_held();
    city.store().release();
  }};
  auto answers = city.ask_all(commands);
  releaser.join();
  CHECK(city.expect<partner>(answers[0]).version == 2);
  CHECK_FALSE(answers[1]);
  CHECK(reader.sees_publisher_end());
  REQUIRE(city.ticking_until([&] { return city.ask(ref(who), read_state{}).has_value(); }));
  CHECK(city.read(who).version == (answers[2] ? 3U : 2U));  // the last may have come after the reload
  CHECK(city.ticking_until([&] { return city.command(who, go_online{kitchen, {}}).has_value(); }));
  CHECK(city.read(who).version == 3);
}

// No message makes an order throw, short of memory that runs out. It is ended as CAF ends one whose handler has thrown.
TEST_CASE(
    "an order that ends of an exception in the middle of a write is loaded anew, and its command has one effect") {
  platform city{make_store()};
  auto id = placed_order(city);
  follower reader{city, ref(id)};
  city.store().hold();
  auto accepting = platform::fresh();
  auto answers = city.ask_all({city.request(id, accept_order{12}, accepting)}, [&] {
    REQUIRE(city.store().await_held());
    reader.end_publisher();
    CHECK(reader.sees_publisher_end());
    city.store().release();
  });
  CHECK(answers[0].error() == errc::moved);
  REQUIRE(city.ticking_until([&] { return city.ask(ref(id), read_state{}).has_value(); }));
  CHECK(city.ticking_until([&] { return city.command(id, accept_order{12}, accepting).has_value(); }));
  CHECK(city.read(id).version == 3);
  CHECK(city.store().count(ref(id), "order.accepted") == 1);
}

TEST_CASE("a shard whose handler throws ends with all its entities and is taken again with a higher epoch") {
  platform city{make_store()};
  auto id = placed_order(city);
  auto shard = shard_of(id.value, 4);
  follower reader{city, ref(id)};
  auto epoch_before = city.store().epoch_of(shard);
  CHECK_FALSE(city.ask(ref(id), broken_body()));
  CHECK(reader.sees_publisher_end());
  REQUIRE(city.ticking_until([&] { return city.ask(ref(id), read_state{}).has_value(); }));
  CHECK(city.store().epoch_of(shard) > epoch_before);
  CHECK(city.read(id).version == 1);
  CHECK(city.expect<order>(city.command(id, accept_order{12})).version == 3);
}

TEST_CASE("a journal that throws acknowledges nothing, and is missed within a second") {
  platform city{make_store()};
  auto id = placed_order(city);
  watched node{
      city, {part("a reader", city.node()->readers.front()), part("a journal", city.node()->journals.front())}};
  city.store().fail_next(ref(id), fault::thrown);
  CHECK_FALSE(city.command(id, accept_order{12}));
  CHECK(node.lost_within(1s).starts_with("a journal has ended"));
  CHECK(city.store().head(ref(id))->version == 1);
}

TEST_CASE("a reader that throws is missed within a second") {
  platform city{make_store()};
  watched node{city, {part("a reader", city.node()->readers.front())}};
  city.store().break_reads();
  caf::anon_send(city.node()->readers.front(), load_entity{ref(nth<partner_id>(5))});
  CHECK(node.lost_within(1s).starts_with("a reader has ended"));
}

TEST_CASE("parts that end because they were told to are not missed") {
  platform city{make_store()};
  watched node{city, {part("a journal", city.node()->journals.front()), part("the region", city.region())}};
  caf::anon_send(city.region(), stop{});
  caf::anon_send(city.node()->journals.front(), stop{});
  CHECK(node.lost_within(200ms).empty());
}
