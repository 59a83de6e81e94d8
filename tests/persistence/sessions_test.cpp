/// Sessions: a refresh token is good once, and who uses it twice loses the session. Attempts are counted for all nodes.
#include <catch2/catch_test_macros.hpp>
#include <thread>

#include "persistence/postgres/identity.hpp"
#include "tests/persistence/database.hpp"

using namespace dabba;
using namespace dabba::tests;

namespace {

const scratch_database& database() { return migrated_database(); }

std::string unique_text() { return to_string(make_uuid_v7(real_now())); }

/// An account that has signed in once.
struct signed_in {
  postgres::identity store{database().options("identity"), {}};
  account who;
  session_id session = session_id::make(real_now());

  signed_in() {
    who.id = user_id::make(real_now());
    who.email = unique_text() + "@example.org";
    REQUIRE(store.create_account({who, "hash", {}}));
    REQUIRE(store.open_session(who.id, "hash", {session, "token 1"}));
  }
  rotated rotate(const std::string& presented, const std::string& next, const std::string& seed = "seed") {
    auto done = store.rotate_session({session, presented, next, seed});
    REQUIRE(done);
    return *done;
  }
  void age(const std::string& column, const std::string& by) const {
    database().execute("update account.session set " + column + " = " + column + " - interval '" + by +
                       "' where session_id = '" + to_string(session) + "'");
  }
};

using outcome = rotated::outcome;

}  // namespace

TEST_CASE("a refresh token is good once; the next one takes its place") {
  signed_in s;
  auto first = s.rotate("token 1", "token 2");
  CHECK(first.what == outcome::renewed);
  REQUIRE(first.who);
  CHECK(first.who->id == s.who.id);
  CHECK(s.rotate("token 2", "token 3").what == outcome::renewed);
}

TEST_CASE("a client whose answer was lost may ask again for a short time, and learns what made its next token") {
  signed_in s;
  REQUIRE(s.rotate("token 1", "token 2", "seed 2").what == outcome::renewed);
  auto again = s.rotate("token 1", "token x", "seed x");
  CHECK(again.what == outcome::repeated);
  CHECK(again.seed == "seed 2");
  CHECK(again.who->id == s.who.id);
  CHECK(s.rotate("token 2", "token 3").what == outcome::renewed);
}

TEST_CASE("an old refresh token ends its session: when it comes late, or when the next one has been used") {
  SECTION("late") {
    signed_in s;
    REQUIRE(s.rotate("token 1", "token 2").what == outcome::renewed);
    s.age("rotated_at", "31 seconds");
    CHECK(s.rotate("token 1", "token x").what == outcome::reused);
    CHECK(s.rotate("token 2", "token 3").what == outcome::unknown);
  }
  SECTION("the next one has been used") {
    signed_in s;
    REQUIRE(s.rotate("token 1", "token 2").what == outcome::renewed);
    REQUIRE(s.rotate("token 2", "token 3").what == outcome::renewed);
    CHECK(s.rotate("token 1", "token x").what == outcome::reused);
    CHECK(s.rotate("token 3", "token 4").what == outcome::unknown);
  }
  SECTION("other sessions go on") {
    signed_in s, other;
    REQUIRE(s.rotate("something else", "x").what == outcome::reused);
    CHECK(other.rotate("token 1", "token 2").what == outcome::renewed);
  }
}

TEST_CASE("of many that present one token at once one renews it, and the others learn the same") {
  signed_in s;
  std::vector<std::thread> devices;
  std::vector<rotated> answers(8);
  for (std::size_t i = 0; i < answers.size(); ++i)
    devices.emplace_back([&, i] {
      postgres::identity store{database().options("identity"), {}};
      auto n = std::to_string(i);
      answers[i] = store.rotate_session({s.session, "token 1", "next " + n, "seed " + n}).value();
    });
  for (auto& each : devices) each.join();
  std::string seed;
  for (const auto& each : answers)
    if (each.what == outcome::renewed) seed = each.seed;
  REQUIRE_FALSE(seed.empty());
  for (const auto& each : answers) {
    CHECK((each.what == outcome::renewed || each.what == outcome::repeated));
    CHECK(each.seed == seed);
  }
}

