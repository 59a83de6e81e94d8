/// Refresh tokens, cursors and passwords by themselves; and that none of it is ever in the log.
#include <spdlog/sinks/ostream_sink.h>
#include <spdlog/spdlog.h>
#include <catch2/catch_test_macros.hpp>
#include <sstream>

#include "http-edge/base64url.hpp"
#include "http-edge/cursors.hpp"
#include "http-edge/passwords.hpp"
#include "http-edge/refresh_tokens.hpp"
#include "http-edge/secrets.hpp"
#include "tests/http-edge/support/people.hpp"

namespace dabba::test {
namespace {

TEST_CASE("a refresh token is read back from its text, and from no other") {
  auto made = refresh_token::make();
  auto text = made.text();
  CHECK(text.size() == 64);
  auto read = refresh_token::parse(text);
  REQUIRE(read);
  CHECK(read->session == made.session);
  CHECK(read->secret == made.secret);
  CHECK(read->hash() == made.hash());
  CHECK_FALSE(refresh_token::parse(text + "A"));
  CHECK_FALSE(refresh_token::parse(text.substr(1)));
  CHECK_FALSE(refresh_token::parse(text.substr(0, 63) + "+"));
  CHECK_FALSE(refresh_token::parse(""));
  CHECK(refresh_token::make().text() != text);
}

TEST_CASE("the next token is the same for the same seed, and another for another seed or token") {
  auto made = refresh_token::make();
  CHECK(made.next("seed").text() == made.next("seed").text());
  CHECK(made.next("seed").session == made.session);
  CHECK(made.next("seed").secret != made.next("other").secret);
  CHECK(made.next("seed").secret != refresh_token::make().next("seed").secret);
  CHECK(made.next("seed").secret != made.secret);
}

TEST_CASE("a keyed hash is HMAC-SHA-256") {
  // RFC 4231, test case 2.
  auto hashed = keyed_hash("Jefe", "what do ya want for nothing?");
  CHECK(base64url(hashed) == base64url(std::string{"\x5b\xdc\xc1\x46\xbf\x60\x75\x4e\x6a\x04\x24\x26\x08\x95\x75\xc7"
                                                   "\x5a\x00\x3f\x08\x9d\x27\x39\x83\x9d\xec\x58\xb9\x64\xec\x38\x43",
                                                   32}));
}

TEST_CASE("base64 for URLs is read strictly") {
  for (const auto& bytes :
       {std::string{}, std::string{"f"}, std::string{"fo"}, std::string{"foo"}, std::string(3, '\0')})
    CHECK(from_base64url(base64url(bytes)) == bytes);
  CHECK(base64url("\xfb\xff") == "-_8");
  for (const char* text : {"Zg==", "Zh", "Z", "Zm 9", "Zm9v\n", "Zm+v"}) {
    INFO(text);
    CHECK_FALSE(from_base64url(text));
  }
}

TEST_CASE("a cursor is good for its signer, its caller and its list") {
  http::cursor_signer ours{"secret"}, others{"another"};
  user_id asha{make_uuid_v7({1})}, other{make_uuid_v7({2})};
  http::page_end end{{-5}, make_uuid_v7({3})};
  auto cursor = ours.sign(asha, "orders - -", end);
  CHECK(ours.read(asha, "orders - -", cursor) == end);
  CHECK_FALSE(ours.read(other, "orders - -", cursor));
  CHECK_FALSE(ours.read(asha, "orders DELIVERED -", cursor));
  CHECK_FALSE(others.read(asha, "orders - -", cursor));
  for (std::size_t i = 0; i < cursor.size(); ++i) {
    auto changed = cursor;
    changed[i] = changed[i] == 'A' ? 'B' : 'A';
    CHECK_FALSE(ours.read(asha, "orders - -", changed));
  }
  CHECK_FALSE(ours.read(asha, "orders - -", ""));
}

TEST_CASE("passwords are argon2id, at a cost that keeps a node busy for some tens of milliseconds") {
  auto hash = hash_password("correct horse battery", {});
  CHECK(hash.starts_with("$argon2id$v=19$m=65536,t=2,p=1$"));
  CHECK(hash != hash_password("correct horse battery", {}));
}

/// What is logged while this lives.
class log_listener {
 public:
  log_listener() : before_{spdlog::default_logger()} {
    auto logger = std::make_shared<spdlog::logger>("test", std::make_shared<spdlog::sinks::ostream_sink_mt>(text_));
    logger->set_level(spdlog::level::trace);
    spdlog::set_default_logger(std::move(logger));
  }
  ~log_listener() { spdlog::set_default_logger(before_); }
  std::string text() const { return text_.str(); }

 private:
  std::ostringstream text_;
  std::shared_ptr<spdlog::logger> before_;
};

TEST_CASE("passwords, tokens and what people say of themselves are never in the log") {
  std::string log;
  std::vector<std::string> secrets{good_password, "Asha Rao",       "asha@example.org", "+91 80 1234", "Church Street",
                                   "ring twice",  "wrong password", "argon2",           "198.51.100.1"};
  std::string heard;
  {
    log_listener listener;
    for (const auto& each : secrets) spdlog::info("{}", each);
    heard = listener.text();
  }
  for (const auto& each : secrets) REQUIRE(heard.find(each) != std::string::npos);  // it would be found
  {
    log_listener listener;
    {
      platform p;
      member asha{p, "asha@example.org"};
      secrets.insert(secrets.end(), {asha.access, asha.refresh});
      json home{{"address", {{"line", "7, Church Street"}, {"latitude", 12.97}, {"longitude", 77.59}}},
                {"instructions", "ring twice"}};
      headers from{{"X-Forwarded-For", "198.51.100.1"}};
      REQUIRE(post(p, "/v1/users/me/addresses", home, asha.access, from).status == 201);
      CHECK(post(p, "/v1/auth/register", registration_of("asha@example.org"), {}, from).status == 409);
      CHECK(log_in(p, "asha@example.org", "wrong password").status == 401);
      CHECK(delete_me(p, asha.access, "wrong password").status == 422);
      ask(p.port(), "GET", "/v1/admin/users?email=asha@example.org", p.token(user_role::admin, make_uuid_v7({})));
      ask(p.port(), "PATCH", "/v1/users/me", asha.access,
          R"({"email":"asha@example.org","password":"wrong password 2","currentPassword":"wrong password"})");
      CHECK(post(p, "/v1/users/me/exports", json::object(), asha.access).body.find("Asha Rao") != std::string::npos);
      auto next = post(p, "/v1/auth/refresh", {{"refreshToken", asha.refresh}}).parsed();
      post(p, "/v1/auth/refresh", {{"refreshToken", next.at("refreshToken")}});
      secrets.push_back(next.at("refreshToken"));
      // Reuse is worth a line.
      CHECK(post(p, "/v1/auth/refresh", {{"refreshToken", asha.refresh}}).status == 401);
      {
        std::lock_guard lock{p.world().mutex};
        p.world().is_store_away = true;
      }
      CHECK(log_in(p, "asha@example.org").status == 503);
    }
    log = listener.text();
  }
  CHECK(log.find("was used twice") != std::string::npos);
  CHECK(log.find("route=/v1/auth/login") != std::string::npos);
  CHECK(log.find("none of trusted-proxies") != std::string::npos);
  CHECK(log.find("none of trusted-proxies") == log.rfind("none of trusted-proxies"));  // once
  for (const auto& each : secrets) {
    INFO(each);
    CHECK(log.find(each) == std::string::npos);
  }
}

}  // namespace
}  // namespace dabba::test
