/// Walks every route of the table with every role, without a token, and for what belongs to somebody else. A route that
/// is new is walked too: who may do what it must not be able to do is found here, unless it is named below on purpose.
#include <algorithm>
#include <catch2/catch_test_macros.hpp>

#include "http-edge/router.hpp"
#include "tests/http-edge/support/people.hpp"

namespace dabba::test {
namespace {

using http::route;
using http::verb;

/// What strangers may do, on purpose.
const std::set<std::string> for_strangers{
    "GET /v1/clock",
    "GET /livez",
    "GET /readyz",
    "GET /metrics",
    "GET /openapi.json",
    "GET /docs",
    "POST /v1/auth/register",
    "POST /v1/auth/login",
    "POST /v1/auth/refresh",
    "POST /v1/auth/logout",
    "GET /.well-known/jwks.json"};
/// What everybody may read besides on a node with an open city.
const std::set<std::string> for_strangers_in_an_open_city{
    "GET /v1/orders/{}", "GET /v1/orders/{}/status", "GET /v1/orders/{}/events", "GET /v1/admin/searches/{}",
    "GET /v1/zones"};
/// What everybody who is signed in may read, whoever owns it.
const std::set<std::string> for_all_signed_in{"GET /v1/restaurants/{}", "GET /v1/restaurants/{}/menu"};
/// Who may call what, by the first letters of the roles. `*`: everybody, without a token.
const std::map<std::string, std::string> expected_roles{
    {"GET /livez", "*"},
    {"GET /metrics", "*"},
    {"GET /readyz", "*"},
    {"GET /v1/clock", "*"},
    {"GET /.well-known/jwks.json", "*"},
    {"GET /openapi.json", "*"},
    {"GET /docs", "*"},
    {"POST /v1/auth/register", "*"},
    {"POST /v1/auth/login", "*"},
    {"POST /v1/auth/refresh", "*"},
    {"POST /v1/auth/logout", "*"},
    {"GET /v1/users/me", "CRPSA"},
    {"PATCH /v1/users/me", "CRPSA"},
    {"DELETE /v1/users/me", "CRPSA"},
    {"GET /v1/users/{}", "CRPSA"},
    {"GET /v1/users/me/addresses", "CRPSA"},
    {"POST /v1/users/me/addresses", "CRPSA"},
    {"GET /v1/users/me/addresses/{}", "CRPSA"},
    {"PATCH /v1/users/me/addresses/{}", "CRPSA"},
    {"DELETE /v1/users/me/addresses/{}", "CRPSA"},
    {"GET /v1/users/me/orders", "CRPSA"},
    {"POST /v1/users/me/exports", "CRPSA"},
    {"POST /v1/orders/checkout", "C"},
    {"GET /v1/orders/{}", "CRPSA"},
    {"GET /v1/orders/{}/status", "CRPSA"},
    {"GET /v1/orders/{}/location", "CRPSA"},
    {"GET /v1/orders/{}/events", "CRPSA"},
    {"POST /v1/orders/{}/cancel", "CSA"},
    {"POST /v1/restaurants", "RA"},
    {"GET /v1/restaurants/{}", "CRPSA"},
    {"GET /v1/restaurants/{}/menu", "CRPSA"},
    {"PATCH /v1/restaurants/{}/status", "RA"},
    {"POST /v1/restaurants/{}/menu/items", "RA"},
    {"GET /v1/restaurants/{}/orders", "RA"},
    {"POST /v1/restaurants/{}/orders/{}/accept", "RA"},
    {"POST /v1/restaurants/{}/orders/{}/reject", "RA"},
    {"POST /v1/restaurants/{}/orders/{}/start", "RA"},
    {"POST /v1/restaurants/{}/orders/{}/ready", "RA"},
    {"PATCH /v1/partners/me/availability", "P"},
    {"POST /v1/partners/me/locations", "P"},
    {"GET /v1/partners/me/offers", "P"},
    {"GET /v1/partners/me/deliveries", "P"},
    {"POST /v1/offers/{}/accept", "P"},
    {"POST /v1/offers/{}/decline", "P"},
    {"POST /v1/deliveries/{}/arrived", "P"},
    {"POST /v1/deliveries/{}/picked-up", "P"},
    {"POST /v1/deliveries/{}/delivered", "P"},
    {"POST /v1/deliveries/{}/failed", "P"},
    {"POST /v1/deliveries/{}/release", "P"},
    {"GET /v1/zones", "SA"},
    {"GET /v1/admin/searches/{}", "SA"},
    {"GET /v1/admin/cluster", "SA"},
    {"GET /v1/admin/users", "SA"},
    {"POST /v1/admin/users", "A"},
    {"PATCH /v1/admin/users/{}", "A"},
    {"POST /v1/admin/partners/{}/verification", "A"},
    {"POST /v1/admin/restaurants/{}/verification", "A"},
    {"POST /v1/admin/cluster/nodes/{}/drain", "A"}};
/// What is asked of the caller's own partner, who knows which offers are theirs.
const std::set<std::string> for_ones_own_actor{"POST /v1/offers/{}/accept", "POST /v1/offers/{}/decline"};
/// With what every route that reads a body finds in it what it needs.
constexpr const char* any_body =
    R"({"pin":"4711","reason":"x","status":"OFFLINE","preparationMinutes":5,"label":"x","name":"x","type":"VEG",)"
    R"("price":1,"currency":"INR","decision":"APPROVE"})";

std::string method_of(const route& x) {
  switch (x.method) {
    case verb::get: return "GET";
    case verb::post: return "POST";
    case verb::put: return "PUT";
    case verb::patch: return "PATCH";
    case verb::del: return "DELETE";
    case verb::other: break;
  }
  return "?";
}
std::string name_of(const route& x) { return method_of(x) + ' ' + std::string{x.pattern}; }

template <class F>
void for_each_route(F visit) {
  for (const auto& group : http::route_groups())
    for (const auto& each : group) {
      INFO(name_of(each));
      visit(each);
    }
}

constexpr std::array roles{
    user_role::customer, user_role::restaurant, user_role::partner, user_role::support, user_role::admin};

/// A platform in which one of everything belongs to somebody.
struct town {
  explicit town(bool open_city = false) : p{options(open_city)} {
    std::lock_guard lock{p.world().mutex};
    auto& node = p.world().cluster.nodes.emplace_back();
    node.id = node_id::make(real_now());
    node.state = node_state::up;
    saved_address home;
    home.id = address_id::make(real_now());
    p.world().people.addresses[owner.key()].push_back(home);
    p.world().orders[placed.id].carried_by.emplace().partner = partner_id{carrier.key().value};
    p.world().search.emplace();
    p.world().told.clear();
    auto& [about, offered] = p.world().restaurants[shop.id];
    auto paper = about.documents.emplace_back(document_id::make(real_now())).id;
    auto content = *offered;
    auto category = content.categories.emplace_back(category_id::make(real_now()), "Sweets").id;
    auto& group = content.groups.emplace_back(group_id::make(real_now()), "Size");
    auto option = group.options.emplace_back(option_id::make(real_now()), "Large").id;
    ids = {{"restaurants", to_string(shop.id)},
           {"orders", to_string(placed.id)},
           {"deliveries", to_string(placed.id)},
           {"searches", to_string(placed.id)},
           {"offers", to_string(make_uuid_v7(real_now()))},
           {"nodes", to_string(node.id)},
           {"documents", to_string(paper)},
           {"items", to_string(content.items.front().id)},
           {"categories", to_string(category)},
           {"modifier-groups", to_string(group.id)},
           {"options", to_string(option)},
           {"users", owner.id},
           {"partners", carrier.id},
           {"addresses", to_string(home.id)}};
    offered = std::move(content);
  }
  static edge_options options(bool open_city) {
    edge_options out;
    out.open_city = open_city;
    out.requests_per_second = 0;
    out.sign_ins_per_minute = 0;
    return out;
  }

