/// Commands, events and positions between two nodes, and shards that change theirs.
#include <thread>

#include "actors/cluster_metrics.hpp"
#include "tests/actors/two_nodes.hpp"

using namespace dabba;
using namespace dabba::testing;
using namespace std::chrono_literals;

namespace {

constexpr shard_id here{0};
constexpr shard_id there{1};

result_of<reply> command(cluster_node& through, order_id to, order_command what) {
  return through.ask(ref(to), order_request{two_nodes::fresh(), to, std::move(what)});
}

}  // namespace

TEST_CASE("an order is placed and followed through a node that does not own it") {
  two_nodes both;
  auto shop = both.open_restaurant(there);
  auto id = both.new_order(shop);
  REQUIRE(command(both.first(), id, both.order_from(shop)));
  auto customer = both.first().open_session();
  auto stands = both.first().ask(ref(id), subscribe{customer.actor});
  REQUIRE(stands);
  CHECK(std::get<subscribed>(*stands).seq == 1);
  // The restaurant's tablet is connected to the owner.
  REQUIRE(command(both.second(), id, accept_order{12}));
  auto news = customer.in->await<published>(1);
  REQUIRE_FALSE(news.empty());
  CHECK(news.front().seq == 2);
  CHECK(news.front().entity == ref(id));
  auto read = both.first().ask(ref(id), read_state{});
  REQUIRE(read);
  CHECK(std::get<order>(*read).status == order_status::accepted);
}

TEST_CASE("all who follow an order from another node are told of each event, in order") {
  two_nodes both;
  auto shop = both.open_restaurant(there);
  auto id = both.new_order(shop);
  REQUIRE(command(both.first(), id, both.order_from(shop)));
  std::vector<session> followers;
  for (auto* through : {&both.first(), &both.first(), &both.second()}) {
    followers.push_back(through->open_session());
    REQUIRE(through->ask(ref(id), subscribe{followers.back().actor}));
  }
  REQUIRE(command(both.first(), id, accept_order{12}));
  REQUIRE(command(both.first(), id, start_preparing{}));
  REQUIRE(command(both.first(), id, mark_ready{}));
  for (auto& each : followers) {
    auto version = std::get<order>(*both.first().ask(ref(id), read_state{})).version;
    auto news = each.in->await<published>(version - 1);
    REQUIRE(news.size() == version - 1);
    for (std::size_t i = 0; i < news.size(); ++i) CHECK(news[i].seq == i + 2);
  }
}

TEST_CASE("news for a session that has ended reaches the others it is for") {
  two_nodes both;
  auto shop = both.open_restaurant(there);
  auto id = both.new_order(shop);
  REQUIRE(command(both.first(), id, both.order_from(shop)));
  auto gone = both.first().open_session();
  auto stays = both.first().open_session();
  for (const auto& each : {gone, stays}) REQUIRE(both.first().ask(ref(id), subscribe{each.actor}));
  caf::scoped_actor self{both.first().system()};
  self->send_exit(gone.actor, caf::exit_reason::user_shutdown);
  self->wait_for(gone.actor);
  caf::anon_send(both.second().region(), session_news{{gone.actor, stays.actor}, replaced{}});
  CHECK(stays.in->await<replaced>(1).size() == 1);
}

TEST_CASE("who follows an order is told of its events while the nodes have no link") {
  two_nodes both;
  auto shop = both.open_restaurant(here);
  auto id = both.new_order(shop);
  REQUIRE(command(both.first(), id, both.order_from(shop)));
  auto customer = both.second().open_session();
  REQUIRE(both.second().ask(ref(id), subscribe{customer.actor}));
  both.disown_second();
  REQUIRE(command(both.first(), id, accept_order{12}));
  auto news = customer.in->await<published>(1);
  REQUIRE_FALSE(news.empty());
  CHECK(news.front().seq == 2);
}

TEST_CASE("a refusal comes back from the other node as it is") {
  two_nodes both;
  auto shop = both.open_restaurant(there);
  auto id = both.new_order(shop);
  REQUIRE(command(both.first(), id, both.order_from(shop)));
  CHECK(command(both.first(), id, mark_ready{}).error() == errc::illegal_transition);
  CHECK(both.first().ask(ref(both.new_order(shop)), read_state{}).error() == errc::order_not_found);
}

