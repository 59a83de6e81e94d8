/// Profiles, addresses, and what administrators see and do.
#include <catch2/catch_test_macros.hpp>

#include "tests/http-edge/support/people.hpp"

namespace dabba::test {
namespace {

got patch_me(platform& p, const member& who, const json& body, headers with = {}) {
  return ask(p.port(), "PATCH", "/v1/users/me", who.access, body.dump(), std::move(with));
}

json home() {
  return {{"label", "Home"},
          {"address", {{"line", "7, Church Street"}, {"latitude", 12.97}, {"longitude", 77.59}}},
          {"instructions", "ring twice"}};
}

TEST_CASE("a profile is read by its owner and by staff, and is nothing to others") {
  platform p;
  member asha{p, "asha@example.org"}, other{p, "other@example.org", "PARTNER"};
  auto path = "/v1/users/" + asha.id;
  auto mine = ask(p.port(), "GET", "/v1/users/me", asha.access);
  CHECK(mine.status == 200);
  CHECK(ask(p.port(), "GET", path, asha.access).parsed() == mine.parsed());
  for (auto role : {user_role::support, user_role::admin})
    CHECK(ask(p.port(), "GET", path, p.token(role, make_uuid_v7(real_now()))).parsed().at("email") == asha.email);
  CHECK(ask(p.port(), "GET", path, other.access).status == 404);
  CHECK(ask(p.port(), "GET", "/v1/users/nobody", other.access).status == 404);
  CHECK(ask(p.port(), "GET", "/v1/users/me").status == 401);
  // A token without an account.
  CHECK(ask(p.port(), "GET", "/v1/users/me", p.token(user_role::customer, make_uuid_v7(real_now()))).status == 404);
}

TEST_CASE("a profile changes field by field, and an empty text takes one out") {
  platform p;
  member asha{p, "asha@example.org"};
  auto changed = patch_me(p, asha, {{"name", "Asha"}, {"language", "kn-IN"}});
  REQUIRE(changed.status == 200);
  CHECK(changed.parsed().at("name") == "Asha");
  CHECK(changed.parsed().at("language") == "kn-IN");
  CHECK(changed.parsed().at("phone") == "+91 80 1234");
  CHECK(changed.header("etag") == "\"2\"");
  CHECK_FALSE(patch_me(p, asha, {{"phone", ""}}).parsed().contains("phone"));
  CHECK(patch_me(p, asha, {{"name", ""}}).status == 400);
  CHECK(patch_me(p, asha, {{"name", "A"}}, {{"If-Match", "\"1\""}}).status == 412);
  CHECK(patch_me(p, asha, {{"name", "A"}}, {{"If-Match", "\"3\""}}).status == 200);
  CHECK(ask(p.port(), "GET", "/v1/users/me", asha.access, {}, {{"If-None-Match", "\"4\""}}).status == 304);
}

TEST_CASE("a new e-mail address or password wants the present password, and ends all sessions") {
  platform p;
  member asha{p, "asha@example.org"}, other{p, "other@example.org"};
  CHECK(patch_me(p, asha, {{"password", "a new password"}}).status == 400);
  auto wrong = patch_me(p, asha, {{"password", "a new password"}, {"currentPassword", "wrong"}});
  CHECK(wrong.status == 422);
  CHECK(wrong.parsed().at("code") == "wrong-password");
  CHECK(patch_me(p, asha, {{"email", other.email}, {"currentPassword", good_password}}).status == 409);
  CHECK(post(p, "/v1/auth/refresh", {{"refreshToken", asha.refresh}}).status == 200);

  REQUIRE(patch_me(p, asha, {{"password", "a new password"}, {"currentPassword", good_password}}).status == 200);
  CHECK(post(p, "/v1/auth/refresh", {{"refreshToken", asha.refresh}}).status == 401);
  CHECK(log_in(p, asha.email).status == 401);
  CHECK(log_in(p, asha.email, "a new password").status == 200);
  REQUIRE(patch_me(p, asha, {{"email", "Rao@example.org"}, {"currentPassword", "a new password"}}).status == 200);
  CHECK(log_in(p, "rao@example.org", "a new password").status == 200);
}

TEST_CASE("the present password is not guessed by changing a profile") {
  platform p;
  member asha{p, "asha@example.org"};
  json guess{{"password", "a new password"}, {"currentPassword", "wrong"}};
  for (int i = 0; i < limits::failed_logins; ++i) CHECK(patch_me(p, asha, guess).status == 422);
  CHECK(patch_me(p, asha, guess).status == 429);
}

TEST_CASE("a change is made only with the password that was compared, of the caller's own account") {
  platform p;
  member asha{p, "asha@example.org"}, other{p, "other@example.org"};
  auto hash_of = [&](const member& who) -> std::string& { return p.world().people.accounts[who.key()].password_hash; };
  std::string others = "another password";
  json change{{"password", "a new password"}, {"currentPassword", good_password}};
  SECTION("somebody else has changed it meanwhile") {
    auto others_hash = hash_password(others, {1, 8192});
    {
      std::lock_guard lock{p.world().mutex};
      p.world().people.before_change = [&] {
        std::lock_guard inner{p.world().mutex};
        hash_of(asha) = others_hash;
      };
    }
    auto refused = patch_me(p, asha, change);
    CHECK(refused.status == 422);
    CHECK(refused.parsed().at("code") == "wrong-password");
    std::lock_guard lock{p.world().mutex};
    CHECK(hash_of(asha) == others_hash);
  }
  SECTION("the e-mail address has become another account's") {
    {
      std::lock_guard lock{p.world().mutex};
      hash_of(other) = hash_password(others, {1, 8192});
      p.world().people.before_login = [&] {
        std::lock_guard inner{p.world().mutex};
        auto& people = p.world().people.accounts;
        people[asha.key()].who.email = "rao@example.org";
        people[other.key()].who.email = asha.email;
      };
    }
    change["currentPassword"] = others;
    CHECK(patch_me(p, asha, change).status == 422);
  }
}

TEST_CASE("addresses are added, read, changed and removed by their owner") {
  platform p;
  member asha{p, "asha@example.org"}, other{p, "other@example.org"};
  auto made = post(p, "/v1/users/me/addresses", home(), asha.access);
  REQUIRE(made.status == 201);
  auto path = made.header("location");
  CHECK(path == "/v1/users/me/addresses/" + made.parsed().at("addressId").get<std::string>());
  CHECK(made.parsed().at("address") == home().at("address"));
  CHECK(ask(p.port(), "GET", path, asha.access).body == made.body);
  CHECK(ask(p.port(), "GET", "/v1/users/me/addresses", asha.access).parsed().at("items").size() == 1);
  CHECK(ask(p.port(), "GET", "/v1/users/me/addresses", other.access).parsed().at("items").empty());

  for (const auto* method : {"GET", "PATCH", "DELETE"}) {
    auto body = std::string{method} == "PATCH" ? "{}" : "";
    CHECK(ask(p.port(), method, path, other.access, body).status == 404);
  }
  auto changed = ask(p.port(), "PATCH", path, asha.access, R"({"label":"Work","instructions":""})");
  CHECK(changed.parsed().at("label") == "Work");
  CHECK_FALSE(changed.parsed().contains("instructions"));
  CHECK(changed.parsed().at("address") == home().at("address"));
  CHECK(ask(p.port(), "PATCH", path, asha.access, R"({"address":{"line":"x"}})").status == 400);
  CHECK(ask(p.port(), "DELETE", path, asha.access).status == 204);
  CHECK(ask(p.port(), "DELETE", path, asha.access).status == 404);
  CHECK(post(p, "/v1/users/me/addresses", {{"label", "x"}}, asha.access).status == 400);
  auto nobody = p.token(user_role::customer, make_uuid_v7(real_now()));
  CHECK(post(p, "/v1/users/me/addresses", home(), nobody).status == 404);
}

TEST_CASE("a repeated request adds one address") {
  platform p;
  member asha{p, "asha@example.org"};
  headers key{{"Idempotency-Key", "a1"}};
  auto first = post(p, "/v1/users/me/addresses", home(), asha.access, key);
  auto again = post(p, "/v1/users/me/addresses", home(), asha.access, key);
  CHECK(again.status == 201);
  CHECK(again.body == first.body);
  CHECK(again.header("location") == first.header("location"));
  CHECK(again.header("idempotent-replayed") == "true");
  auto other = home();
  other["label"] = "Work";
  CHECK(post(p, "/v1/users/me/addresses", other, asha.access, key).status == 422);
  CHECK(ask(p.port(), "GET", "/v1/users/me/addresses", asha.access).parsed().at("items").size() == 1);
}

TEST_CASE("an account has so many addresses and no more") {
  platform p;
  member asha{p, "asha@example.org"};
  for (std::size_t i = 0; i < limits::addresses_per_account; ++i)
    REQUIRE(post(p, "/v1/users/me/addresses", home(), asha.access).status == 201);
  auto refused = post(p, "/v1/users/me/addresses", home(), asha.access);
  CHECK(refused.status == 409);
  CHECK(refused.parsed().at("code") == "too-many-addresses");
}

TEST_CASE("staff list accounts page by page; cursors are bound to filters and to who asked") {
  platform p;
  for (int i = 0; i < 5; ++i) member{p, "c" + std::to_string(i) + "@example.org"};
  member partner{p, "p@example.org", "PARTNER"};
  auto admin = p.token(user_role::admin, make_uuid_v7(real_now()));
  auto support = p.token(user_role::support, make_uuid_v7(real_now()));
  std::set<std::string> seen;
  std::string cursor;
  for (int pages = 0; pages < 10; ++pages) {
    auto page = ask(p.port(), "GET", "/v1/admin/users?role=CUSTOMER&limit=2" + cursor, support).parsed();
    for (const auto& each : page.at("items")) CHECK(seen.insert(each.at("email")).second);
    if (!page.contains("nextCursor")) break;
    cursor = "&cursor=" + page.at("nextCursor").get<std::string>();
    CHECK(ask(p.port(), "GET", "/v1/admin/users?role=PARTNER&limit=2" + cursor, support).status == 400);
    CHECK(ask(p.port(), "GET", "/v1/admin/users?role=CUSTOMER&limit=2" + cursor, admin).status == 400);
    CHECK(ask(p.port(), "GET", "/v1/admin/users?role=CUSTOMER&limit=2" + cursor + "x", support).status == 400);
  }
  CHECK(seen.size() == 5);
  auto one = ask(p.port(), "GET", "/v1/admin/users?email=P@example.org", admin).parsed().at("items");
  REQUIRE(one.size() == 1);
  CHECK(one[0].at("userId") == partner.id);
  for (const auto* query : {"role=KING", "status=DEAD", "email=x", "limit=0", "cursor=x"})
    CHECK(ask(p.port(), "GET", std::string{"/v1/admin/users?"} + query, admin).status == 400);
}

TEST_CASE("what administrators change wants an account that is active and has the role still") {
  platform p{{}, false};
  auto admin = add_account(p, user_role::admin, "admin@example.org");
  auto with = [&](const account& who, user_role role) {
    static int count = 0;
    auto body = registration_of("n" + std::to_string(++count) + "@example.org", "SUPPORT");
    return post(p, "/v1/admin/users", body, p.token(role, who.id.value));
  };
  auto stored = [&](auto change) {
    std::lock_guard lock{p.world().mutex};
    change(p.world().people.accounts[admin.id].who);
  };
  CHECK(with(admin, user_role::admin).status == 201);
  account nobody;
  nobody.id = user_id::make(real_now());
  auto refused = with(nobody, user_role::admin);
  CHECK(refused.status == 403);
  CHECK(refused.parsed().at("code") == "forbidden");
  stored([](account& x) { x.role = user_role::customer; });
  CHECK(with(admin, user_role::admin).status == 403);
  stored([](account& x) { x.role = user_role::admin; });
  stored([](account& x) { x.status = account_status::deactivated; });
  CHECK(with(admin, user_role::admin).status == 403);
  // Reading is what a token is good for until it expires.
  CHECK(ask(p.port(), "GET", "/v1/admin/users", p.token(user_role::admin, admin.id.value)).status == 200);
}

TEST_CASE("a node for development trusts administrators without an account, and no deactivated one") {
  platform p;
  auto admin = add_account(p, user_role::admin, "admin@example.org");
  auto add = [&](uuid who, const std::string& email) {
    return post(p, "/v1/admin/users", registration_of(email, "SUPPORT"), p.token(user_role::admin, who)).status;
  };
  CHECK(add(make_uuid_v7(real_now()), "a@example.org") == 201);
  {
    std::lock_guard lock{p.world().mutex};
    p.world().people.accounts[admin.id].who.status = account_status::deactivated;
  }
  CHECK(add(admin.id.value, "b@example.org") == 403);
}

TEST_CASE("the last administrator who is active stays") {
  platform p;
  auto one = add_account(p, user_role::admin, "one@example.org");
  auto two = add_account(p, user_role::admin, "two@example.org");
  auto off = [&](const account& by, const account& whom) {
    return ask(p.port(), "PATCH", "/v1/admin/users/" + to_string(whom.id), p.token(user_role::admin, by.id.value),
               R"({"status":"DEACTIVATED","reason":"x"})");
  };
  account stranger;  // of this platform's, which trusts tokens without an account
  stranger.id = user_id::make(real_now());
  CHECK(off(one, two).status == 200);
  auto refused = off(stranger, one);
  CHECK(refused.status == 409);
  CHECK(refused.parsed().at("code") == "illegal-transition");
  auto stays = delete_me(p, p.token(user_role::admin, one.id.value));
  CHECK(stays.status == 409);
  CHECK(stays.parsed().at("code") == "illegal-transition");
}

TEST_CASE("a partner who signed up goes online when an administrator has approved, and not after being rejected") {
  platform p{{}, false};
  member partner{p, "p@example.org", "PARTNER"};
  auto admin = p.token(user_role::admin, add_account(p, user_role::admin, "admin@example.org").id.value);
  auto turn = [&](const char* status) {
    return ask(p.port(), "PATCH", "/v1/partners/me/availability", partner.access,
               json{{"status", status}, {"latitude", 12.97}, {"longitude", 77.59}}.dump());
  };
  auto decide = [&](const std::string& who, const json& body) {
    return post(p, "/v1/admin/partners/" + who + "/verification", body, admin);
  };
  CHECK(ask(p.port(), "GET", "/v1/users/me", partner.access).parsed().at("approval") == "PENDING");
  auto refused = turn("ONLINE");
  CHECK(refused.status == 403);
  CHECK(refused.parsed().at("code") == "partner-not-approved");
  CHECK(turn("OFFLINE").status == 200);

  auto approved = decide(partner.id, {{"decision", "APPROVE"}});
  REQUIRE(approved.status == 200);
  CHECK(approved.parsed().at("approval") == "APPROVED");
  CHECK(turn("ONLINE").status == 200);

  CHECK(decide(partner.id, {{"decision", "REJECT"}}).status == 400);
  CHECK(decide(partner.id, {{"decision", "REJECT"}, {"reason", "no licence"}}).status == 200);
  {
    std::lock_guard lock{p.world().mutex};
    const auto& last = std::get<partner_request>(p.world().told.back().second);
    CHECK(std::holds_alternative<go_offline>(last.command));
  }
  CHECK(turn("ONLINE").parsed().at("code") == "partner-not-approved");

  member customer{p, "c@example.org"};
  CHECK(decide(customer.id, {{"decision", "APPROVE"}}).status == 404);
  CHECK_FALSE(ask(p.port(), "GET", "/v1/users/me", customer.access).parsed().contains("approval"));
}

TEST_CASE("a partner whom an administrator signs up is approved; one without an account is not") {
  platform p{{}, false};
  auto admin = p.token(user_role::admin, add_account(p, user_role::admin, "admin@example.org").id.value);
  auto made = post(p, "/v1/admin/users", registration_of("p@example.org", "PARTNER"), admin).parsed();
  CHECK(made.at("approval") == "APPROVED");
  auto turn = [&](const std::string& token) {
    return ask(p.port(), "PATCH", "/v1/partners/me/availability", token, R"({"status":"ONLINE"})").status;
  };
  CHECK(turn(log_in(p, "p@example.org").parsed().at("accessToken")) == 200);
  CHECK(turn(p.token(user_role::partner, make_uuid_v7(real_now()))) == 403);
}

TEST_CASE("nobody deactivates the account they use, and only administrators any") {
  platform p;
  member asha{p, "asha@example.org"};
  auto self = make_uuid_v7(real_now());
  auto body = R"({"status":"DEACTIVATED","reason":"x"})";
  CHECK(ask(p.port(), "PATCH", "/v1/admin/users/" + to_string(self), p.token(user_role::admin, self), body).status ==
        409);
  auto path = "/v1/admin/users/" + asha.id;
  CHECK(ask(p.port(), "PATCH", path, p.token(user_role::support, self), body).status == 403);
  CHECK(ask(p.port(), "PATCH", "/v1/admin/users/" + to_string(make_uuid_v7(real_now())),
            p.token(user_role::admin, self), body)
            .status == 404);
}

}  // namespace
}  // namespace dabba::test