TEST_CASE("a session that nobody uses ends, and one that is used ends in the end") {
  signed_in s;
  s.age("expires_at", "31 days");
  CHECK(s.rotate("token 1", "token 2").what == outcome::unknown);
  signed_in old;
  old.age("created_at", "181 days");
  REQUIRE(old.rotate("token 1", "token 2").what == outcome::renewed);
  CHECK(old.rotate("token 2", "token 3").what == outcome::unknown);
}

TEST_CASE("whoever has a session's token may close it, and nobody else") {
  signed_in s;
  REQUIRE(s.store.close_session(s.session, "something else"));
  CHECK(s.store.sessions(s.who.id)->size() == 1);
  REQUIRE(s.store.close_session(s.session, "token 1"));
  CHECK(s.store.sessions(s.who.id)->empty());
  CHECK(s.rotate("token 1", "token 2").what == outcome::unknown);
}

TEST_CASE("an account keeps its latest sessions, and expired ones are cleared away") {
  signed_in s;
  s.age("expires_at", "31 days");
  for (std::size_t i = 0; i < limits::sessions_per_account + 3; ++i)
    REQUIRE(s.store.open_session(s.who.id, "hash", {session_id::make(real_now()), "t"}));
  CHECK(s.store.sessions(s.who.id)->size() == limits::sessions_per_account);
  CHECK(database().number("select count(*) from account.session where session_id = '" + to_string(s.session) + "'") ==
        0);
}

TEST_CASE("so many attempts of an account may fail, over all nodes together; then it has to wait") {
  login_subjects who{unique_text(), unique_text()};
  std::vector<std::thread> nodes;
  std::atomic<int> admitted{0};
  std::atomic<std::int64_t> wait{0};
  for (int n = 0; n < 4; ++n)
    nodes.emplace_back([&] {
      postgres::identity store{database().options("identity"), {}};
      for (int i = 0; i < 5; ++i) {
        auto verdict = store.admit_login(who);
        if (verdict && !*verdict) ++admitted;
        if (verdict && *verdict) wait = (*verdict)->count();
      }
    });
  for (auto& each : nodes) each.join();
  CHECK(admitted == limits::logins_per_account);
  // One attempt is forgiven after each tenth of the window.
  CHECK(wait > 60);
  CHECK(wait <= 91);

  postgres::identity store{database().options("identity"), {}};
  CHECK_FALSE(*store.admit_login({unique_text(), who.network}));
  database().execute(
      "update account.attempt set free_at = free_at - interval '91 seconds' where subject = '" + who.account + "'");
  CHECK_FALSE(*store.admit_login(who));
  CHECK(*store.admit_login(who));
}

TEST_CASE("an attempt that succeeded is not counted, and clears the account's count") {
  postgres::identity store{database().options("identity"), {}};
  login_subjects who{unique_text(), unique_text()};
  for (int i = 0; i < 3 * limits::logins_per_network; ++i) {
    REQUIRE_FALSE(*store.admit_login(who));
    REQUIRE(store.forgive_login(who));
  }
}

TEST_CASE("one network's attempts are counted whatever the accounts, and stop counting against those once refused") {
  postgres::identity store{database().options("identity"), {}};
  auto network = unique_text();
  for (int i = 0; i < limits::logins_per_network; ++i) REQUIRE_FALSE(*store.admit_login({unique_text(), network}));
  auto victim = unique_text();
  for (int i = 0; i < 2 * limits::logins_per_account; ++i) CHECK(*store.admit_login({victim, network}));
  CHECK_FALSE(*store.admit_login({victim, unique_text()}));
}