TEST_CASE("every command that is sent while shards change their node takes effect once, and is answered") {
  two_nodes both;
  auto shop = both.open_restaurant(there);
  std::atomic<bool> is_over{false};
  std::atomic<int> moves{0};
  std::thread mover{[&] {
    for (int i = 0; i < 20; ++i) {
      both.give({there}, i % 2 == 0 ? both.first().id() : both.second().id());
      ++moves;
      std::this_thread::sleep_for(40ms);
    }
    is_over = true;
  }};
  int placed = 0;
  for (int i = 0; !is_over || i % 2 != 0; ++i) {
    auto& through = i % 2 == 0 ? both.first() : both.second();
    auto id = both.new_order(shop);
    auto meta = two_nodes::fresh();
    // What a fence refuses in the middle of a move is repeated with the same id, as a client would.
    auto done = eventually([&] {
      return through.ask(ref(id), order_request{meta, id, both.order_from(shop)}).has_value();
    });
    CHECK(done);
    CHECK(both.store().count(ref(id), "order.placed") == 1);
    ++placed;
  }
  mover.join();
  CHECK(moves == 20);
  CHECK(placed > 20);
}

TEST_CASE("who follows an order is told when its node is lost, and the next owner has it all") {
  two_nodes both;
  auto shop = both.open_restaurant(there);
  auto id = both.new_order(shop);
  REQUIRE(command(both.first(), id, both.order_from(shop)));
  auto customer = both.first().open_session();
  REQUIRE(both.first().ask(ref(id), subscribe{customer.actor}));
  auto by = customer.in->await<publishing>(1);
  REQUIRE(by.size() == 1);
  caf::scoped_actor watcher{both.first().system()};
  watcher->monitor(caf::actor_cast<caf::actor>(by.front().by));
  both.lose_second();
  bool was_told = false;
  watcher->receive([&](const caf::down_msg&) { was_told = true; }, caf::after(patience) >> [] {});
  CHECK(was_told);
  REQUIRE(both.first().ask(ref(id), subscribe{customer.actor}));
  REQUIRE(command(both.first(), id, accept_order{12}));
  CHECK(customer.in->await<published>(1).front().seq == 2);
}

TEST_CASE("a partner on one node is known to the matchmaker on the other, and carries its orders") {
  two_nodes both;
  auto zone = zone_at(samples::kitchen);
  auto zone_shard = shard_of(matchmaker_ref(zone).id, 8);
  both.give({zone_shard}, both.second().id());
  auto shop = both.open_restaurant(here);
  partner_id who;
  do who = partner_id::make(real_now());
  while (shard_of(who.value, 8) != here);
  auto phone = both.second().open_session();
  REQUIRE(both.second().ask(ref(who), attach{phone.actor}));
  REQUIRE(both.second().ask(ref(who), partner_request{two_nodes::fresh(), who, go_online{samples::kitchen, {}}}));
  auto id = both.new_order(shop);
  REQUIRE(command(both.first(), id, both.order_from(shop)));
  REQUIRE(command(both.first(), id, accept_order{12}));
  auto offers = phone.in->await<make_offer>(1);
  REQUIRE_FALSE(offers.empty());
  auto won =
      both.second().ask(ref(who), partner_request{two_nodes::fresh(), who, accept_offer{offers.front().what.id}});
  REQUIRE(won);
  CHECK(std::get<awarded_job>(*won).deliveries.size() == 1);
}

TEST_CASE("what comes to a shard's new owner before it knows so waits there, and is not sent back") {
  two_nodes both;
  auto shop = both.open_restaurant(there);
  auto id = both.new_order(shop);
  REQUIRE(command(both.first(), id, both.order_from(shop)));
  both.give({there}, both.first().id());
  REQUIRE(command(both.second(), id, accept_order{12}));
  link_metrics counted{both.first().system().metrics()};
  auto sent_back = counted.returned->value();
  both.move({there}, both.second().id());
  both.tell_first();
  std::thread late{[&] {
    std::this_thread::sleep_for(200ms);
    both.tell_second();
  }};
  CHECK(command(both.first(), id, start_preparing{}));
  late.join();
  CHECK(counted.returned->value() == sent_back);
}

TEST_CASE("a node without a lease answers nothing, neither its own clients nor the other node") {
  two_nodes both;
  auto shop = both.open_restaurant(there);
  auto id = both.new_order(shop);
  REQUIRE(command(both.first(), id, both.order_from(shop)));
  both.second().suspend();
  CHECK(both.second().ask(ref(id), read_state{}).error() == errc::unavailable);
  CHECK(both.first().ask(ref(id), read_state{}).error() == errc::unavailable);
}

TEST_CASE("what is asked of a shard without an owner waits, and is refused when none comes") {
  two_nodes both;
  auto shop = both.open_restaurant(there);
  auto id = both.new_order(shop);
  REQUIRE(command(both.first(), id, both.order_from(shop)));
  both.give({there}, samples::nth<node_id>(77));
  auto asked_at = std::chrono::steady_clock::now();
  CHECK(both.first().ask(ref(id), read_state{}).error() == errc::unavailable);
  CHECK(std::chrono::steady_clock::now() - asked_at >= limits::parking_patience);
  both.give({there}, both.first().id());
  CHECK(both.first().ask(ref(id), read_state{}));
}
