/// What the actors do when the store fails, is slow, or does not say what became of a write.
#include "actors/domain/order_machine.hpp"
#include "actors/write_path.hpp"
#include "protocols/codec.hpp"
#include "protocols/model/limits.hpp"
#include "tests/actors/platform.hpp"

using namespace dabba;
using namespace dabba::testing;
using namespace dabba::samples;
using namespace std::chrono_literals;

namespace {

order_id placed_order(platform& city) {
  auto id = city.new_order_id();
  city.expect<order>(city.command(id, city.order_from_kitchen()));
  return id;
}

caf::actor_addr address_of(platform& city, partner_id who) {
  caf::scoped_actor self{city.system()};
  caf::actor_addr out;
  self->request(city.region(), patience, locate_partner{who})
      .receive([&](const partner_actor& x) { out = x.address(); }, [](const caf::error& why) { FAIL(to_string(why)); });
  return out;
}

}  // namespace

TEST_CASE("while the store is away commands are refused, and nothing has changed") {
  platform city{make_store()};
  auto id = placed_order(city);
  auto before = city.read(id);
  auto session = city.open_session();
  city.expect<subscribed>(city.ask(ref(id), subscribe{session.actor}));
  city.store().fail_next(ref(id), fault::unavailable);
  auto meta = platform::fresh();
  CHECK(city.command(id, accept_order{12}, meta).error() == errc::unavailable);
  CHECK(city.read(id) == before);
  CHECK(session.in->all<published>().empty());
  // The same command again, when it is back.
  CHECK(city.expect<order>(city.command(id, accept_order{12}, meta)).version == 3);
  CHECK(session.in->await<published>(2).size() == 2);
}

TEST_CASE("a shard that was given up ends with all its actors; taken again, it serves what is stored") {
  platform city{make_store()};
  auto id = placed_order(city);
  auto beside = nth<partner_id>(shard_of(id.value, 4).value);
  auto elsewhere = nth<partner_id>(shard_of(id.value, 4).value + 1u);
  CHECK(city.ask(ref(beside), read_state{}));
  caf::actor_addr partner_before = address_of(city, beside);
  city.store().fail_next(ref(id), fault::moved);
  CHECK(city.command(id, accept_order{12}).error() == errc::moved);
  CHECK(eventually([&] { return city.ask(ref(id), read_state{}).has_value(); }));
  CHECK(city.read(id).version == 1);
  CHECK(city.expect<order>(city.command(id, accept_order{12})).version == 3);
  CHECK(city.expect<partner>(city.command(elsewhere, go_online{{}, {}})).version == 1);
  CHECK(address_of(city, beside) != partner_before);
}

TEST_CASE("an owner that was fenced off writes nothing more with its old epoch") {
  auto store = make_store();
  platform stale{store};
  auto id = placed_order(stale);
  store->lose_all_shards();  // which this node has not heard of
  CHECK(stale.command(id, accept_order{12}).error() == errc::moved);
  for (int i = 0; i < 20; ++i) {
    auto [to, body] = stale.request(id, accept_order{12});
    stale.tell(to, std::move(body));
  }
  stale.keep_pace();
  CHECK(store->head(ref(id))->version == 1);
}

TEST_CASE("a write of unknown outcome is never acknowledged; what is read after it is the truth") {
  for (auto what : {fault::unknown_written, fault::unknown_lost}) {
    platform city{make_store()};
    auto id = placed_order(city);
    city.store().fail_next(ref(id), what);
    auto meta = platform::fresh();
    CHECK(city.command(id, accept_order{12}, meta).error() == errc::outcome_unknown);
    REQUIRE(city.ticking_until([&] { return city.ask(ref(id), read_state{}).has_value(); }));
    auto truth = what == fault::unknown_written ? order_status::accepted : order_status::pending_restaurant_acceptance;
    CHECK(city.read(id).status == truth);
    // The client repeats the command until it is answered.
    CHECK(city.ticking_until([&] { return city.command(id, accept_order{12}, meta).has_value(); }));
    CHECK(city.read(id).version == 3);
    CHECK(city.store().count(ref(id), "order.accepted") == 1);
  }
}

