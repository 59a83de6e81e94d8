/// The end of an account: what keeps it from ending, and what is left of it.
#include <algorithm>
#include <array>
#include <thread>

#include "tests/persistence/desk.hpp"

using namespace dabba;
using namespace dabba::tests;

namespace {

const scratch_database& database() { return migrated_database(); }

}  // namespace

TEST_CASE("of a deleted account nothing is left that says who it was") {
  desk d;
  auto email = some_email();
  auto mine = d.open(email);
  REQUIRE(d.store.open_session(mine.id, "hash of " + email, {session_id::make(real_now()), "t"}));
  REQUIRE(d.store.add_address(
      mine.id, home(), idempotent_answer{mine.id, "POST x k", "00", "7, Church Street"}, real_now()));
  REQUIRE(d.store.erase_account(mine.id, real_now()));

  CHECK_FALSE(*d.store.account_by_id(mine.id));
  CHECK_FALSE(*d.store.account_by_email(email));
  CHECK(d.store.addresses(mine.id)->empty());
  CHECK(d.store.sessions(mine.id)->empty());
  CHECK_FALSE(*d.reader.answer(mine.id, "POST x k"));
  auto row = "from account.account a where account_id = '" + to_string(mine.id) + "'";
  CHECK(database().number("select count(*) " + row) == 1);
  CHECK(database().number("select count(*) " + row + " and to_jsonb(a)::text like '%Asha%'") == 0);
  CHECK(database().number("select count(*) " + row + " and to_jsonb(a)::text like '%+91%'") == 0);
  CHECK(d.store.erase_account(mine.id, real_now()).error() == errc::not_found);
  // The address is free for somebody else, or for the same person again.
  CHECK(d.store.create_account({desk::fresh(email), "h", {}}));
}

TEST_CASE("with an account goes the answer to the request that made it, and no other") {
  desk d;
  user_id stranger = user_id::make(real_now());
  auto made = desk::fresh(some_email()), another = desk::fresh(some_email());
  auto answer = [&](const account& who, const std::string& key) {
    return idempotent_answer{stranger, key, "00", to_string(who.id)};
  };
  REQUIRE(d.store.create_account({made, "h", answer(made, "POST /v1/auth/register 1")}));
  REQUIRE(d.store.create_account({another, "h", answer(another, "POST /v1/auth/register 2")}));
  account_change change;
  change.email = some_email();
  change.compared_hash = "h";
  REQUIRE(d.store.change_account(made.id, change, {}));
  REQUIRE(d.store.erase_account(made.id, real_now()));
  CHECK_FALSE(*d.reader.answer(stranger, "POST /v1/auth/register 1"));
  CHECK(*d.reader.answer(stranger, "POST /v1/auth/register 2"));
  auto again = desk::fresh(made.email);
  CHECK(d.store.create_account({again, "h", answer(again, "POST /v1/auth/register 1")}));
}

TEST_CASE("an account that owns a restaurant which may open is not deleted") {
  desk d;
  test_node node;
  auto writer = node.writer();
  postgres::archive archive{database().options("archive"), {}};
  auto mine = d.open(some_email(), user_role::restaurant);
  auto shop = restaurant_append(node.shard(0), restaurant_id::make(real_now()), 1, some_email());
  std::get<restaurant_columns>(shop.columns).owner = mine.id;
  REQUIRE(write_one(writer, shop));
  auto turn = [&](const std::string& verification) {
    database().execute("update catalog.restaurant_head set verification = '" + verification +
                       "' where restaurant_id = '" + to_string(shop.entity.id) + "'");
  };
  CHECK(archive.owned_restaurants(mine.id)->size() == 1);
  CHECK(archive.owned_restaurants(user_id::make(real_now()))->empty());
  for (const char* each : {"PENDING_VERIFICATION", "ACTIVE"}) {
    turn(each);
    CHECK(d.store.erase_account(mine.id, real_now()).error() == errc::owns_restaurant);
  }
  turn("REJECTED");
  CHECK(d.store.erase_account(mine.id, real_now()));
}

TEST_CASE("an account with an open order, or one that still says what was written, is not deleted") {
  desk d;
  test_node node;
  auto writer = node.writer();
  postgres::archive archive{database().options("archive"), {}};
  auto mine = d.open(some_email());
  auto placed = order_append(node.shard(0), order_id::make(real_now()), 1);
  std::get<order_columns>(placed.columns).customer = mine.id;
  REQUIRE(write_one(writer, placed));
  CHECK(d.store.erase_account(mine.id, real_now()).error() == errc::open_orders);
  auto ended = order_append(node.shard(0), {placed.entity.id}, 2);
  std::get<order_columns>(ended.columns).customer = mine.id;
  ended.open = false;
  REQUIRE(write_one(writer, ended));
  CHECK(d.store.erase_account(mine.id, real_now()).error() == errc::open_orders);
  CHECK(d.store.account_by_id(mine.id)->has_value());
  REQUIRE(archive.rewrite_events({placed.entity.id}, {}));
  CHECK(d.store.erase_account(mine.id, real_now()));
}

TEST_CASE("of administrators one stays who is active, also when two remove each other at once") {
  desk d;
  database().execute("update account.account set status = 'DEACTIVATED' where role = 'ADMIN'");
  auto remove = [](postgres::identity& store, user_id who, bool for_ever) -> std::optional<errc> {
    if (for_ever) {
      auto done = store.erase_account(who, real_now());
      return done ? std::nullopt : std::optional{done.error()};
    }
    auto done = store.set_status(who, account_status::deactivated, "x");
    return done ? std::nullopt : std::optional{done.error()};
  };
  for (bool for_ever : {false, true}) {
    for (int round = 0; round < 10; ++round) {
      std::array admins{d.open(some_email(), user_role::admin).id, d.open(some_email(), user_role::admin).id};
      std::array<std::optional<errc>, 2> refused;
      std::vector<std::thread> threads;
      for (std::size_t i = 0; i < 2; ++i)
        threads.emplace_back([&, i] {
          desk own;
          refused[i] = remove(own.store, admins[i], for_ever);
        });
      for (auto& each : threads) each.join();
      CHECK(std::ranges::count(refused, std::optional{errc::illegal_transition}) == 1);
      CHECK(std::ranges::count(refused, std::optional<errc>{}) == 1);
      auto last = admins[refused[0] ? 0 : 1];
      CHECK(remove(d.store, last, for_ever) == errc::illegal_transition);
      // Somebody who is no administrator, or not an active one, is none to look for.
      CHECK(d.store.set_status(d.open(some_email()).id, account_status::deactivated, "x"));
      database().execute("update account.account set status = 'DEACTIVATED' where role = 'ADMIN'");
      CHECK(d.store.set_status(last, account_status::deactivated, "x"));
    }
  }
}
