/// Accounts and addresses: what is unique, what is counted, what is changed.
#include <catch2/catch_test_macros.hpp>
#include <thread>

#include "tests/persistence/desk.hpp"

using namespace dabba;
using namespace dabba::tests;
using namespace std::chrono_literals;

namespace {

const scratch_database& database() { return migrated_database(); }

}  // namespace

TEST_CASE("an account is found by its id and by its e-mail address, as it was made") {
  desk d;
  auto made = d.open(some_email(), user_role::partner);
  for (const auto& found : {d.store.account_by_id(made.id), d.store.account_by_email(made.email)}) {
    REQUIRE(found);
    REQUIRE(*found);
    CHECK((*found)->who == made);
    CHECK((*found)->password_hash == "hash of " + made.email);
  }
  CHECK_FALSE(*d.store.account_by_id(user_id::make(real_now())));
  CHECK_FALSE(*d.store.account_by_email(some_email()));
}

TEST_CASE("two accounts never have one e-mail address, however many ask at once") {
  auto email = some_email();
  std::vector<std::thread> people;
  std::atomic<int> made{0}, refused{0};
  for (int i = 0; i < 8; ++i)
    people.emplace_back([&] {
      desk d;
      auto done = d.store.create_account({desk::fresh(email), "h", {}});
      if (done) ++made;
      if (!done && done.error() == errc::email_taken) ++refused;
    });
  for (auto& each : people) each.join();
  CHECK(made == 1);
  CHECK(refused == 7);
}

TEST_CASE("an answer is kept with the account it was given for, and neither without the other") {
  desk d;
  auto taken = d.open(some_email());
  auto caller = user_id::make(real_now());
  idempotent_answer kept{caller, "POST /v1/auth/register k", "00ff", "the account's id"};
  CHECK(d.store.create_account({desk::fresh(taken.email), "h", kept}).error() == errc::email_taken);
  CHECK_FALSE(*d.reader.answer(caller, kept.key));
  auto made = desk::fresh(some_email());
  REQUIRE(d.store.create_account({made, "h", kept}));
  CHECK((*d.reader.answer(caller, kept.key))->body == "the account's id");
  auto another = desk::fresh(some_email());
  CHECK(d.store.create_account({another, "h", kept}).error() == errc::idempotency_key_exists);
  CHECK_FALSE(*d.store.account_by_id(another.id));
}

TEST_CASE("a change sets what it names, raises the version, and is refused on another version than expected") {
  desk d;
  auto made = d.open(some_email());
  account_change change;
  change.name = "Asha Rao";
  change.language = "kn";
  auto changed = d.store.change_account(made.id, change, 1);
  REQUIRE(changed);
  CHECK(changed->version == 2);
  CHECK(changed->name == "Asha Rao");
  CHECK(changed->language == "kn");
  CHECK(changed->phone == made.phone);
  CHECK(d.store.change_account(made.id, change, 1).error() == errc::stale_version);
  CHECK(d.store.change_account(user_id::make(real_now()), change, {}).error() == errc::not_found);
  change = {};
  change.compared_hash = "hash of " + made.email;
  change.email = d.open(some_email()).email;
  CHECK(d.store.change_account(made.id, change, {}).error() == errc::email_taken);
  change.email = made.email;  // its own
  CHECK(d.store.change_account(made.id, change, {}));
}

TEST_CASE("who signed in with a password that was changed has to sign in again") {
  desk d;
  auto made = d.open(some_email());
  auto hash = "hash of " + made.email;
  REQUIRE(d.store.open_session(made.id, hash, {session_id::make(real_now()), "t"}));
  account_change rename;
  rename.name = "A";
  REQUIRE(d.store.change_account(made.id, rename, {}));
  CHECK(d.store.sessions(made.id)->size() == 1);
  account_change change;
  change.compared_hash = hash;
  change.password_hash = "another";
  REQUIRE(d.store.change_account(made.id, change, {}));
  CHECK(d.store.sessions(made.id)->empty());
  CHECK(d.store.open_session(made.id, hash, {session_id::make(real_now()), "t"}).error() == errc::not_found);
  CHECK(d.store.open_session(made.id, "another", {session_id::make(real_now()), "t"}));
}

