/// The advisory lock by which a node's end is noticed at once.
#include <catch2/catch_test_macros.hpp>
#include <csignal>
#include <functional>
#include <thread>

#include "persistence/postgres/connection_names.hpp"
#include "tests/persistence/member.hpp"
#include "tests/persistence/server.hpp"

using namespace dabba;
using namespace dabba::tests;

namespace {

bool comes_true(const std::function<bool()>& what) {
  for (int i = 0; i < 500; ++i) {
    if (what()) return true;
    std::this_thread::sleep_for(10ms);
  }
  return false;
}

/// After its server ended all connections.
bool is_back(const scratch_database& database) {
  try {
    return database.number("select 1") == 1;
  } catch (const std::exception&) {
    return false;
  }
}

std::string its_lock_connection(const member& m) {
  return " from pg_stat_activity where application_name = '" + postgres::lock_connection_name(m.id) +
         "' and datname = current_database()";
}

void end_lock_connection(const member& m) {
  REQUIRE(m.all.database.number("select count(pg_terminate_backend(pid, 5000))" + its_lock_connection(m)) == 1);
}

/// A member that is up and holds its lock.
struct locked_member : running_member {
  explicit locked_member(own_cluster& cluster) : running_member{cluster} { REQUIRE(store.take_lock(id) == true); }
};

}  // namespace

TEST_CASE("a node that never took its lock has not lost it") {
  own_cluster c{2};
  running_member a{c}, b{c};
  CHECK_FALSE(a.store.holds_lock());
  CHECK_FALSE(c.has_lost_lock(a.id));
  CHECK_FALSE(b.does(declare_dead{a.id, death::lock_lost, c.version()}));
}

TEST_CASE("a node that holds its lock can't be declared dead for it") {
  own_cluster c{2};
  locked_member a{c};
  running_member b{c};
  CHECK(a.store.holds_lock());
  CHECK_FALSE(c.has_lost_lock(a.id));
  CHECK_FALSE(b.does(declare_dead{a.id, death::lock_lost, c.version()}));
  CHECK(c.database.number("select count(*)" + its_lock_connection(a)) == 1);
  // Asked again it needs no second one.
  CHECK(a.store.take_lock(a.id) == true);
  CHECK(c.database.number("select count(*)" + its_lock_connection(a)) == 1);
}

TEST_CASE("each node has a lock of its own") {
  own_cluster c{2};
  locked_member a{c}, b{c};
  end_lock_connection(a);
  CHECK(comes_true([&] { return c.has_lost_lock(a.id); }));
  CHECK_FALSE(c.has_lost_lock(b.id));
  CHECK(b.store.holds_lock());
}

TEST_CASE("a lock is lost with its connection: the node sees it, and so do the others") {
  own_cluster c{2};
  locked_member a{c};
  running_member b{c};
  end_lock_connection(a);
  CHECK(comes_true([&] { return !a.store.holds_lock(); }));
  CHECK(comes_true([&] { return c.has_lost_lock(a.id); }));
  CHECK_FALSE(b.does(declare_dead{a.id, death::lock_lost, c.version() - 1}));
  CHECK(b.does(declare_dead{a.id, death::lock_lost, c.version()}));
  CHECK(c.state(a.id) == node_state::dead);
  CHECK(a.renew() == std::nullopt);
}

TEST_CASE("a process that ends loses its lock") {
  own_cluster c{2};
  running_member b{c};
  node_id gone;
  {
    locked_member a{c};
    gone = a.id;
  }
  CHECK(comes_true([&] { return c.has_lost_lock(gone); }));
  CHECK(b.does(declare_dead{gone, death::lock_lost, c.version()}));
}

TEST_CASE("a node that takes its lost lock back lives") {
  own_cluster c{2};
  locked_member a{c};
  running_member b{c};
  end_lock_connection(a);
  REQUIRE(comes_true([&] { return !a.store.holds_lock(); }));
  CHECK(a.store.take_lock(a.id) == true);
  CHECK(a.store.holds_lock());
  CHECK_FALSE(c.has_lost_lock(a.id));
  CHECK_FALSE(b.does(declare_dead{a.id, death::lock_lost, c.version()}));
}

TEST_CASE("a lock that another session holds is not taken, and its connection is given back") {
  own_cluster c{2};
  locked_member a{c};
  postgres::cluster second{c.database.options(), {}};
  CHECK(second.take_lock(a.id) == false);
  CHECK_FALSE(second.holds_lock());
  CHECK(comes_true([&] { return c.database.number("select count(*)" + its_lock_connection(a)) == 1; }));
  CHECK(second.take_lock(node_id::make(real_now())) == false);
}

TEST_CASE("to look whether the lock is still held does not block") {
  own_cluster c{2};
  locked_member a{c};
  auto start = std::chrono::steady_clock::now();
  for (int i = 0; i < 1000; ++i) CHECK(a.store.holds_lock());
  CHECK(std::chrono::steady_clock::now() - start < 1s);
}

TEST_CASE("locks that were lost because the server ended all connections say nothing about their nodes") {
  own_server server;
  own_cluster c{server.url(), 2};
  locked_member a{c}, b{c};
  SECTION("it was restarted") { server.crash(); }
  SECTION("one of its processes was killed") {
    auto pid = c.database.number("select pid" + its_lock_connection(a));
    REQUIRE(pid > 1);
    REQUIRE(::kill(static_cast<pid_t>(pid), SIGKILL) == 0);
  }
  CHECK(comes_true([&] { return !a.store.holds_lock() && !b.store.holds_lock(); }));
  REQUIRE(comes_true([&] { return is_back(c.database); }));
  CHECK_FALSE(c.has_lost_lock(a.id));
  CHECK_FALSE(c.has_lost_lock(b.id));
  CHECK_FALSE(b.does(declare_dead{a.id, death::lock_lost, c.version()}));

  // Once taken back they count again.
  REQUIRE(a.store.take_lock(a.id) == true);
  CHECK_FALSE(c.has_lost_lock(a.id));
  end_lock_connection(a);
  CHECK(comes_true([&] { return c.has_lost_lock(a.id); }));
  CHECK_FALSE(c.has_lost_lock(b.id));
  CHECK(b.does(declare_dead{a.id, death::lock_lost, c.version()}));
}