TEST_CASE("commands behind one whose outcome is unknown are told to come again, not left waiting") {
  platform city{make_store()};
  auto id = placed_order(city);
  city.store().fail_next(ref(id), fault::unknown_written);
  city.store().hold();
  std::vector<std::pair<entity_ref, routed>> commands{
      city.request(id, accept_order{12}), city.request(id, start_preparing{"PREP"}), city.request(id, mark_ready{})};
  std::thread releaser{[&] {
    (void)city.store().await_held();
    city.store().release();
  }};
  auto answers = city.ask_all(commands);
  releaser.join();
  CHECK(answers[0].error() == errc::outcome_unknown);
  for (int i : {1, 2}) {
    if (answers[static_cast<std::size_t>(i)]) continue;  // it came after the reload
    CHECK(answers[static_cast<std::size_t>(i)].error() == errc::moved);
  }
}

TEST_CASE("an actor that is behind the store does not pass for the caller's mistake") {
  auto store = make_store();
  platform city{store};
  auto id = placed_order(city);
  // Somebody else wrote meanwhile.
  auto writer = store->make_writer();
  auto shard = shard_of(id.value, 4);
  auto head = *store->head(ref(id));
  writer->own(shard, 1);
  append row;
  row.shard = shard;
  row.epoch = 1;
  row.entity = ref(id);
  row.first_seq = 2;
  row.command = nth<command_id>(77);
  auto event = encode(order_event{order_cancelled{{party::support, "", party::platform}}});
  row.events = {{std::string{event.type}, 1, event.payload}};
  row.at = city.now();
  auto state = *decode_order(head.state);
  apply(state, order_cancelled{{party::support, "", party::platform}}, city.now());
  row.state = encode(state);
  row.open = false;
  row.columns = order_columns{};
  REQUIRE(writer->write({&row, 1}).front());
  CHECK(city.command(id, accept_order{12}).error() == errc::unavailable);
  CHECK(city.read(id).status == order_status::cancelled);
}

TEST_CASE("a command repeated after many others has no second effect, and is answered with what is") {
  platform city{make_store()};
  city.open_restaurant();
  auto shop = platform::the_restaurant;
  auto first = platform::fresh();
  city.expect<restaurant>(city.command(shop, set_restaurant_status{restaurant_status::offline}, first));
  auto status = restaurant_status::offline;
  for (std::size_t i = 0; i <= limits::remembered_commands; ++i) {
    status = status == restaurant_status::offline ? restaurant_status::online : restaurant_status::offline;
    city.expect<restaurant>(city.command(shop, set_restaurant_status{status}));
  }
  REQUIRE(status == restaurant_status::online);
  auto writes = city.store().writes();
  auto before = city.expect<restaurant>(city.ask(ref(shop), read_state{}));
  CHECK(city.expect<restaurant>(city.command(shop, set_restaurant_status{restaurant_status::offline}, first)) ==
        before);
  CHECK(city.store().writes() == writes);
  CHECK(city.expect<restaurant>(city.ask(ref(shop), read_state{})) == before);
}

TEST_CASE("an order placed again when it has left memory is the one that is there") {
  platform city{make_store()};
  auto id = city.new_order_id();
  auto placing = platform::fresh();
  city.expect<order>(city.command(id, city.order_from_kitchen(), placing));
  auto rejected = city.expect<order>(city.command(id, reject_order{"closed"}));
  auto watcher = city.open_session();  // keeps the board, so that it is the order that goes
  city.expect<subscribed>(city.ask(board_ref(zone_at(kitchen)), subscribe{watcher.actor}));
  auto with_it = city.running_actors();
  REQUIRE(city.ticking_until([&] { return city.running_actors() < with_it; }, std::chrono::seconds{31}));
  result_of<reply> again;
  // Until it is loaded the client is told to come again.
  CHECK(city.ticking_until([&] {
    again = city.command(id, city.order_from_kitchen(), placing);
    return again || !may_be_repeated(again.error());
  }));
  CHECK(city.expect<order>(again) == rejected);
  CHECK(city.store().count(ref(id), "order.placed") == 1);
}