  /// The route's path with the ids of what is there.
  std::string path_of(const route& x) {
    std::string path;
    std::string before;
    std::string_view rest = x.pattern;
    while (!rest.empty()) {
      rest.remove_prefix(1);
      std::string segment{rest.substr(0, rest.find('/'))};
      rest.remove_prefix(segment.size());
      if (segment == "{}") {
        INFO("a route of /" << before << "/{}: this test must know one that belongs to somebody");
        REQUIRE(ids.contains(before));
        segment = ids.at(before);
      }
      path += '/' + segment;
      before = segment;
    }
    return path;
  }
  got call(const route& x, const std::string& token) {
    std::string body = x.body == http::body_rule::none ? "" : any_body;
    if (x.pattern == "/v1/admin/users/{}") body = R"({"status":"DEACTIVATED","reason":"x"})";
    headers with;
    if (x.key == http::key_rule::required) with["Idempotency-Key"] = to_string(make_uuid_v7(real_now()));
    return ask(p.port(), method_of(x), path_of(x), token, body, with);
  }
  /// Commands to entities since the last time, besides those to `own`.
  std::size_t commands(const uuid& own = {}) {
    std::lock_guard lock{p.world().mutex};
    auto told = std::exchange(p.world().told, {});
    return static_cast<std::size_t>(std::ranges::count_if(told, [&](const auto& each) {
      bool is_command = std::holds_alternative<order_request>(each.second) ||
                        std::holds_alternative<restaurant_request>(each.second) ||
                        std::holds_alternative<partner_request>(each.second);
      return is_command && each.first.id != own;
    }));
  }

