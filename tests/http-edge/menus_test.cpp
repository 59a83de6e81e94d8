/// Menus over the API: items, categories, modifier groups, and how fresh what is read is.
#include <catch2/catch_test_macros.hpp>
#include <thread>

#include "tests/http-edge/support/client.hpp"
#include "tests/http-edge/support/platform.hpp"

namespace dabba::test {
namespace {

using namespace std::chrono_literals;

const uuid somebody = *parse_uuid("018f6f2c-0000-7000-8000-000000000001");
const uuid customer = *parse_uuid("018f6f2c-0000-7000-8000-000000000002");

std::string code_of(const got& answer) { return answer.parsed().at("code"); }

std::set<std::string> pointers_of(const got& answer) {
  std::set<std::string> out;
  const auto problem = answer.parsed();
  for (const auto& each : problem.at("errors")) out.insert(each.at("pointer"));
  return out;
}

edge_options as_often_as_one_likes() {
  edge_options out;
  out.requests_per_second = 0;
  return out;
}

/// A restaurant, and its owner who writes the menu.
struct kitchen_office {
  platform p{as_often_as_one_likes()};
  shop place = p.add_restaurant();
  std::string owner = p.token(user_role::restaurant, place.profile.owner.value);
  std::string guest = p.token(user_role::customer, customer);
  std::string path = "/v1/restaurants/" + to_string(place.id) + "/menu";
  std::string thali = "/items/" + to_string(place.menu[0].id);

  got send(const std::string& method, const std::string& at, const json& body = {}, const headers& with = {}) {
    return ask(p.port(), method, path + at, owner, body.is_null() ? "" : body.dump(), with);
  }
  got read(const headers& with = {}) { return ask(p.port(), "GET", path, guest, "", with); }
  json item(std::size_t n) { return read().parsed().at("items").at(n); }

  std::string add_sizes() {
    auto made = send("POST", "/modifier-groups",
                     {{"name", "Size"},
                      {"minimum", 1},
                      {"maximum", 1},
                      {"options", {{{"name", "Regular"}}, {{"name", "Large"}, {"price", 40}}}}});
    INFO(made.body);
    REQUIRE(made.status == 201);
    return made.parsed().at("groupId");
  }