TEST_CASE("e-mail address and password change only with the password that was compared") {
  desk d;
  auto made = d.open(some_email());
  account_change change;
  change.password_hash = "another";
  change.compared_hash = "hash that was";
  CHECK(d.store.change_account(made.id, change, {}).error() == errc::wrong_password);
  change.password_hash.reset();
  change.email = some_email();
  CHECK(d.store.change_account(made.id, change, {}).error() == errc::wrong_password);
  CHECK((*d.store.account_by_id(made.id))->password_hash == "hash of " + made.email);
  CHECK((*d.store.account_by_id(made.id))->who == made);
  change.compared_hash = "hash of " + made.email;
  CHECK(d.store.change_account(made.id, change, {}));
}

TEST_CASE("an e-mail address that somebody takes at the same moment is taken") {
  desk d;
  auto made = d.open(some_email());
  auto wanted = some_email();
  // An account of that address is made, but not committed when the change looks whether there is one.
  auto other = database().connect();
  REQUIRE(other.execute("begin", in(5s)));
  REQUIRE(other.execute(
      "insert into account.account (account_id, role, email, password_hash, name, phone, language, "
      "created_at, approval) values (gen_random_uuid(), 'CUSTOMER', '" +
          wanted + "', 'h', 'n', '', '', now(), 'APPROVED')",
      in(5s)));
  std::optional<errc> refused;
  std::vector<std::string> reported;
  std::thread changes{[&] {
    desk another;
    account_change change;
    change.email = wanted;
    change.compared_hash = "hash of " + made.email;
    auto done = another.store.change_account(made.id, change, {});
    if (!done) refused = done.error();
    reported = another.reported;
  }};
  for (int i = 0; i < 200; ++i) {
    if (database().number("select count(*) from pg_stat_activity where wait_event_type = 'Lock' and query like "
                          "'%update account.account a%'") > 0)
      break;
    std::this_thread::sleep_for(5ms);
  }
  REQUIRE(other.execute("commit", in(5s)));
  changes.join();
  CHECK(refused == errc::email_taken);
  CHECK(reported.empty());  // it is no trouble
}

TEST_CASE("a hash is renewed only while it is still the one that was compared") {
  desk d;
  auto made = d.open(some_email());
  CHECK(d.store.renew_hash(made.id, "not that one", "new") == false);
  CHECK((*d.store.account_by_id(made.id))->password_hash == "hash of " + made.email);
  CHECK(d.store.renew_hash(made.id, "hash of " + made.email, "new") == true);
  CHECK((*d.store.account_by_id(made.id))->password_hash == "new");
}

TEST_CASE("a deactivated account has no sessions and gets none") {
  desk d;
  auto made = d.open(some_email());
  REQUIRE(d.store.open_session(made.id, "hash of " + made.email, {session_id::make(real_now()), "t"}));
  auto off = d.store.set_status(made.id, account_status::deactivated, "fraud");
  REQUIRE(off);
  CHECK(off->status == account_status::deactivated);
  CHECK(off->status_reason == "fraud");
  CHECK(d.store.sessions(made.id)->empty());
  CHECK(d.store.open_session(made.id, "hash of " + made.email, {session_id::make(real_now()), "t"}).error() ==
        errc::not_found);
  REQUIRE(d.store.set_status(made.id, account_status::active, ""));
  CHECK(d.store.open_session(made.id, "hash of " + made.email, {session_id::make(real_now()), "t"}));
}

TEST_CASE("only a partner is approved or rejected") {
  desk d;
  auto made = desk::fresh(some_email(), user_role::partner);
  made.approval = account_approval::pending;
  REQUIRE(d.store.create_account({made, "h", {}}));
  CHECK((*d.store.account_by_id(made.id))->who.approval == account_approval::pending);
  auto rejected = d.store.set_approval(made.id, account_approval::rejected, "no licence");
  REQUIRE(rejected);
  CHECK(rejected->approval == account_approval::rejected);
  CHECK(rejected->status_reason == "no licence");
  CHECK(rejected->version == 2);
  CHECK(d.store.set_approval(d.open(some_email()).id, account_approval::approved, "").error() == errc::not_found);
  CHECK(d.store.set_approval(user_id::make(real_now()), account_approval::approved, "").error() == errc::not_found);
}

