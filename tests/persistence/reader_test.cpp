/// Reads: heads, events, feeds, pages and summaries.
#include <algorithm>
#include <catch2/catch_test_macros.hpp>

#include "tests/persistence/database.hpp"

using namespace dabba;
using namespace dabba::tests;

namespace {

const scratch_database& database() { return migrated_database(); }

struct stage {
  test_node node;
  postgres::journal_store writer = node.writer();
  postgres::reader reader{database().options("reader"), {}};

  void write(const append& a) { REQUIRE(write_one(writer, a).has_value()); }
};

constexpr instant noon{1'700'000'000'000'000};

append placed_order(const owned_shard& shard, restaurant_id restaurant, order_status status, instant placed_at) {
  auto a = order_append(shard, order_id::make(real_now()), 1);
  auto& c = std::get<order_columns>(a.columns);
  c.restaurant = restaurant;
  c.status = status;
  c.placed_at = placed_at;
  a.feed = restaurant.value;
  a.open = !is_terminal(status);
  a.state = "{\"orderId\":\"" + to_string(a.entity.id) + "\"}";
  return a;
}

/// All pages of a restaurant's orders, one after the other.
std::vector<std::string> all_pages(postgres::reader& reader, restaurant_id restaurant,
                                   std::optional<order_status> status, std::size_t limit,
                                   const std::vector<append>& orders) {
  std::vector<std::string> states;
  std::optional<order_cursor> after;
  for (std::size_t pages = 0; pages < 100; ++pages) {
    auto page = reader.restaurant_orders(restaurant, status, after, limit);
    REQUIRE(page);
    states.insert(states.end(), page->begin(), page->end());
    if (page->size() < limit) return states;
    auto last = std::find_if(orders.begin(), orders.end(), [&](const append& a) { return a.state == page->back(); });
    after = order_cursor{std::get<order_columns>(last->columns).placed_at, {last->entity.id}};
  }
  FAIL("the pages do not end");
  return states;
}

}  // namespace

TEST_CASE("a head is read back as its last event left it") {
  stage s;
  auto a = order_append(s.node.shard(0), order_id::make(real_now()), 1, 2);
  a.deadline = noon + 30s;
  s.write(a);
  auto head = s.reader.load(a.entity);
  REQUIRE(head);
  REQUIRE(*head);
  CHECK((*head)->entity == a.entity);
  CHECK((*head)->version == 2);
  CHECK((*head)->state == a.state);
  CHECK((*head)->deadline == a.deadline);

  auto b = order_append(s.node.shard(0), {a.entity.id}, 3);
  s.write(b);
  head = s.reader.load(a.entity);
  REQUIRE(head);
  REQUIRE(*head);
  CHECK((*head)->version == 3);
  CHECK((*head)->state == b.state);
  CHECK((*head)->deadline == std::nullopt);
}

TEST_CASE("what is not there, or has nothing durable, is not loaded") {
  stage s;
  auto nobody = make_uuid_v7(real_now());
  for (auto kind : {entity_kind::order, entity_kind::restaurant, entity_kind::partner, entity_kind::matchmaker,
                    entity_kind::board}) {
    auto head = s.reader.load({kind, nobody});
    REQUIRE(head);
    CHECK(!*head);
  }
}

TEST_CASE("a shard starts with its open entities of every kind, and no others") {
  stage s;
  const auto& shard = s.node.shard(7);
  auto order = order_append(shard, order_id::make(real_now()), 1);
  auto ended = order_append(shard, order_id::make(real_now()), 1);
  ended.open = false;
  auto partner = partner_append(shard, partner_id::make(real_now()), 1);
  auto restaurant = restaurant_append(shard, restaurant_id::make(real_now()), 1, to_string(order.entity.id));
  auto elsewhere = order_append(s.node.shard(8), order_id::make(real_now()), 1);
  for (const auto& a : {order, ended, partner, restaurant, elsewhere}) s.write(a);
  auto closing = order_append(shard, order_id::make(real_now()), 1);
  s.write(closing);
  closing = order_append(shard, {closing.entity.id}, 2);
  closing.open = false;
  s.write(closing);

  auto open = s.reader.open_entities(shard.id);
  REQUIRE(open);
  auto has = [&open](const append& a) {
    return std::any_of(open->begin(), open->end(), [&a](const head_record& h) {
      return h.entity == a.entity && h.state == a.state && h.version == a.first_seq;
    });
  };
  CHECK(has(order));
  CHECK(has(partner));
  CHECK(has(restaurant));
  CHECK(!has(ended));
  CHECK(!has(elsewhere));
  CHECK(!has(closing));
}

TEST_CASE("an entity's events come in sequence, from where one was, so many at a time") {
  stage s;
  order_id order = order_id::make(real_now());
  for (std::uint64_t seq = 1; seq <= 7; seq += 2) s.write(order_append(s.node.shard(0), order, seq, 2));
  auto page = s.reader.events(ref(order), 3, 3);
  REQUIRE(page);
  REQUIRE(page->size() == 3);
  for (std::size_t i = 0; i < 3; ++i) {
    const auto& e = (*page)[i];
    CHECK(e.seq == 4 + i);
    CHECK(e.entity == ref(order));
    CHECK(e.event.type == "order.accepted");
    CHECK(e.event.version == 1);
    CHECK(e.event.payload == R"({"n":)" + std::to_string(e.seq) + "}");
  }
  CHECK((*page)[1].at == instant{1'700'000'000'000'005});
  CHECK(s.reader.events(ref(order), 8, 10)->empty());
  CHECK(s.reader.events(ref(order), UINT64_MAX, 10)->empty());
}

TEST_CASE("a restaurant's feed has the events of its orders and of no others, by position") {
  stage s;
  const auto& shard = s.node.shard(3);
  auto mine = restaurant_id::make(real_now());
  auto other = restaurant_id::make(real_now());
  std::vector<append> orders;
  for (int i = 0; i < 6; ++i) {
    orders.push_back(placed_order(shard, i % 2 == 0 ? mine : other, order_status::accepted, noon));
    s.write(orders.back());
  }
  auto feed = s.reader.restaurant_feed(mine, shard.id, 0, 100);
  REQUIRE(feed);
  REQUIRE(feed->size() == 3);
  for (std::size_t i = 0; i < 3; ++i) CHECK((*feed)[i].entity == orders[2 * i].entity);
  CHECK((*feed)[0].position < (*feed)[1].position);
  CHECK(s.reader.feed_position(mine, shard.id) == (*feed)[2].position);
  CHECK(s.reader.feed_position(restaurant_id::make(real_now()), shard.id) == 0);
  auto rest = s.reader.restaurant_feed(mine, shard.id, (*feed)[0].position, 1);
  REQUIRE(rest);
  REQUIRE(rest->size() == 1);
  CHECK((*rest)[0].entity == orders[2].entity);
}

TEST_CASE("the pages of a restaurant's orders, joined, are all of them, newest first") {
  stage s;
  auto restaurant = restaurant_id::make(real_now());
  std::vector<append> orders;
  constexpr std::array statuses{
      order_status::accepted, order_status::delivered, order_status::in_preparation, order_status::cancelled};
  // Several orders of the same instant: the id decides.
  for (int i = 0; i < 24; ++i) {
    orders.push_back(placed_order(
        s.node.shard(0), restaurant, statuses[static_cast<std::size_t>(i) % 4], noon + std::chrono::seconds{i / 5}));
    s.write(orders.back());
  }
  std::sort(orders.begin(), orders.end(), [](const append& a, const append& b) {
    auto placed = [](const append& x) { return std::get<order_columns>(x.columns).placed_at; };
    return std::tuple{placed(b), b.entity.id} < std::tuple{placed(a), a.entity.id};
  });
  for (std::size_t limit : {1, 4, 5, 24, 200}) {
    std::vector<std::string> expected;
    for (const auto& a : orders) expected.push_back(a.state);
    CHECK(all_pages(s.reader, restaurant, std::nullopt, limit, orders) == expected);
  }
  for (auto status : statuses) {
    std::vector<std::string> expected;
    for (const auto& a : orders)
      if (std::get<order_columns>(a.columns).status == status) expected.push_back(a.state);
    CHECK(expected.size() == 6);
    CHECK(all_pages(s.reader, restaurant, status, 4, orders) == expected);
  }
  CHECK(s.reader.restaurant_orders(restaurant_id::make(real_now()), std::nullopt, std::nullopt, 5)->empty());
}

TEST_CASE("an idempotent answer is read back as it was stored") {
  stage s;
  auto a = order_append(s.node.shard(0), order_id::make(real_now()), 1);
  a.answer = idempotent_answer{user_id::make(real_now()), "POST /v1/orders/checkout k", "00ff", R"({"a":"ü"})"};
  s.write(a);
  auto found = s.reader.answer(a.answer->caller, a.answer->key);
  REQUIRE(found);
  REQUIRE(*found);
  CHECK((*found)->request_hash == "00ff");
  CHECK((*found)->body == R"({"a":"ü"})");
  CHECK(!*s.reader.answer(a.answer->caller, "POST /v1/orders/checkout other"));
  CHECK(!*s.reader.answer(user_id::make(real_now()), a.answer->key));
}

TEST_CASE("a zone's summary counts what ended in it since then") {
  stage s;
  zone_id zone{0x9ffc'0000'0000'0000 + static_cast<std::uint64_t>(real_now().micros)};
  auto end = [&](order_status status, zone_id where, std::chrono::seconds after) {
    auto a = placed_order(s.node.shard(0), restaurant_id::make(real_now()), status, noon);
    auto& c = std::get<order_columns>(a.columns);
    c.zone = where;
    c.ended_at = noon + after;
    s.write(a);
  };
  end(order_status::delivered, zone, 90s);
  end(order_status::delivered, zone, 60s);
  end(order_status::delivered, zone, 10s);
  end(order_status::cancelled, zone, 60s);
  end(order_status::rejected, zone, 61s);
  end(order_status::rejected, zone, 62s);
  end(order_status::undeliverable, zone, 62s);
  end(order_status::delivered, zone_id{zone.cell + 1}, 70s);
  auto open = placed_order(s.node.shard(0), restaurant_id::make(real_now()), order_status::accepted, noon);
  std::get<order_columns>(open.columns).zone = zone;
  s.write(open);

  auto sum = s.reader.summary(zone, noon + 60s);
  REQUIRE(sum);
  CHECK(sum->delivered == 2);
  CHECK(sum->cancelled == 1);
  CHECK(sum->rejected == 2);
  CHECK(sum->undeliverable == 1);
  CHECK(sum->click_to_door == std::vector<duration>{60s, 90s});
}

TEST_CASE("reads of a database that is away are unavailable") {
  postgres::reader reader{{"postgresql://nobody@127.0.0.1:1/none", "reader", ""}, {}};
  CHECK(reader.load(ref(order_id{})).error() == errc::unavailable);
}