  got check_out(const json& choices, const std::string& key) {
    json body{{"restaurantId", to_string(place.id)},
              {"items",
               {{{"itemId", to_string(place.menu[1].id)}, {"quantity", 1}},
                {{"itemId", to_string(place.menu[0].id)}, {"quantity", 2}, {"choices", choices}}}},
              {"address", {{"line", "2 Lake Street"}, {"latitude", 18.53}, {"longitude", 73.86}}},
              {"paymentMethod", "COD"}};
    return ask(p.port(), "POST", "/v1/orders/checkout", guest, body.dump(), {{"Idempotency-Key", key}});
  }
};

TEST_CASE("an item is changed in what is sent, and the next read shows it") {
  kitchen_office o;
  auto before = o.read();
  auto changed = o.send("PUT", o.thali, {{"price", 180.5}, {"category", "Mains"}});
  REQUIRE(changed.status == 200);
  auto shown = changed.parsed();
  CHECK(changed.body.find("\"price\":180.50,") != std::string::npos);
  CHECK(shown.at("name") == "Thali");
  auto after = o.read({{"If-None-Match", before.header("etag")}});
  REQUIRE(after.status == 200);
  CHECK(after.header("etag") != before.header("etag"));
  CHECK(after.parsed().at("items").at(0) == shown);
  CHECK(after.parsed().at("categories").at(0).at("name") == "Mains");
  CHECK(o.read({{"If-None-Match", after.header("etag")}}).status == 304);
  CHECK(after.header("cache-control") == "private, no-cache");
}

TEST_CASE("wrong fields of an item are named, and an item that is not there is not found") {
  kitchen_office o;
  auto wrong = o.send("PUT", o.thali, {{"price", -1}, {"name", ""}, {"type", "RAW"}, {"modifierGroups", {"x"}}});
  CHECK(wrong.status == 400);
  CHECK(pointers_of(wrong) == std::set<std::string>{"/price", "/name", "/type", "/modifierGroups/0"});
  for (const std::string& at : {"/items/" + to_string(somebody), std::string{"/items/x"}}) {
    CHECK(code_of(o.send("PUT", at, {{"price", 1}})) == "item-not-found");
    CHECK(code_of(o.send("PATCH", at + "/availability", {{"isAvailable", false}})) == "item-not-found");
    CHECK(code_of(o.send("DELETE", at)) == "item-not-found");
  }
  CHECK(code_of(o.send("PUT", o.thali, {{"currency", "EUR"}})) == "currency-mismatch");
  CHECK(code_of(o.send("PUT", o.thali, {{"modifierGroups", {to_string(somebody)}}})) == "modifier-group-not-found");
}

TEST_CASE("an item that is not available comes back by itself, which is another menu") {
  kitchen_office o;
  auto away = o.send("PATCH", o.thali + "/availability", {{"isAvailable", false}, {"until", "2026-03-01T13:00:00Z"}});
  REQUIRE(away.status == 200);
  CHECK(away.parsed().at("isAvailable") == false);
  CHECK(away.parsed().at("availableAgainAt") == "2026-03-01T13:00:00.000Z");
  auto closed = o.read();
  CHECK(closed.parsed().at("items").at(0) == away.parsed());
  CHECK(code_of(o.check_out(json::array(), "too early")) == "item-unavailable");
  o.p.advance(2h);
  auto open = o.read({{"If-None-Match", closed.header("etag")}});
  REQUIRE(open.status == 200);
  CHECK(open.parsed().at("items").at(0).at("isAvailable") == true);
  CHECK_FALSE(open.parsed().at("items").at(0).contains("availableAgainAt"));
  CHECK(open.parsed().at("version") == closed.parsed().at("version"));
  CHECK(o.check_out(json::array(), "in time").status == 201);
  // Its ETag names a version that commands may expect.
  CHECK(o.send("PUT", o.thali, {{"price", 1}}, {{"If-Match", open.header("etag")}}).status == 200);
  CHECK(o.send("PUT", o.thali, {{"price", 2}}, {{"If-Match", open.header("etag")}}).status == 412);

  CHECK(pointers_of(o.send("PATCH", o.thali + "/availability", json::object())) ==
        std::set<std::string>{"/isAvailable"});
  for (const json& wrong : {json{{"isAvailable", false}, {"until", "2026-03-01T11:00:00Z"}},
                            json{{"isAvailable", true}, {"until", "2026-03-02T11:00:00Z"}}})
    CHECK(pointers_of(o.send("PATCH", o.thali + "/availability", wrong)) == std::set<std::string>{"/until"});
}

TEST_CASE("an item is deleted without a word, once") {
  kitchen_office o;
  auto gone = o.send("DELETE", o.thali);
  CHECK(gone.status == 204);
  CHECK(gone.body.empty());
  CHECK(gone.header("content-length").empty());
  CHECK(o.read().parsed().at("items").size() == 1);
  CHECK(o.send("DELETE", o.thali).status == 404);
}

TEST_CASE("categories are made, renamed, put in order and removed") {
  kitchen_office o;
  auto mains = o.send("POST", "/categories", {{"name", "Mains"}});
  REQUIRE(mains.status == 201);
  auto drinks = o.send("POST", "/categories", {{"name", "Drinks"}});
  auto id = [](const got& x) { return x.parsed().at("categoryId").get<std::string>(); };
  CHECK(code_of(o.send("POST", "/categories", {{"name", "Drinks"}})) == "category-name-taken");
  CHECK(pointers_of(o.send("POST", "/categories", json::object())) == std::set<std::string>{"/name"});
  REQUIRE(o.send("PUT", o.thali, {{"category", "Mains"}}).status == 200);
  auto ordered = o.send("PUT", "/categories", {{"categories", {id(drinks), id(mains)}}});
  REQUIRE(ordered.status == 200);
  CHECK(ordered.parsed().at("items") == json{drinks.parsed(), mains.parsed()});
  CHECK(o.send("PUT", "/categories", {{"categories", {id(drinks)}}}).status == 400);
  CHECK(code_of(o.send("PUT", "/categories", {{"categories", {id(drinks), to_string(somebody)}}})) ==
        "category-not-found");
  REQUIRE(o.send("PUT", "/categories/" + id(mains), {{"name", "Main courses"}}).status == 200);
  CHECK(o.item(0).at("category") == "Main courses");
  CHECK(o.send("DELETE", "/categories/" + id(mains)).status == 204);
  CHECK(o.item(0).at("category") == "");
  CHECK(code_of(o.send("PUT", "/categories/" + id(mains), {{"name", "x"}})) == "category-not-found");
  CHECK(code_of(o.send("DELETE", "/categories/" + id(mains))) == "category-not-found");
}

TEST_CASE("what was chosen is priced, kept with the order and shown") {
  kitchen_office o;
  auto group = o.add_sizes();
  REQUIRE(o.send("PUT", o.thali, {{"modifierGroups", {group}}}).status == 200);
  auto shown = o.read().parsed().at("modifierGroups").at(0);
  CHECK(shown.at("minimum") == 1);
  auto large = shown.at("options").at(1);
  CHECK(o.item(0).at("modifierGroups") == json{group});
  auto placed = o.check_out({{{"optionId", large.at("optionId")}}}, "large");
  INFO(placed.body);
  REQUIRE(placed.status == 201);
  auto line = placed.parsed().at("items").at(1);
  CHECK(line.at("choices") ==
        json{{{"optionId", large.at("optionId")}, {"group", "Size"}, {"name", "Large"}, {"price", 40.0}}});
  CHECK(line.at("unitPrice") == 215.0);
  CHECK(line.at("price") == 430.0);
  CHECK_FALSE(placed.parsed().at("items").at(0).contains("choices"));
}

TEST_CASE("choices that don't fit are refused with the line they are in") {
  kitchen_office o;
  auto group = o.add_sizes();
  REQUIRE(o.send("PUT", o.thali, {{"modifierGroups", {group}}}).status == 200);
  auto options = o.read().parsed().at("modifierGroups").at(0).at("options");
  auto choice = [](const json& x) { return json{{"optionId", x}}; };
  auto regular = choice(options.at(0).at("optionId"));
  auto large = choice(options.at(1).at("optionId"));
  int key = 0;
  for (const json& wrong : {json::array(), json{regular, large}, json{regular, choice(to_string(somebody))}}) {
    auto refused = o.check_out(wrong, std::to_string(++key));
    CHECK(refused.status == 400);
    CHECK(code_of(refused) == "invalid-choices");
    CHECK(pointers_of(refused) == std::set<std::string>{"/items/1/choices"});
  }
  CHECK(pointers_of(o.check_out({{{"optionId", "x"}}}, "x")) == std::set<std::string>{"/items/1/choices/0/optionId"});
  json many = json::array();
  for (std::size_t i = 0; i < 51; ++i) many.push_back(regular);
  CHECK(pointers_of(o.check_out(many, "too many")) == std::set<std::string>{"/items/1/choices"});
  auto at = "/modifier-groups/" + group + "/options/" + large.at("optionId").get<std::string>() + "/availability";
  auto away = o.send("PATCH", at, {{"isAvailable", false}, {"until", "2026-03-01T13:00:00Z"}});
  REQUIRE(away.status == 200);
  CHECK(away.parsed().at("options").at(1).at("availableAgainAt") == "2026-03-01T13:00:00.000Z");
  auto refused = o.check_out(json::array({large}), "unavailable");
  CHECK(refused.status == 410);
  CHECK(pointers_of(refused) == std::set<std::string>{"/items/1"});
}

TEST_CASE("modifier groups are changed in what is sent, and stay while items ask for them") {
  kitchen_office o;
  auto group = o.add_sizes();
  auto at = "/modifier-groups/" + group;
  REQUIRE(o.send("PUT", o.thali, {{"modifierGroups", {group}}}).status == 200);
  auto in_use = o.send("DELETE", at);
  CHECK(in_use.status == 409);
  CHECK(code_of(in_use) == "modifier-group-in-use");
  auto large = o.read().parsed().at("modifierGroups").at(0).at("options").at(1).at("optionId");
  auto changed = o.send(
      "PUT", at,
      {{"name", "How large"},
       {"options", {{{"optionId", large}, {"name", "Large"}, {"price", 50}}, {{"name", "Huge"}, {"price", 90}}}}});
  REQUIRE(changed.status == 200);
  CHECK(changed.parsed().at("name") == "How large");
  CHECK(changed.parsed().at("minimum") == 1);
  CHECK(changed.parsed().at("options").at(0).at("optionId") == large);
  CHECK(changed.parsed().at("options").size() == 2);
  CHECK(code_of(o.send("PUT", at, {{"options", {{{"optionId", to_string(somebody)}, {"name", "x"}}}}})) ==
        "modifier-option-not-found");
  CHECK(o.send("PUT", at, {{"maximum", 3}}).status == 400);
  REQUIRE(o.send("PUT", o.thali, {{"modifierGroups", json::array()}}).status == 200);
  CHECK(o.send("DELETE", at).status == 204);
  CHECK(code_of(o.send("PUT", at, {{"name", "x"}})) == "modifier-group-not-found");
  CHECK(code_of(o.send("PATCH", at + "/options/" + large.get<std::string>() + "/availability",
                       {{"isAvailable", true}})) == "modifier-group-not-found");
  auto wrong = o.send("POST", "/modifier-groups", {{"name", "Size"}, {"minimum", 3}, {"options", {{{"name", "One"}}}}});
  CHECK(pointers_of(wrong) == std::set<std::string>{"/maximum"});
  CHECK(pointers_of(o.send("POST", "/modifier-groups", {{"name", "Size"}})) == std::set<std::string>{"/options"});
}

TEST_CASE("a menu is its owner's and operators' to write, and everybody's who signed in to read") {
  kitchen_office o;
  auto group = "/modifier-groups/" + to_string(somebody);
  for (const auto& [method, at] : std::vector<std::pair<std::string, std::string>>{
           {"POST", "/items"},
           {"PUT", o.thali},
           {"PATCH", o.thali + "/availability"},
           {"DELETE", o.thali},
           {"POST", "/categories"},
           {"PUT", "/categories"},
           {"PUT", "/categories/" + to_string(somebody)},
           {"DELETE", "/categories/" + to_string(somebody)},
           {"POST", "/modifier-groups"},
           {"PUT", group},
           {"PATCH", group + "/options/" + to_string(somebody) + "/availability"},
           {"DELETE", group}}) {
    INFO(method << ' ' << at);
    auto as = [&](user_role role) { return ask(o.p.port(), method, o.path + at, o.p.token(role, somebody), "{}"); };
    CHECK(as(user_role::customer).status == 403);
    CHECK(as(user_role::support).status == 403);
    CHECK(code_of(as(user_role::restaurant)) == "restaurant-not-found");
    CHECK(ask(o.p.port(), method, o.path + at, "", "{}").status == 401);
  }
  CHECK(ask(o.p.port(), "GET", o.path).status == 401);
  CHECK(ask(o.p.port(), "GET", o.path, o.p.token(user_role::partner, somebody)).status == 200);
  auto nowhere = ask(o.p.port(), "GET", "/v1/restaurants/" + to_string(somebody) + "/menu", o.guest);
  CHECK(code_of(nowhere) == "restaurant-not-found");
}

TEST_CASE("a repeated change of a menu is made once and answered the same") {
  kitchen_office o;
  headers key{{"Idempotency-Key", "k"}};
  auto first = o.send("POST", "/categories", {{"name", "Mains"}}, key);
  auto again = o.send("POST", "/categories", {{"name", "Mains"}}, key);
  CHECK(first.status == 201);
  CHECK(again.status == 201);
  CHECK(again.body == first.body);
  CHECK(again.header("idempotent-replayed") == "true");
  CHECK(o.send("POST", "/categories", {{"name", "Drinks"}}, key).status == 422);
}

TEST_CASE("an unchanged menu is not sent to the edge again") {
  kitchen_office o;
  std::atomic<int> asked = 0, whole = 0;
  {
    std::lock_guard lock{o.p.world().mutex};
    o.p.world().before = [&](const entity_ref&, const routed& body) -> std::optional<test::answer> {
      if (const auto* question = std::get_if<read_menu>(&body)) {
        ++asked;
        whole += !question->known;
      }
      return std::nullopt;
    };
  }
  for (int i = 0; i < 5; ++i) CHECK(o.read().status == 200);
  CHECK(asked == 5);
  CHECK(whole == 1);
}

TEST_CASE("a menu changed through one node's edge is what the next read through another's shows") {
  kitchen_office o;
  auto options = as_often_as_one_likes();
  options.port = 0;
  edge other{options, o.p.services()};
  other.start();
  auto read = [&](const std::string& known) {
    return ask(other.port(), "GET", o.path, o.guest, "", {{"If-None-Match", known}});
  };
  auto etag = read("").header("etag");
  for (int price = 1; price <= 20; ++price) {
    CHECK(read(etag).status == 304);
    REQUIRE(o.send("PUT", o.thali, {{"price", price}}).status == 200);
    auto seen = read(etag);
    REQUIRE(seen.status == 200);
    CHECK(seen.parsed().at("items").at(0).at("price") == price);
    etag = seen.header("etag");
    CHECK(o.read().header("etag") == etag);
  }
}

TEST_CASE("who reads a menu beside a change of it sees the change once it was acknowledged") {
  kitchen_office o;
  std::atomic<int> acknowledged = 0;
  std::atomic<bool> is_over = false;
  std::atomic<int> stale = 0, reads = 0;
  std::vector<std::thread> readers;
  for (int i = 0; i < 6; ++i)
    readers.emplace_back([&] {
      connection line{o.p.port()};
      while (!is_over) {
        auto least = acknowledged.load();
        auto seen = line.ask("GET", o.path, {{"Authorization", "Bearer " + o.guest}});
        if (seen.status != 200 || seen.parsed().at("items").at(0).at("price").get<double>() < least) ++stale;
        ++reads;
      }
    });
  for (int price = 1; price <= 60; ++price) {
    if (o.send("PUT", o.thali, {{"price", price}}).status == 200) acknowledged = price;
  }
  is_over = true;
  for (auto& each : readers) each.join();
  CHECK(acknowledged == 60);
  CHECK(reads > 60);
  CHECK(stale == 0);
}

TEST_CASE("readers of a menu whose restaurant does not answer are refused, and those after it are served") {
  kitchen_office o;
  {
    std::lock_guard lock{o.p.world().mutex};
    o.p.world().is_silent = true;
  }
  std::vector<std::thread> readers;
  std::atomic<int> refused = 0;
  for (int i = 0; i < 4; ++i) readers.emplace_back([&] { refused += o.read().status == 503; });
  REQUIRE(wait_until(o.p.world(), [&] { return !o.p.world().unanswered.empty(); }));
  std::this_thread::sleep_for(100ms);  // for the others to come to wait for the same
  {
    std::lock_guard lock{o.p.world().mutex};
    o.p.world().is_silent = false;
    for (auto& each : o.p.world().unanswered) each.deliver(caf::make_error(errc::unavailable));
    o.p.world().unanswered.clear();
  }
  for (auto& each : readers) each.join();
  CHECK(refused == 1);  // who asked; the next one asked anew, for all
  CHECK(o.read().status == 200);
}

}  // namespace
}  // namespace dabba::test
