/// A customer's orders: the history, page by page, and the rewriting of what was written.
#include "persistence/postgres/order_archive.hpp"

#include <algorithm>
#include <catch2/catch_test_macros.hpp>

#include "tests/persistence/database.hpp"

using namespace dabba;
using namespace dabba::tests;

namespace {

const scratch_database& database() { return migrated_database(); }
constexpr instant noon{1'700'000'000'000'000};

struct stage {
  test_node node;
  postgres::journal_store writer = node.writer();
  postgres::archive archive{database().options("archive"), {}};
  postgres::reader reader{database().options("reader"), {}};
  user_id customer = user_id::make(real_now());

  append place(order_status status, instant at) {
    auto a = order_append(node.shard(0), order_id::make(real_now()), 1);
    auto& c = std::get<order_columns>(a.columns);
    c.customer = customer;
    c.status = status;
    c.placed_at = at;
    a.open = !is_terminal(status);
    a.state = "{\"orderId\":\"" + to_string(a.entity.id) + "\"}";
    REQUIRE(write_one(writer, a).has_value());
    return a;
  }
  std::vector<std::string> pages(const order_filter& filter, std::size_t limit, const std::vector<append>& orders) {
    std::vector<std::string> states;
    std::optional<order_cursor> after;
    for (std::size_t n = 0; n < 100; ++n) {
      auto page = archive.customer_orders(customer, filter, after, limit);
      REQUIRE(page);
      states.insert(states.end(), page->begin(), page->end());
      if (page->size() < limit) return states;
      auto last = std::ranges::find(orders, page->back(), &append::state);
      after = order_cursor{std::get<order_columns>(last->columns).placed_at, {last->entity.id}};
    }
    FAIL("the pages do not end");
    return states;
  }
};

}  // namespace

TEST_CASE("the pages of a customer's orders, joined, are all that fit, newest first") {
  stage s;
  constexpr std::array statuses{order_status::delivered, order_status::cancelled, order_status::accepted};
  std::vector<append> orders;
  for (int i = 0; i < 18; ++i)
    orders.push_back(s.place(statuses[static_cast<std::size_t>(i) % 3], noon + std::chrono::seconds{i / 4}));
  auto stranger = s.customer;
  s.customer = user_id::make(real_now());
  s.place(order_status::delivered, noon);
  std::swap(stranger, s.customer);
  std::ranges::sort(orders, [](const append& a, const append& b) {
    auto key = [](const append& x) { return std::tuple{std::get<order_columns>(x.columns).placed_at, x.entity.id}; };
    return key(b) < key(a);
  });
  auto expected = [&](const order_filter& filter) {
    std::vector<std::string> states;
    for (const auto& a : orders) {
      const auto& c = std::get<order_columns>(a.columns);
      if (filter.status.value_or(c.status) == c.status && filter.from.value_or(noon) <= c.placed_at &&
          c.placed_at < filter.until.value_or(instant::max()))
        states.push_back(a.state);
    }
    return states;
  };
  for (std::size_t limit : {1, 3, 18, 50})
    for (const order_filter& filter :
         {order_filter{}, order_filter{order_status::cancelled, {}, {}}, order_filter{{}, noon + 1s, {}},
          order_filter{{}, {}, noon + 3s}, order_filter{order_status::delivered, noon + 1s, noon + 4s}})
      CHECK(s.pages(filter, limit, orders) == expected(filter));
  CHECK(expected({}).size() == 18);
}

TEST_CASE("of a partner's events those are found that gave it the order") {
  stage s;
  auto who = partner_id::make(real_now());
  auto wanted = order_id::make(real_now());
  std::uint64_t seq = 0;
  for (auto [type, order] :
       {std::pair{"partner.went_online", order_id{}}, std::pair{"partner.delivery_assigned", wanted},
        std::pair{"partner.delivery_ended", wanted},
        std::pair{"partner.delivery_assigned", order_id::make(real_now())}}) {
    auto a = partner_append(s.node.shard(0), who, ++seq);
    a.events = {{type, 1, R"({"orderId":")" + to_string(order) + "\"}"}};
    REQUIRE(write_one(s.writer, a));
  }
  auto found = s.archive.assignments(wanted, who);
  REQUIRE(found);
  REQUIRE(found->size() == 1);
  CHECK(found->front().seq == 2);
  CHECK(found->front().entity == ref(who));
  CHECK(found->front().event.type == "partner.delivery_assigned");
}

TEST_CASE("what has ended is to be forgotten until its events are rewritten") {
  stage s;
  auto open = s.place(order_status::accepted, noon);
  CHECK(*s.archive.has_open_orders(s.customer));
  CHECK(s.archive.orders_to_forget(s.customer, 10)->empty());
  auto closed = s.place(order_status::delivered, noon);
  auto another = s.place(order_status::cancelled, noon + 1s);
  CHECK(s.archive.orders_to_forget(s.customer, 1)->size() == 1);
  CHECK(*s.archive.orders_to_forget(s.customer, 10) ==
        std::vector{order_id{closed.entity.id}, order_id{another.entity.id}});
  rewritten_event blank{closed.entity.id, 1, 7, R"({"note":""})"};
  REQUIRE(s.archive.rewrite_events({closed.entity.id}, std::span{&blank, 1}));
  CHECK(*s.archive.orders_to_forget(s.customer, 10) == std::vector{order_id{another.entity.id}});
  auto events = s.reader.events(closed.entity, 0, 10);
  REQUIRE(events);
  CHECK(events->front().event.payload == R"({"note":""})");
  CHECK(events->front().event.version == 7);
  CHECK(s.reader.events(another.entity, 0, 10)->front().event.payload == R"({"n":1})");
  CHECK_FALSE(*s.archive.has_open_orders(user_id::make(real_now())));
}
