/// A restaurant's actor: what its settings do to orders, and who sees its menu.
#include "protocols/codec.hpp"
#include "tests/actors/two_nodes.hpp"

using namespace dabba;
using namespace dabba::testing;
using namespace dabba::samples;
using namespace std::chrono_literals;

namespace {

constexpr auto shop = [] { return platform::the_restaurant; };

menu_item dish(std::uint64_t n, std::string description = {}) {
  return {nth<item_id>(n), "dish " + std::to_string(n), std::move(description), "", food_type::veg, {100'00}};
}

change_kitchen self_accepting() {
  change_kitchen out;
  out.preparation_minutes = {true, 20};
  out.busy_until = {true, noon + 1h};
  out.busy_minutes = 5;
  out.accepts_itself = true;
  return out;
}

price_lines one_of(std::uint64_t n, std::optional<geo_point> to = {}) { return {{{nth<item_id>(n), 1, ""}}, {.dropoff = to}}; }

current_menu menu_of(platform& city, std::optional<menu_stamp> known = {}) {
  return city.expect<current_menu>(city.ask(ref(shop()), read_menu{known}));
}

/// As a checkout makes it: with the terms of the quote.
place_order order_by_quote(platform& city) {
  auto quoted = city.expect<quote>(city.ask(ref(shop()), one_of(1)));
  auto out = city.order_from_kitchen();
  out.lines = quoted.lines;
  out.kitchen = quoted.kitchen;
  return out;
}

bool is_accepted(platform& city, order_id id) {
  return city.ticking_until([&] { return city.read(id).status == order_status::accepted; });
}

}  // namespace

TEST_CASE("an order of a kitchen that accepts by itself is accepted once, with the minutes of a busy kitchen") {
  platform city{make_store()};
  city.open_restaurant();
  city.expect<changed_menu>(city.command(shop(), add_menu_item{dish(1)}));
  city.expect<restaurant>(city.command(shop(), self_accepting()));
  auto id = city.new_order_id();
  auto placed = city.expect<order>(city.command(id, order_by_quote(city)));
  CHECK(placed.status == order_status::pending_restaurant_acceptance);
  REQUIRE(is_accepted(city, id));
  CHECK(city.read(id).preparation_minutes == 25);
  for (int i = 0; i < 20; ++i) city.tick();
  CHECK(city.store().count(ref(id), "order.accepted") == 1);
}

TEST_CASE("an order whose node died before it could accept itself does so at the next start, once") {
  auto store = make_store();
  auto time = std::make_shared<manual_clock>();
  order_id id;
  {
    platform city{store, time};
    city.open_restaurant();
    city.expect<changed_menu>(city.command(shop(), add_menu_item{dish(1)}));
    city.expect<restaurant>(city.command(shop(), self_accepting()));
    id = city.new_order_id();
    city.expect<order>(city.command(id, order_by_quote(city)));  // and no tick after it
  }
  for (int restart = 0; restart < 3; ++restart) {
    platform city{store, time};
    REQUIRE(is_accepted(city, id));
  }
  CHECK(store->count(ref(id), "order.accepted") == 1);
}

TEST_CASE("an order waits for its restaurant as long as the restaurant says") {
  platform city{make_store()};
  city.open_restaurant();
  city.expect<changed_menu>(city.command(shop(), add_menu_item{dish(1)}));
  change_kitchen hasty;
  hasty.accept_minutes = {true, 2};
  city.expect<restaurant>(city.command(shop(), hasty));
  auto id = city.new_order_id();
  city.expect<order>(city.command(id, order_by_quote(city)));
  city.advance(2min);
  CHECK(city.ticking_until([&] { return city.read(id).status == order_status::rejected; }));
}

TEST_CASE("a restaurant outside its hours or its area sells nothing, and says why") {
  platform city{make_store()};
  city.open_restaurant();
  city.expect<changed_menu>(city.command(shop(), add_menu_item{dish(1)}));
  city.expect<restaurant>(city.command(shop(), set_delivery_area{delivery_area{metres{3000}, {}}}));
  city.expect<quote>(city.ask(ref(shop()), one_of(1, north_of(kitchen, 2999))));
  CHECK(city.expect<not_sold>(city.ask(ref(shop()), one_of(1, north_of(kitchen, 3001)))).why ==
        errc::outside_delivery_area);
  CHECK(city.expect<not_sold>(city.ask(ref(shop()), one_of(7))).line == 0);
  opening_hours monday{"Asia/Kolkata", {{weekday::monday, {day_minutes{6h}, day_minutes{11h}}}}, {}};
  city.expect<restaurant>(city.command(shop(), set_hours{monday}));
  auto closed = city.expect<not_sold>(city.ask(ref(shop()), one_of(1)));
  CHECK(closed.why == errc::restaurant_closed);
  CHECK(closed.opens_at == noon + 13h + 30min);
  city.advance(13h + 30min);
  city.expect<quote>(city.ask(ref(shop()), one_of(1)));
}

TEST_CASE("who knows a menu is told that it is still the one, until it changes or something returns") {
  platform city{make_store()};
  city.open_restaurant();
  city.expect<changed_menu>(city.command(shop(), add_menu_item{dish(1)}));
  auto first = menu_of(city);
  REQUIRE(first.content);
  CHECK((*first.content)->items.size() == 1);
  CHECK_FALSE(menu_of(city, first.stamp).content);
  city.expect<changed_menu>(city.command(shop(), set_item_availability{nth<item_id>(1), {false, noon + 1h}}));
  auto away = menu_of(city, first.stamp);
  REQUIRE(away.content);
  CHECK_FALSE((*away.content)->items[0].available.at(away.now));
  CHECK_FALSE(menu_of(city, away.stamp).content);
  city.advance(1h);
  auto back = menu_of(city, away.stamp);
  REQUIRE(back.content);
  CHECK((*back.content)->items[0].available.at(back.now));
  CHECK(back.stamp == menu_stamp{away.stamp.version, 1});
}

TEST_CASE("a restaurant comes back from the store with all its settings and its menu") {
  auto store = make_store();
  auto settings = self_accepting();
  restaurant before;
  menu offered;
  {
    platform city{store};
    city.open_restaurant();
    auto item = dish(1);
    item.category = "Dosas";
    city.expect<changed_menu>(city.command(shop(), add_menu_item{item}));
    modifier_option large{nth<option_id>(1), "Large", {40'00}, {false, noon + 1h}};
    city.expect<changed_menu>(city.command(shop(), add_modifier_group{{nth<group_id>(1), "Size", 0, 1, {large}}}));
    city.expect<restaurant>(city.command(shop(), settings));
    city.expect<restaurant>(city.command(shop(), set_delivery_area{delivery_area{metres{3000}, {}}}));
    opening_hours hours{"Asia/Kolkata",
                        {{weekday::friday, {day_minutes{18h}, day_minutes{26h}}}},
                        {{*parse_date("2026-03-04"), "Holi", {}}}};
    city.expect<restaurant>(city.command(shop(), set_hours{hours}));
    restaurant_document paper{nth<document_id>(1), document_kind::identity, "7", "", "", {}};
    before = city.expect<restaurant>(city.command(shop(), add_document{paper}));
    offered = **menu_of(city).content;
  }
  platform city{store};
  CHECK(city.expect<restaurant>(city.ask(ref(shop()), read_state{})) == before);
  CHECK(**menu_of(city).content == offered);
}

TEST_CASE("an answer that is kept for a repeat holds what was changed, and not the whole menu") {
  platform city{make_store()};
  city.open_restaurant();
  auto owner = nth<user_id>(9);
  for (std::uint64_t n = 1; n <= 20; ++n)
    city.expect<changed_menu>(city.command(shop(), add_menu_item{dish(n, std::string(1000, 'x'))}));
  auto meta = platform::fresh();
  meta.idempotency = idempotency_claim{owner, "k", "hash"};
  auto made = city.expect<changed_menu>(city.command(shop(), remove_menu_item{nth<item_id>(1)}, meta));
  CHECK(made.items.empty());
  auto kept = city.store().answer(owner, "k");
  REQUIRE(kept);
  CHECK(kept->body.size() < 200);
  meta = platform::fresh();
  meta.idempotency = idempotency_claim{owner, "k2", "hash"};
  city.expect<restaurant>(city.command(shop(), self_accepting(), meta));
  CHECK(city.store().answer(owner, "k2")->body.size() < 2000);
}

TEST_CASE("a change of a menu expects the version it was read at") {
  platform city{make_store()};
  city.open_restaurant();
  auto version = city.expect<changed_menu>(city.command(shop(), add_menu_item{dish(1)})).version;
  auto meta = platform::fresh();
  meta.expected_version = version;
  city.expect<changed_menu>(city.command(shop(), add_category{{nth<category_id>(1), "Dosas"}}, meta));
  auto late = platform::fresh();
  late.expected_version = version;
  CHECK(city.command(shop(), remove_menu_item{nth<item_id>(1)}, late).error() == errc::stale_version);
}

TEST_CASE("a menu changed through one node is what the next read through another shows") {
  two_nodes both;
  auto away = both.open_restaurant(shard_id{1});
  auto read = [&](cluster_node& through, std::optional<menu_stamp> known) {
    auto answer = through.ask(ref(away), read_menu{known});
    REQUIRE(answer);
    return std::get<current_menu>(*answer);
  };
  std::optional<menu_stamp> known;
  for (std::uint64_t n = 1; n <= 20; ++n) {
    auto& writer = n % 2 ? both.first() : both.second();
    auto& reader = n % 2 ? both.second() : both.first();
    REQUIRE(writer.ask(ref(away), restaurant_request{two_nodes::fresh(), away, add_menu_item{dish(n)}}));
    auto seen = read(reader, known);
    REQUIRE(seen.content);
    CHECK((*seen.content)->items.size() == n);
    known = seen.stamp;
    CHECK_FALSE(read(writer, known).content);
  }
}