TEST_CASE("commands wait in line behind a write, and beyond the bound they are refused") {
  platform city{make_store()};
  auto id = placed_order(city);
  city.store().hold();
  std::vector<std::pair<entity_ref, routed>> commands{city.request(id, accept_order{12})};
  for (std::size_t i = 0; i < limits::stashed_commands + 100; ++i)
    commands.push_back(city.request(id, change_stage{"BAKING"}));
  auto answers = city.ask_all(commands, [&] {
    // A read is answered by the order after all commands have reached it: it does not wait for the write.
    REQUIRE(city.store().await_held());
    (void)city.read(id);
    city.store().release();
  });
  CHECK(answers[0]);
  std::size_t overloaded = 0;
  for (std::size_t i = 1; i < answers.size(); ++i) {
    REQUIRE_FALSE(answers[i]);
    overloaded += answers[i].error() == errc::overloaded;
    if (answers[i].error() != errc::overloaded) CHECK(answers[i].error() == errc::illegal_transition);
  }
  CHECK(overloaded == 100);
  CHECK(city.read(id).version == 3);
}

TEST_CASE("what waits for a journal that is busy has been waiting since its entity asked") {
  std::chrono::steady_clock::time_point asked;
  platform city{make_store()};
  auto first = placed_order(city);
  auto second = placed_order(city);
  city.store().interfere([&](const append& a) {
    if (a.entity == ref(second)) asked = a.since;
    return fault::none;
  });
  city.store().hold();
  auto accept = [&](order_id which) {
    auto [to, body] = city.request(which, accept_order{12});
    city.tell(to, std::move(body));
  };
  accept(first);
  REQUIRE(city.store().await_held());
  accept(second);
  (void)city.read(second);  // answered after the command before it was passed on to the journal
  auto released = std::chrono::steady_clock::now();
  city.store().release();
  REQUIRE(eventually([&] { return city.read(second).version == 3; }));
  CHECK(asked < released);
  city.store().interfere({});
}

TEST_CASE("an entity answers questions with what was acknowledged, while its write is under way") {
  platform city{make_store()};
  auto id = placed_order(city);
  city.store().hold();
  auto accepted = city.ask_all({city.request(id, accept_order{12})}, [&] {
    REQUIRE(city.store().await_held());
    CHECK(city.read(id).version == 1);
    city.store().release();
  });
  CHECK(city.expect<order>(accepted[0]).version == 3);
}

TEST_CASE("a shard whose store is away at its start serves as soon as it is back") {
  auto store = make_store();
  order_id id;
  {
    platform city{store};
    id = placed_order(city);
  }
  store->set_readable(false);
  platform city{store};
  CHECK(city.ask(ref(id), read_state{}).error() == errc::unavailable);
  store->set_readable(true);
  CHECK(city.ticking_until([&] { return city.ask(ref(id), read_state{}).has_value(); }));
}

TEST_CASE("an entity that can't be loaded now is refused as unavailable, and found later") {
  auto store = make_store();
  platform city{store};
  store->set_readable(false);
  auto stranger = nth<partner_id>(5);
  CHECK(city.ask(ref(stranger), read_state{}).error() == errc::unavailable);
  store->set_readable(true);
  CHECK(city.ticking_until([&] { return city.ask(ref(stranger), read_state{}).has_value(); }));
}

TEST_CASE("many failures at random lose nothing that was acknowledged and write nothing twice") {
  auto store = make_store();
  platform city{store};
  std::uint64_t dice = 42;
  store->interfere([&dice](const append&) {
    dice = dice * 6364136223846793005ULL + 1442695040888963407ULL;
    switch (dice >> 60) {
      case 0:
      case 1: return fault::unavailable;
      case 2: return fault::unknown_written;
      case 3: return fault::unknown_lost;
      default: return fault::none;
    }
  });
  for (int i = 0; i < 100; ++i) {
    auto id = city.new_order_id();
    std::vector<order_command> way{
        accept_order{12}, start_preparing{"PREP"}, mark_ready{}, cancel_order{{party::support, "", party::platform}}};
    auto placing = platform::fresh();
    if (!city.command(id, city.order_from_kitchen(), placing)) continue;
    for (const auto& command : way) {
      auto meta = platform::fresh();
      REQUIRE(city.ticking_until([&] { return city.command(id, command, meta).has_value(); }));
    }
    REQUIRE(city.ticking_until([&] { return city.ask(ref(id), read_state{}).has_value(); }));
    CHECK(city.read(id).version == 6);
  }
  store->interfere({});
}
