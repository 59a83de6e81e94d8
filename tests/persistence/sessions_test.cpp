/// Sessions: a refresh token is good once, and who uses it twice loses the session. Attempts are counted for all nodes.
#include <catch2/catch_test_macros.hpp>
#include <thread>

#include "persistence/postgres/identity.hpp"
#include "tests/persistence/database.hpp"

using namespace dabba;
using namespace dabba::tests;
using namespace std::chrono_literals;

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
    s.age("rotated_at", "9 minutes");
    CHECK(s.rotate("token 1", "token x").what == outcome::repeated);
    s.age("rotated_at", "61 seconds");
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

TEST_CASE("whoever knows a session may close it") {
  signed_in s;
  REQUIRE(s.store.close_session(session_id::make(real_now())));
  CHECK(s.store.sessions(s.who.id)->size() == 1);
  REQUIRE(s.store.close_session(s.session));
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

namespace {

/// Somebody new, who tries from a network of their own.
login_subjects somebody() { return {unique_text(), unique_text(), unique_text()}; }

void fail(postgres::identity& store, const login_subjects& who, int times) {
  for (int i = 0; i < times; ++i) REQUIRE(store.count_failed_login(who));
}

bool may(postgres::identity& store, const login_subjects& who) { return !store.login_wait(who).value(); }

}  // namespace

TEST_CASE("so many attempts from one network may fail, over all nodes together; then the account has to wait there") {
  auto who = somebody();
  std::vector<std::thread> nodes;
  for (int n = 0; n < 5; ++n)
    nodes.emplace_back([&] {
      postgres::identity store{database().options("identity"), {}};
      for (int i = 0; i < limits::failed_logins / 5; ++i) (void)store.count_failed_login(who);
    });
  for (auto& each : nodes) each.join();
  postgres::identity store{database().options("identity"), {}};
  auto wait = store.login_wait(who).value();
  // One failure is paid for after each tenth of the window.
  REQUIRE(wait);
  CHECK(*wait > 80s);
  CHECK(*wait <= 90s);

  auto elsewhere = somebody();
  elsewhere.account = who.account;
  CHECK(may(store, elsewhere));
  auto another = somebody();
  another.network = who.network;
  CHECK(may(store, another));
  auto pass = [&](const std::string& time) {
    database().execute(
        "update account.attempt set free_at = free_at - interval '" + time + "' where subject = '" + who.pair + "'");
  };
  pass("91 seconds");
  CHECK(may(store, who));
  // What was under way when the limit was reached counts, too.
  fail(store, who, 5);
  pass("4 minutes");
  CHECK_FALSE(may(store, who));
}

TEST_CASE("to ask whether one may try counts nothing, and one failure is not the limit") {
  postgres::identity store{database().options("identity"), {}};
  auto who = somebody();
  fail(store, who, limits::failed_logins - 1);
  for (int i = 0; i < 2 * limits::failed_logins; ++i) REQUIRE(may(store, who));
  fail(store, who, 1);
  CHECK_FALSE(may(store, who));
}

TEST_CASE("the right password forgives what failed from there, and nothing else") {
  postgres::identity store{database().options("identity"), {}};
  auto who = somebody(), elsewhere = somebody();
  elsewhere.account = who.account;
  fail(store, who, limits::failed_logins);
  fail(store, elsewhere, limits::failed_logins);
  REQUIRE(store.forgive_logins(who));
  CHECK(may(store, who));
  CHECK_FALSE(may(store, elsewhere));
  auto count = [&](const std::string& subject) {
    return database().number(
        "select count(*) from account.attempt where free_at > now() and subject = '" + subject + "'");
  };
  CHECK(count(who.pair) == 0);
  CHECK(count(who.account) == 1);
  CHECK(count(who.network) == 1);
}

TEST_CASE("failures of an account from everywhere are counted, and of a network whatever the accounts") {
  postgres::identity store{database().options("identity"), {}};
  auto victim = somebody();
  for (int i = 0; i < limits::failed_logins_of_account; ++i) {
    CHECK(may(store, victim));
    auto from_elsewhere = somebody();
    from_elsewhere.account = victim.account;
    fail(store, from_elsewhere, 1);
  }
  CHECK_FALSE(may(store, victim));
  auto guesser = somebody();
  for (int i = 0; i < limits::failed_logins_of_network; ++i) {
    CHECK(may(store, guesser));
    auto at_another = somebody();
    at_another.network = guesser.network;
    fail(store, at_another, 1);
  }
  CHECK_FALSE(may(store, guesser));
}