TEST_CASE("the pages of a list of accounts, joined, are all of them that fit, newest first") {
  desk d;
  std::vector<user_id> expected;
  for (int i = 0; i < 7; ++i) {
    auto made = desk::fresh(some_email(), user_role::support);
    made.created_at = {1'900'000'000'000'000 + i / 2};
    REQUIRE(d.store.create_account({made, "h", {}}));
    expected.insert(expected.begin(), made.id);
    d.open(some_email());
  }
  REQUIRE(d.store.set_status(expected[3], account_status::deactivated, ""));
  auto all = [&](const account_filter& filter) {
    std::vector<user_id> ids;
    std::optional<account_cursor> after;
    for (int pages = 0; pages < 100; ++pages) {
      auto page = d.store.accounts(filter, after, 2);
      REQUIRE(page);
      for (const auto& each : *page) ids.push_back(each.id);
      if (page->size() < 2) return ids;
      after = account_cursor{page->back().created_at, page->back().id};
    }
    FAIL("the pages do not end");
    return ids;
  };
  CHECK(all({user_role::support, {}, {}}) == expected);
  CHECK(all({user_role::support, account_status::deactivated, {}}) == std::vector{expected[3]});
  CHECK(all({{}, account_status::deactivated, {}}).size() >= 1);
  auto email = (*d.store.account_by_id(expected[0]))->who.email;
  CHECK(all({{}, {}, email}) == std::vector{expected[0]});
  CHECK(all({user_role::admin, {}, email}).empty());
}

TEST_CASE("addresses are one account's own, and no more than so many") {
  desk d;
  auto mine = d.open(some_email());
  auto other = d.open(some_email());
  auto place = home();
  REQUIRE(d.store.add_address(mine.id, place, {}, real_now()));
  CHECK(*d.store.addresses(mine.id) == std::vector{place});
  CHECK(d.store.addresses(other.id)->empty());

  address_change change;
  change.label = "Work";
  CHECK(d.store.change_address(other.id, place.id, change).error() == errc::not_found);
  CHECK(d.store.change_address(mine.id, place.id, change)->label == "Work");
  change = {};
  change.where = address{"8, Church Street", {1, 2}};
  auto moved = d.store.change_address(mine.id, place.id, change);
  REQUIRE(moved);
  CHECK(moved->where == *change.where);
  CHECK(moved->label == "Work");
  CHECK_FALSE(*d.store.remove_address(other.id, place.id));
  CHECK(*d.store.remove_address(mine.id, place.id));
  CHECK_FALSE(*d.store.remove_address(mine.id, place.id));

  for (std::size_t i = 0; i < limits::addresses_per_account; ++i)
    REQUIRE(d.store.add_address(mine.id, home(), {}, real_now()));
  CHECK(d.store.add_address(mine.id, home(), {}, real_now()).error() == errc::too_many_addresses);
  CHECK(d.store.add_address(user_id::make(real_now()), home(), {}, real_now()).error() == errc::not_found);
}

TEST_CASE("a repeated request adds no second address") {
  desk d;
  auto mine = d.open(some_email());
  idempotent_answer kept{mine.id, "POST /v1/users/me/addresses k", "00", "body"};
  REQUIRE(d.store.add_address(mine.id, home(), kept, real_now()));
  CHECK(d.store.add_address(mine.id, home(), kept, real_now()).error() == errc::idempotency_key_exists);
  CHECK(d.store.addresses(mine.id)->size() == 1);
}

TEST_CASE("the shared secret is 64 digits, and the same for all") {
  desk one, two;
  auto secret = one.store.shared_secret();
  REQUIRE(secret);
  CHECK(secret->size() == 64);
  CHECK(secret->find_first_not_of("0123456789abcdef") == std::string::npos);
  CHECK(two.store.shared_secret() == secret);
}

TEST_CASE("what a row holds is not in what is reported of it") {
  desk d;
  auto made = desk::fresh(some_email());
  made.name = std::string{"Asha\0Rao", 8};  // no text of PostgreSQL's
  auto refused = d.store.create_account({made, "h", {}});
  REQUIRE_FALSE(refused);
  CHECK(refused.error() == errc::invalid_argument);
  REQUIRE(d.reported.size() == 1);
  CHECK(d.reported[0].starts_with("PostgreSQL did not do insert_account"));
  CHECK(d.reported[0].find("Asha") == std::string::npos);
  CHECK(d.reported[0].find(made.email) == std::string::npos);
}

TEST_CASE("accounts in a database that is away are unavailable") {
  postgres::identity store{{"postgresql://nobody@127.0.0.1:1/none", "identity", ""}, {}};
  CHECK(store.account_by_id({}).error() == errc::unavailable);
  CHECK(store.create_account({}).error() == errc::unavailable);
}