  platform p;
  /// Whom the things of the route's path belong to.
  std::string token_of_owner(const route& x) {
    if (x.pattern.starts_with("/v1/admin/")) return p.token(user_role::admin, make_uuid_v7(real_now()));
    if (x.pattern.starts_with("/v1/restaurants/")) return p.token(user_role::restaurant, shop.profile.owner.value);
    if (x.pattern.starts_with("/v1/deliveries/") || x.pattern.starts_with("/v1/offers/")) return carrier.access;
    return owner.access;
  }

  member owner{p, "owner@example.org"};
  member carrier{p, "carrier@example.org", "PARTNER"};
  restaurant shop = p.add_restaurant();
  order placed = p.add_order(owner.key(), shop);
  std::map<std::string, std::string> ids;
};

TEST_CASE("without a token every route is refused, but those that are named") {
  town t;
  std::set<std::string> open;
  for_each_route([&](const route& each) {
    if (!each.allowed.wants_token()) {
      open.insert(name_of(each));
      return;
    }
    for (const auto* token : {"", "x", "a.b.c"}) {
      auto answer = t.call(each, token);
      CHECK(answer.status == 401);
      CHECK(answer.parsed().at("code") == "unauthenticated");
      CHECK(answer.header("www-authenticate") == "Bearer");
    }
    CHECK(t.commands() == 0);
  });
  CHECK(open == for_strangers);
}

TEST_CASE("an open city shows strangers what is named, and takes nothing from them") {
  town t{true};
  std::set<std::string> open;
  for_each_route([&](const route& each) {
    if (!each.allowed.wants_token()) return;
    if (!each.allowed.needs_token(true))
      open.insert(name_of(each));
    else
      CHECK(t.call(each, "").status == 401);
    CHECK(t.commands() == 0);
  });
  CHECK(open == for_strangers_in_an_open_city);
}

TEST_CASE("every route declares the roles that it is meant for") {
  std::map<std::string, std::string> declared;
  for_each_route([&](const route& each) {
    auto& letters = declared[name_of(each)];
    if (!each.allowed.wants_token()) letters = "*";
    for (auto role : roles)
      if (each.allowed.wants_token() && each.allowed.allows(role, false)) letters += name(role).front();
  });
  for (const auto& [route, letters] : declared) {
    INFO(route);
    REQUIRE(expected_roles.contains(route));
    CHECK(letters == expected_roles.at(route));
  }
  CHECK(declared.size() == expected_roles.size());
}

TEST_CASE("what changes something below /v1/admin looks at the caller's account") {
  for_each_route([](const route& each) {
    if (each.pattern.starts_with("/v1/admin/")) CHECK((each.method == verb::get || each.allowed.needs_account()));
  });
}

TEST_CASE("whom it belongs to gets at it") {
  town t;
  for_each_route([&](const route& each) {
    if (each.pattern.find("{}") == std::string_view::npos) return;
    auto answer = t.call(each, t.token_of_owner(each));
    INFO(answer.body);
    CHECK(answer.status != 400);
    CHECK(answer.status != 401);
    CHECK(answer.status != 403);
    if (answer.status == 404) CHECK(answer.parsed().at("code") == "no-location");
  });
}

TEST_CASE("every route is for the roles it declares, and refuses the others before it does anything") {
  town t;
  for_each_route([&](const route& each) {
    if (!each.allowed.wants_token()) return;
    for (auto role : roles) {
      INFO(name(role));
      if (each.allowed.allows(role, false)) continue;
      auto answer = t.call(each, t.p.token(role, make_uuid_v7(real_now())));
      CHECK(answer.status == 403);
      CHECK(answer.parsed().at("code") == "forbidden");
      CHECK(t.commands() == 0);
    }
  });
}

TEST_CASE("what is under /v1/admin is for staff, changes there for administrators, and a partner's for partners") {
  for_each_route([](const route& each) {
    auto is_below = [&](std::string_view prefix) { return each.pattern.starts_with(prefix); };
    for (auto role : roles) {
      INFO(name(role));
      bool may = each.allowed.wants_token() && each.allowed.allows(role, false);
      if (is_below("/v1/admin/")) {
        CHECK((!may || is_staff(role)));
        if (each.method != verb::get) CHECK((!may || role == user_role::admin));
      }
      if (is_below("/v1/partners/me") || is_below("/v1/offers/") || is_below("/v1/deliveries/"))
        CHECK((!may || role == user_role::partner));
    }
  });
}

TEST_CASE("nobody reads or changes what belongs to somebody else") {
  town t;
  for_each_route([&](const route& each) {
    if (!each.allowed.wants_token() || each.pattern.find("{}") == std::string_view::npos) return;
    for (auto role : {user_role::customer, user_role::restaurant, user_role::partner}) {
      INFO(name(role));
      if (!each.allowed.allows(role, false)) continue;
      auto stranger = make_uuid_v7(real_now());
      auto answer = t.call(each, t.p.token(role, stranger));
      CHECK(t.commands(stranger) == 0);
      if (for_all_signed_in.contains(name_of(each))) {
        CHECK(answer.status == 200);
        continue;
      }
      if (!for_ones_own_actor.contains(name_of(each))) CHECK(answer.status == 404);
      CHECK(answer.body.find("owner@example.org") == std::string::npos);
      CHECK(answer.body.find("Lake Street") == std::string::npos);
    }
  });
}

TEST_CASE("what is only one's own is one's own, also for those who see everything") {
  town t;
  for_each_route([&](const route& each) {
    bool is_mine = each.pattern.find("/me/") != std::string_view::npos || each.pattern.ends_with("/me");
    if (!is_mine || !each.allowed.allows(user_role::admin, false)) return;
    auto answer = t.call(each, t.p.token(user_role::admin, make_uuid_v7(real_now())));
    // A refusal names the path that was asked for, and with it the id.
    if (each.pattern.find("{}") != std::string_view::npos) CHECK(answer.status == 404);
    if (answer.status >= 400) return;
    CHECK(answer.body.find("owner@example.org") == std::string::npos);
    CHECK(answer.body.find(to_string(t.placed.id)) == std::string::npos);
    CHECK(answer.body.find(t.ids.at("addresses")) == std::string::npos);
    CHECK(t.commands() == 0);
  });
  std::lock_guard lock{t.p.world().mutex};
  CHECK(t.p.world().people.accounts.contains(t.owner.key()));
  CHECK(t.p.world().people.addresses[t.owner.key()].size() == 1);
}

}  // namespace
}  // namespace dabba::test
