/// What a user has ordered, what is held of a user, and the end of an account.
#include <catch2/catch_test_macros.hpp>

#include "protocols/codec.hpp"
#include "tests/http-edge/support/people.hpp"

namespace dabba::test {
namespace {

using namespace std::chrono_literals;

/// Somebody with orders.
struct regular {
  platform p;
  member asha{p, "asha@example.org"};
  restaurant shop = p.add_restaurant();

  order add(order_status status, duration after = {}) {
    auto made = p.add_order(asha.key(), shop);
    std::lock_guard lock{p.world().mutex};
    auto& x = p.world().orders[made.id];
    x.status = status;
    x.placed_at = x.placed_at + after;
    order_line line;
    line.name = "Thali";
    line.special_instructions = "no onions";
    x.lines = {line};
    return x;
  }
  got list(const std::string& query = {}) { return ask(p.port(), "GET", "/v1/users/me/orders" + query, asha.access); }
};

std::set<std::string> ids_of(const json& page) {
  std::set<std::string> all;
  for (const auto& each : page.at("items")) all.insert(each.at("orderId"));
  return all;
}

TEST_CASE("the history is one's own, with one's own PINs, newest first") {
  regular r;
  auto first = r.add(order_status::delivered);
  auto second = r.add(order_status::accepted, 1s);
  r.p.add_order(user_id{make_uuid_v7(real_now())}, r.shop);
  auto page = r.list().parsed();
  REQUIRE(page.at("items").size() == 2);
  CHECK(page.at("items")[0].at("orderId") == to_string(second.id));
  CHECK(page.at("items")[0].at("deliveryPin") == "4711");
  CHECK(page.at("items")[1].at("orderId") == to_string(first.id));
  CHECK_FALSE(page.contains("nextCursor"));
}

TEST_CASE("the history is narrowed by status and time, and what is no filter is named") {
  regular r;
  auto delivered = r.add(order_status::delivered);
  auto cancelled = r.add(order_status::cancelled, 1h);
  CHECK(ids_of(r.list("?status=DELIVERED").parsed()) == std::set{to_string(delivered.id)});
  CHECK(ids_of(r.list("?from=2026-03-01T11:30:00Z").parsed()) == std::set{to_string(cancelled.id)});
  CHECK(ids_of(r.list("?to=2026-03-01T11:30:00Z").parsed()) == std::set{to_string(delivered.id)});
  CHECK(r.list("?from=2026-03-01T11:30:00Z&to=2026-03-01T11:30:00Z").parsed().at("items").empty());
  for (const auto* query : {"status=EATEN", "from=yesterday", "to=1", "limit=201", "cursor=1.2"}) {
    auto refused = r.list(std::string{"?"} + query);
    CHECK(refused.status == 400);
    auto name = std::string{query}.substr(0, std::string{query}.find('='));
    CHECK(refused.parsed().at("errors").at(0).at("parameter") == name);
  }
}

TEST_CASE("pages, joined, are the whole history; a cursor is good for its question and its caller") {
  regular r;
  std::set<std::string> expected, seen;
  for (int i = 0; i < 7; ++i) expected.insert(to_string(r.add(order_status::delivered, i / 2 * 1s).id));
  member other{r.p, "other@example.org"};
  std::string query = "?limit=2";
  for (int pages = 0; pages < 10; ++pages) {
    auto page = r.list(query).parsed();
    for (const auto& id : ids_of(page)) CHECK(seen.insert(id).second);
    if (!page.contains("nextCursor")) break;
    auto cursor = page.at("nextCursor").get<std::string>();
    query = "?limit=2&cursor=" + cursor;
    CHECK(r.list(query + "&status=DELIVERED").status == 400);
    CHECK(r.list("?limit=50&cursor=" + cursor).status == 200);
    CHECK(ask(r.p.port(), "GET", "/v1/users/me/orders" + query, other.access).status == 400);
    cursor[3] = cursor[3] == 'A' ? 'B' : 'A';
    CHECK(r.list("?limit=2&cursor=" + cursor).status == 400);
  }
  CHECK(seen == expected);
}

TEST_CASE("an export is all that is held, in answers of bounded size") {
  regular r;
  auto asha = r.asha;
  json home{{"address", {{"line", "7, Church Street"}, {"latitude", 12.97}, {"longitude", 77.59}}}};
  REQUIRE(post(r.p, "/v1/users/me/addresses", home, asha.access).status == 201);
  for (int i = 0; i < 250; ++i) r.add(order_status::delivered, i * 1s);
  auto first = post(r.p, "/v1/users/me/exports", json::object(), asha.access);
  REQUIRE(first.status == 200);
  auto held = first.parsed();
  CHECK(held.at("user").at("email") == asha.email);
  CHECK(held.at("addresses").at(0).at("address").at("line") == "7, Church Street");
  CHECK(held.at("sessions").size() == 1);
  CHECK(held.at("orders").size() == 200);
  CHECK(held.at("orders")[0].at("note") == "ring twice");
  auto second = post(r.p, "/v1/users/me/exports", {{"cursor", held.at("nextCursor")}}, asha.access).parsed();
  CHECK(second.at("orders").size() == 50);
  CHECK_FALSE(second.contains("nextCursor"));
  CHECK_FALSE(second.contains("user"));
  CHECK(post(r.p, "/v1/users/me/exports", {{"cursor", "x"}}, asha.access).status == 400);
  // The cursor of a history is none of an export.
  auto cursor = r.list("?limit=1").parsed().at("nextCursor");
  CHECK(post(r.p, "/v1/users/me/exports", {{"cursor", cursor}}, asha.access).status == 400);
  CHECK(first.body.find("argon2") == std::string::npos);
  CHECK(first.body.find(asha.refresh) == std::string::npos);
}

TEST_CASE("an export with large orders ends where it is full") {
  regular r;
  for (int i = 0; i < 3; ++i) {
    auto made = r.add(order_status::delivered, i * 1s);
    std::lock_guard lock{r.p.world().mutex};
    r.p.world().orders[made.id].note = std::string(3 << 20, 'n');
  }
  std::size_t orders = 0;
  json body = json::object();
  for (int pages = 0; pages < 5; ++pages) {
    auto page = post(r.p, "/v1/users/me/exports", body, r.asha.access).parsed();
    CHECK(page.at("orders").size() == 1);
    orders += page.at("orders").size();
    if (!page.contains("nextCursor")) break;
    body = {{"cursor", page.at("nextCursor")}};
  }
  CHECK(orders == 3);
}

TEST_CASE("a partner's export says how the shift stands") {
  platform p;
  member partner{p, "p@example.org", "PARTNER"};
  auto held = post(p, "/v1/users/me/exports", json::object(), partner.access).parsed();
  CHECK(held.at("partner").at("status") == "OFFLINE");
}

TEST_CASE("an owner's export has the restaurants") {
  platform p;
  member owner{p, "o@example.org", "RESTAURANT"};
  auto shop = p.add_restaurant();
  {
    std::lock_guard lock{p.world().mutex};
    p.world().restaurants[shop.id].profile.owner = owner.key();
  }
  p.add_restaurant();  // somebody else's
  auto held = post(p, "/v1/users/me/exports", json::object(), owner.access).parsed();
  REQUIRE(held.at("restaurants").size() == 1);
  CHECK(held.at("restaurants")[0].at("restaurantId") == to_string(shop.id));
}

TEST_CASE("an account is deleted with its password only, which is not guessed in this way") {
  platform p;
  member asha{p, "asha@example.org"};
  CHECK(ask(p.port(), "DELETE", "/v1/users/me", asha.access, "{}").status == 400);
  for (int i = 0; i < limits::failed_logins; ++i) {
    auto refused = delete_me(p, asha.access, "wrong password");
    CHECK(refused.status == 422);
    CHECK(refused.parsed().at("code") == "wrong-password");
  }
  CHECK(delete_me(p, asha.access).status == 429);
  std::lock_guard lock{p.world().mutex};
  CHECK(p.world().people.accounts.contains(asha.key()));
}

TEST_CASE("whoever owns a restaurant that may open is not deleted") {
  platform p;
  member owner{p, "o@example.org", "RESTAURANT"};
  auto shop = p.add_restaurant();
  auto turn = [&](verification_status status) {
    std::lock_guard lock{p.world().mutex};
    auto& x = p.world().restaurants[shop.id];
    x.profile.owner = owner.key();
    x.verification = status;
  };
  for (auto each : {verification_status::pending_verification, verification_status::active}) {
    turn(each);
    auto refused = delete_me(p, owner.access);
    CHECK(refused.status == 409);
    CHECK(refused.parsed().at("code") == "owns-restaurant");
  }
  turn(verification_status::rejected);
  CHECK(delete_me(p, owner.access).status == 204);
}

TEST_CASE("who signs up again after the deletion gets a new account, also with the same key") {
  platform p;
  headers key{{"Idempotency-Key", "r1"}};
  auto sign_up = [&] { return post(p, "/v1/auth/register", registration_of("asha@example.org"), {}, key); };
  auto first = sign_up().parsed().at("userId");
  auto token = log_in(p, "asha@example.org").parsed().at("accessToken");
  // Under another e-mail address by now.
  json change{{"email", "rao@example.org"}, {"currentPassword", good_password}};
  REQUIRE(ask(p.port(), "PATCH", "/v1/users/me", token, change.dump()).status == 200);
  REQUIRE(delete_me(p, token).status == 204);
  {
    std::lock_guard lock{p.world().mutex};
    CHECK(p.world().answers.empty());
  }
  auto second = sign_up();
  CHECK(second.status == 201);
  CHECK(second.header("idempotent-replayed").empty());
  CHECK(second.parsed().at("userId") != first);
}

TEST_CASE("an account with an order under way is not deleted") {
  regular r;
  r.add(order_status::out_for_delivery);
  auto refused = delete_me(r.p, r.asha.access);
  CHECK(refused.status == 409);
  CHECK(refused.parsed().at("code") == "open-orders");
  CHECK(log_in(r.p, r.asha.email).status == 200);
}

TEST_CASE("a deleted account is gone, and its orders have forgotten who placed them") {
  regular r;
  auto made = r.add(order_status::delivered);
  r.p.happen(made.id, order_cancelled{{party::customer, "I am ill", party::customer}}, false);
  partner_id carrier = partner_id::make(real_now());
  r.p.happen(made.id, order_partner_assigned{{carrier, {}, {}, 0, 0}}, false);
  {
    std::lock_guard lock{r.p.world().mutex};
    active_delivery delivery;
    delivery.order = made.id;
    delivery.address_line = "2 Lake Street";
    auto event = encode(partner_event{partner_delivery_assigned{delivery}});
    r.p.world().journal[ref(carrier)].push_back(
        {ref(carrier), 1, 1, {std::string{event.type}, event.version, event.payload}, {}});
  }
  CHECK(delete_me(r.p, r.asha.access).status == 204);

  CHECK(log_in(r.p, r.asha.email).status == 401);
  CHECK(post(r.p, "/v1/auth/refresh", {{"refreshToken", r.asha.refresh}}).status == 401);
  CHECK(ask(r.p.port(), "GET", "/v1/users/me", r.asha.access).status == 404);
  CHECK(delete_me(r.p, r.asha.access).status == 404);
  std::lock_guard lock{r.p.world().mutex};
  const auto& kept = r.p.world().orders[made.id];
  CHECK(kept.dropoff.line.empty());
  CHECK(kept.note.empty());
  CHECK(kept.lines[0].special_instructions.empty());
  CHECK(kept.customer == r.asha.key());
  const auto& journal = r.p.world().journal[ref(made.id)];
  REQUIRE(journal.size() == 3);
  auto everything = journal;
  const auto& of_carrier = r.p.world().journal[ref(carrier)];
  everything.insert(everything.end(), of_carrier.begin(), of_carrier.end());
  for (const auto& each : everything)
    for (const char* word : {"Lake Street", "ring twice", "I am ill"})
      CHECK(each.event.payload.find(word) == std::string::npos);
  auto placed = decode_event(journal[0].event.type, 1, journal[0].event.payload);
  REQUIRE(placed);
  CHECK(std::get<order_placed>(std::get<order_event>(*placed)).restaurant_name == r.shop.profile.name);
}

TEST_CASE("many orders are forgotten in several requests, and one that fails is gone on with") {
  regular r;
  for (std::size_t i = 0; i < limits::orders_forgotten_at_once + 5; ++i) r.add(order_status::delivered);
  std::atomic<int> asked{0};
  {
    std::lock_guard lock{r.p.world().mutex};
    r.p.world().before = [&](const entity_ref&, const routed& body) -> std::optional<test::answer> {
      if (std::holds_alternative<order_request>(body) && ++asked == 3) return tl::unexpected{errc::moved};
      return std::nullopt;
    };
  }
  auto remove = [&] { return delete_me(r.p, r.asha.access); };
  CHECK(remove().status == 503);
  CHECK(log_in(r.p, r.asha.email).status == 200);
  auto going_on = remove();
  CHECK(going_on.status == 202);
  CHECK(going_on.parsed().at("status") == "IN_PROGRESS");
  CHECK(remove().status == 204);
  CHECK(asked == static_cast<int>(limits::orders_forgotten_at_once) + 5 + 1);
}

TEST_CASE("a partner on duty is not deleted") {
  platform p;
  member partner{p, "p@example.org", "PARTNER"};
  auto turn = [&](const char* status) {
    std::lock_guard lock{p.world().mutex};
    auto& x = p.world().partners[partner_id{partner.key().value}];
    x.shift = *parse_enum<shift_status>(status);
  };
  turn("ONLINE");
  CHECK(delete_me(p, partner.access).parsed().at("code") == "open-orders");
  turn("OFFLINE");
  CHECK(delete_me(p, partner.access).status == 204);
}

}  // namespace
}  // namespace dabba::test
