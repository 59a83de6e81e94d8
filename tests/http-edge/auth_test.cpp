/// Signing up, in and out.
#include <atomic>
#include <boost/asio/co_spawn.hpp>
#include <boost/asio/detached.hpp>
#include <catch2/catch_test_macros.hpp>
#include <thread>

#include "http-edge/passwords.hpp"
#include "tests/http-edge/support/people.hpp"

namespace dabba::test {
namespace {

std::set<std::string> pointers_of(const got& refused) {
  std::set<std::string> all;
  const auto shown = refused.parsed();
  for (const auto& each : shown.at("errors")) all.insert(each.at("pointer").get<std::string>());
  return all;
}

TEST_CASE("who signs up gets an account, and its tokens with the first sign-in") {
  platform p;
  auto made = post(p, "/v1/auth/register", registration_of("  Asha@Example.ORG "));
  REQUIRE(made.status == 201);
  auto user = made.parsed();
  CHECK(user.at("email") == "asha@example.org");
  CHECK(user.at("role") == "CUSTOMER");
  CHECK(user.at("status") == "ACTIVE");
  CHECK(made.header("location") == "/v1/users/" + user.at("userId").get<std::string>());
  CHECK(made.header("etag") == "\"1\"");
  CHECK(made.body.find("assword") == std::string::npos);

  auto in = log_in(p, "ASHA@example.org");
  REQUIRE(in.status == 200);
  auto session = in.parsed();
  CHECK(session.at("tokenType") == "Bearer");
  CHECK(session.at("expiresIn") == 900);
  CHECK(session.at("user") == user);
  auto verified = p.keys().verify(session.at("accessToken").get<std::string>(), std::chrono::system_clock::now());
  REQUIRE(verified);
  CHECK(to_string(verified->who.id) == user.at("userId"));
  CHECK(verified->who.role == user_role::customer);
  CHECK(ask(p.port(), "GET", "/v1/users/me", session.at("accessToken")).parsed() == user);
}

TEST_CASE("an e-mail address that is taken is refused, and every field that is wrong is named") {
  platform p;
  REQUIRE(post(p, "/v1/auth/register", registration_of("asha@example.org")).status == 201);
  auto taken = post(p, "/v1/auth/register", registration_of("Asha@example.org", "PARTNER"));
  CHECK(taken.status == 409);
  CHECK(taken.parsed().at("code") == "email-taken");

  auto wrong =
      post(p, "/v1/auth/register", {{"role", "KING"}, {"email", "asha"}, {"password", "short"}, {"language", "k_n"}});
  CHECK(wrong.status == 400);
  CHECK(pointers_of(wrong) == std::set<std::string>{"/role", "/email", "/password", "/name", "/language"});
  auto long_one = registration_of("b@example.org");
  long_one["password"] = std::string(129, 'x');
  CHECK(pointers_of(post(p, "/v1/auth/register", long_one)) == std::set<std::string>{"/password"});
  long_one["password"] = std::string(128, 'x');
  CHECK(post(p, "/v1/auth/register", long_one).status == 201);
  // Eight characters, and four bytes each.
  auto letters = registration_of("c@example.org");
  letters["password"] = "🔑🔑🔑🔑🔑🔑🔑🔑";
  CHECK(post(p, "/v1/auth/register", letters).status == 201);
}

TEST_CASE("what is no e-mail address is told, what may be one is taken in lower case") {
  for (const char* text : {"a", "@b.c", "a@", "a@b", "a b@c.d", "a@b..c", "a@-b.c", ".a@b.c", "a..b@c.d", "a@b.c\n@d.e",
                           "ä@b.c", "a@ä.de", "<a@b.c>", "a,b@c.d"}) {
    INFO(text);
    CHECK_FALSE(normalised_email(text));
  }
  CHECK_FALSE(normalised_email(std::string(65, 'a') + "@b.c"));
  CHECK_FALSE(normalised_email("a@" + std::string(253, 'b') + ".c"));
  CHECK(normalised_email(" A.b+C@Sub.Example.ORG\t") == "a.b+c@sub.example.org");
  CHECK(normalised_email("o'neil@xn--bcher-kva.example") == "o'neil@xn--bcher-kva.example");
}

TEST_CASE("strangers make accounts of their own roles only; administrators make them all") {
  platform p;
  for (const auto* role : {"SUPPORT", "ADMIN"}) {
    auto refused = post(p, "/v1/auth/register", registration_of("a@example.org", role));
    CHECK(refused.status == 403);
    // Nor with a token: that is another path.
    CHECK(post(p, "/v1/auth/register", registration_of("a@example.org", role),
               p.token(user_role::admin, make_uuid_v7({})))
              .status == 403);
  }
  for (const auto* role : {"CUSTOMER", "RESTAURANT", "PARTNER"})
    CHECK(post(p, "/v1/auth/register", registration_of(std::string{role} + "@example.org", role)).status == 201);
  auto admin = p.token(user_role::admin, make_uuid_v7(real_now()));
  auto made = post(p, "/v1/admin/users", registration_of("help@example.org", "SUPPORT"), admin);
  CHECK(made.status == 201);
  CHECK(made.parsed().at("role") == "SUPPORT");
  CHECK(log_in(p, "help@example.org").status == 200);
}

TEST_CASE("a repeated registration gets the first account, for whoever knows its password") {
  platform p;
  headers key{{"Idempotency-Key", "r1"}};
  auto body = registration_of("asha@example.org");
  auto first = post(p, "/v1/auth/register", body, {}, key);
  auto again = post(p, "/v1/auth/register", body, {}, key);
  REQUIRE(first.status == 201);
  CHECK(again.status == 201);
  CHECK(again.body == first.body);
  CHECK(again.header("idempotent-replayed") == "true");
  body["password"] = "another password";
  auto other = post(p, "/v1/auth/register", body, {}, key);
  CHECK(other.status == 422);
  CHECK(other.parsed().at("code") == "idempotency-key-reused");
  auto renamed = registration_of("asha@example.org");
  renamed["name"] = "Somebody";
  CHECK(post(p, "/v1/auth/register", renamed, {}, key).status == 422);
  // Passwords are not guessed here either.
  for (int i = 0; i < limits::failed_logins; ++i) {
    body["password"] = "my guess " + std::to_string(i);
    post(p, "/v1/auth/register", body, {}, key);
  }
  CHECK(post(p, "/v1/auth/register", body, {}, key).status == 429);
  // Another e-mail address is another stranger.
  CHECK(post(p, "/v1/auth/register", registration_of("b@example.org"), {}, key).status == 201);
  CHECK(post(p, "/v1/auth/register", body, {}, {{"Idempotency-Key", "caf\xc3\xa9"}}).status == 400);

  std::lock_guard lock{p.world().mutex};
  for (const auto& [id, kept] : p.world().answers) {
    CHECK(kept.caller != user_id{derive_uuid({}, "registration asha@example.org")});  // anybody can make that
    CHECK(kept.body.find("asha") == std::string::npos);
    CHECK(kept.body.find(good_password) == std::string::npos);
    CHECK(parse_uuid(kept.body));
  }
}

TEST_CASE("who loses the race between two equal registrations is told the winner's account") {
  platform p;
  headers key{{"Idempotency-Key", "r1"}};
  std::atomic<int> entered{0};
  {
    // All have found nothing under the key when the first of them writes.
    std::lock_guard lock{p.world().mutex};
    p.world().people.before_create = [&] {
      ++entered;
      std::this_thread::sleep_for(std::chrono::milliseconds{50});
    };
  }
  std::vector<std::thread> clients;
  std::vector<got> answers(4);
  for (auto& into : answers)
    clients.emplace_back([&] { into = post(p, "/v1/auth/register", registration_of("asha@example.org"), {}, key); });
  for (auto& each : clients) each.join();
  CHECK(entered > 1);  // else there was no race
  for (const auto& each : answers) {
    CHECK(each.status == 201);
    CHECK(each.body == answers[0].body);
  }
  std::lock_guard lock{p.world().mutex};
  CHECK(p.world().people.accounts.size() == 1);
}

TEST_CASE("a wrong password and an unknown address get the same answer") {
  platform p;
  member asha{p, "asha@example.org"};
  auto wrong = log_in(p, "asha@example.org", "wrong password");
  auto unknown = log_in(p, "nobody@example.org");
  auto odd = log_in(p, "no address");
  for (const auto* each : {&wrong, &unknown, &odd}) {
    CHECK(each->status == 401);
    CHECK(each->parsed().at("code") == "wrong-credentials");
    CHECK(each->header("www-authenticate") == "Bearer");
    CHECK(each->parsed().at("detail") == wrong.parsed().at("detail"));
  }
}

TEST_CASE("an unknown address takes as long as a wrong password") {
  // On purpose not against a clock: that the same work is done is what can be tested on a busy machine.
  http::password_hasher hasher{1, {2, std::size_t{16} << 20}};
  asio::io_context io;
  auto time_of = [&](std::optional<std::string> stored) {
    auto begun = std::chrono::steady_clock::now();
    bool fits = true;
    asio::co_spawn(
        io,
        [&]() -> asio::awaitable<void> {
          auto verdict = co_await hasher.verify("x", stored);
          fits = verdict->fits;
        },
        asio::detached);
    io.restart();
    io.run();
    CHECK_FALSE(fits);
    return std::chrono::steady_clock::now() - begun;
  };
  auto known = hash_password("another", {2, std::size_t{16} << 20});
  auto least = std::chrono::steady_clock::duration::max();
  auto least_unknown = least;
  for (int i = 0; i < 5; ++i) {
    least = std::min(least, time_of(known));
    least_unknown = std::min(least_unknown, time_of(std::nullopt));
  }
  // Without the work it would be a hundredth.
  CHECK(least_unknown > least / 4);
  CHECK(least > least_unknown / 4);
}

TEST_CASE("a deactivated account can't sign in, and is told so only with its password") {
  platform p;
  member asha{p, "asha@example.org"};
  auto admin = p.token(user_role::admin, make_uuid_v7(real_now()));
  auto path = "/v1/admin/users/" + asha.id;
  auto off = ask(p.port(), "PATCH", path, admin, R"({"status":"DEACTIVATED","reason":"fraud"})");
  CHECK(off.status == 200);
  CHECK(off.parsed().at("statusReason") == "fraud");
  CHECK(log_in(p, asha.email, "wrong password").status == 401);
  auto refused = log_in(p, asha.email);
  CHECK(refused.status == 403);
  CHECK(refused.parsed().at("code") == "account-deactivated");
  CHECK(post(p, "/v1/auth/refresh", {{"refreshToken", asha.refresh}}).status == 401);
  CHECK(ask(p.port(), "PATCH", path, admin, R"({"status":"ACTIVE"})").status == 200);
  CHECK(log_in(p, asha.email).status == 200);
  CHECK(ask(p.port(), "PATCH", path, admin, R"({"status":"DEACTIVATED"})").status == 400);
}

TEST_CASE("a refresh token is exchanged for the next one; an old one ends the session") {
  platform p;
  member asha{p, "asha@example.org"};
  auto second = post(p, "/v1/auth/refresh", {{"refreshToken", asha.refresh}});
  REQUIRE(second.status == 200);
  CHECK(second.parsed().at("user").at("userId") == asha.id);
  CHECK(second.parsed().at("refreshToken") != asha.refresh);
  // The answer was lost: the same again, and the same next token.
  auto repeated = post(p, "/v1/auth/refresh", {{"refreshToken", asha.refresh}});
  REQUIRE(repeated.status == 200);
  CHECK(repeated.parsed().at("refreshToken") == second.parsed().at("refreshToken"));

  auto third = post(p, "/v1/auth/refresh", {{"refreshToken", second.parsed().at("refreshToken")}});
  REQUIRE(third.status == 200);
  CHECK(post(p, "/v1/auth/refresh", {{"refreshToken", asha.refresh}}).status == 401);
  auto dead = post(p, "/v1/auth/refresh", {{"refreshToken", third.parsed().at("refreshToken")}});
  CHECK(dead.status == 401);
  CHECK(dead.parsed().at("code") == "unauthenticated");
  CHECK_FALSE(dead.header("www-authenticate").empty());
}

TEST_CASE("what is no refresh token is refused, whatever it is") {
  platform p;
  member asha{p, "asha@example.org"};
  for (const auto& text :
       {std::string{"x"}, asha.access.substr(0, 100), std::string(64, 'A'), asha.refresh + "A", asha.refresh.substr(1)})
    CHECK(post(p, "/v1/auth/refresh", {{"refreshToken", text}}).status == 401);
  CHECK(post(p, "/v1/auth/refresh", {{"refreshToken", 7}}).status == 400);
  CHECK(post(p, "/v1/auth/refresh", json::object()).status == 400);
  CHECK(post(p, "/v1/auth/refresh", {{"refreshToken", asha.refresh}}).status == 200);
}

TEST_CASE("a session ends with the sign-out, and to end it again does no harm") {
  platform p;
  member asha{p, "asha@example.org"};
  for (int i = 0; i < 2; ++i) {
    auto out = post(p, "/v1/auth/logout", {{"refreshToken", asha.refresh}});
    CHECK(out.status == 204);
    CHECK(out.body.empty());
    CHECK(out.header("content-length").empty());
  }
  CHECK(post(p, "/v1/auth/refresh", {{"refreshToken", asha.refresh}}).status == 401);
  CHECK(post(p, "/v1/auth/logout", {{"refreshToken", "none"}}).status == 204);
}

TEST_CASE("a device that has missed some refreshes signs out all the same") {
  platform p;
  member asha{p, "asha@example.org"};
  auto latest = asha.refresh;
  for (int i = 0; i < 2; ++i)
    latest = post(p, "/v1/auth/refresh", {{"refreshToken", latest}}).parsed().at("refreshToken");
  CHECK(post(p, "/v1/auth/logout", {{"refreshToken", asha.refresh}}).status == 204);
  CHECK(post(p, "/v1/auth/refresh", {{"refreshToken", latest}}).status == 401);
}

TEST_CASE("secrets of a session are stored as hashes only") {
  platform p;
  member asha{p, "asha@example.org"};
  std::lock_guard lock{p.world().mutex};
  REQUIRE(p.world().people.sessions.size() == 1);
  const auto& kept = p.world().people.sessions.begin()->second;
  CHECK(kept.hash.size() == 64);
  CHECK(asha.refresh.find(kept.hash) == std::string::npos);
  const auto& stored = p.world().people.accounts.begin()->second.password_hash;
  CHECK(stored.starts_with("$argon2id$v=19$m=8,t=1,p=1$"));
}

TEST_CASE("passwords have no control characters") {
  platform p;
  auto body = registration_of("asha@example.org");
  for (const char* text : {"line\nfeed", "tabu\tlator", "escape \x1b key"}) {
    body["password"] = text;
    CHECK(pointers_of(post(p, "/v1/auth/register", body)) == std::set<std::string>{"/password"});
  }
}

TEST_CASE("a password that was hashed at another cost is hashed anew at the next sign-in") {
  platform p;
  member asha{p, "asha@example.org"};
  {
    std::lock_guard lock{p.world().mutex};
    p.world().people.accounts[asha.key()].password_hash = hash_password(good_password, {2, 16384});
  }
  REQUIRE(log_in(p, asha.email).status == 200);
  REQUIRE(log_in(p, asha.email).status == 200);
  std::lock_guard lock{p.world().mutex};
  CHECK(p.world().people.hashes_renewed == 1);
}

TEST_CASE("who loses the race to hash a password anew is signed in as well, if it is the right one still") {
  platform p;
  member asha{p, "asha@example.org"};
  auto store_hash = [&](const std::string& hash) {
    std::lock_guard lock{p.world().mutex};
    p.world().people.accounts[asha.key()].password_hash = hash;
  };
  auto log_in_while = [&](const std::string& other) {
    store_hash(hash_password(good_password, {2, 16384}));
    set_hook(p, &account_rows::before_renewal, [&] { store_hash(hash_password(other, {1, 8192})); });
    return log_in(p, asha.email).status;
  };
  CHECK(log_in_while(good_password) == 200);
  CHECK(log_in_while("another password") == 401);
}

TEST_CASE("a database that is away is 503, and nobody is told that a password was wrong") {
  platform p;
  member asha{p, "asha@example.org"};
  {
    std::lock_guard lock{p.world().mutex};
    p.world().is_store_away = true;
  }
  CHECK(log_in(p, asha.email).status == 503);
  CHECK(post(p, "/v1/auth/register", registration_of("b@example.org")).status == 503);
  CHECK(post(p, "/v1/auth/refresh", {{"refreshToken", asha.refresh}}).status == 503);
}

TEST_CASE("the key set names the key that tokens are signed with, and no private part") {
  platform p;
  auto keys = ask(p.port(), "GET", "/.well-known/jwks.json");
  CHECK(keys.status == 200);
  CHECK(keys.header("cache-control") == "public, max-age=300");
  auto all = keys.parsed().at("keys");
  REQUIRE(all.size() == 1);
  CHECK(all[0].at("kid") == p.keys().signing_key_id());
  CHECK(all[0].at("alg") == "ES256");
  CHECK(all[0].at("crv") == "P-256");
  CHECK_FALSE(all[0].contains("d"));
}

}  // namespace
}  // namespace dabba::test
