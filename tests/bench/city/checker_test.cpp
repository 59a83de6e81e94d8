#include "bench/city/checker.hpp"

#include <algorithm>

#include <catch2/catch_test_macros.hpp>

using namespace dabba::city;

namespace {

/// A run of one order that went well: what the database holds and what the clients saw. Each test spoils one thing.
struct small_run {
  recorded_history seen;
  database_rows rows;

  small_run() {
    const std::vector<std::pair<const char*, const char*>> life{
        {"order.placed", "k1"},           {"order.accepted", "k2"},
        {"order.search_started", "k2"},   {"order.preparation_started", "k3"},
        {"order.partner_assigned", "k4"}, {"order.ready", "k5"},
        {"order.picked_up", "k6"},        {"order.delivered", "k7"}};
    std::string before;
    int index = 0;
    for (std::size_t i = 0; i < life.size(); ++i) {
      const auto [type, command] = life[i];
      index = before == command ? index + 1 : 0;
      before = command;
      const auto n = static_cast<std::int64_t>(i) + 1;
      const bool by_partner = i == 4 || i >= 6;
      rows.journal.push_back(
          {3, n, entity_kind::order, "o", n, command, index, 1, type, by_partner ? "p" : "", i == 0 ? "COD" : "", "r"});
      seen_in("customer", "orders/o").push_back({n, type, "o"});
      seen_in("owner", "restaurants/r/orders").push_back({n, type, "o"});
    }
    rows.shards.push_back({3, 1, 8});
    rows.heads.push_back({"o", 8, "DELIVERED", "DELIVERED", "p"});
    rows.assignments.push_back({"o", "p", 0, false, 100, 200});
    seen.keyed_answers = {{"key", "o"}, {"key", "o"}};
    seen.transitions = {
        {"customer", "o", "order.placed", "", 1, "PENDING_RESTAURANT_ACCEPTANCE", "NOT_STARTED"},
        {"owner", "o", "order.accepted", "", 3, "ACCEPTED", "SEARCHING"},
        {"owner", "o", "order.preparation_started", "", 4, "IN_PREPARATION", "SEARCHING"},
        {"partner", "o", "order.partner_assigned", "p", {}, "", ""},
        {"owner", "o", "order.ready", "", 6, "READY_FOR_PICKUP", "ASSIGNED"},
        {"partner", "o", "order.picked_up", "p", {}, "", ""},
        {"partner", "o", "order.delivered", "p", {}, "", ""},
    };
  }

  std::vector<seen_event>& seen_in(const std::string& client, const std::string& topic) {
    for (auto& s : seen.streams)
      if (s.client == client && s.topic == topic) return s.events;
    seen.streams.push_back({client, topic, {}});
    return seen.streams.back().events;
  }

  /// Adds an order next to the first one, in the same state, in another shard.
  void add_second_order() {
    const auto first = rows.journal;
    for (auto row : first) {
      row.shard = 4;
      row.entity = "o2";
      row.restaurant = "other";
      row.command += "-2";
      rows.journal.push_back(row);
    }
    rows.shards.push_back({4, 1, 8});
    rows.heads.push_back({"o2", 8, "DELIVERED", "DELIVERED", "p"});
    rows.assignments.push_back({"o2", "p", 0, false, 200, 300});
  }

  [[nodiscard]] bool reports(const std::string& invariant, const std::string& words) const {
    const auto found = check(seen, rows);
    for (const auto& v : found) UNSCOPED_INFO(v.invariant << ": " << v.what);
    return std::any_of(found.begin(), found.end(), [&](const violation& v) {
      return v.invariant == invariant && v.what.find(words) != std::string::npos;
    });
  }
};

}  // namespace

TEST_CASE("a run in which all went well has no violations") {
  small_run run;
  run.add_second_order();
  for (const auto& v : check(run.seen, run.rows)) FAIL_CHECK(v.invariant << ": " << v.what);
}

TEST_CASE("I1: an acknowledged transition that is not in the journal is found") {
  small_run run;
  run.seen.transitions.push_back({"partner", "o", "order.partner_released", "p", {}, "", ""});
  CHECK(run.reports("I1", "order.partner_released was acknowledged 1 times, the journal has it 0 times"));
}

TEST_CASE("I1: a transition acknowledged to one partner and journalled for another is found") {
  small_run run;
  run.seen.transitions[5].partner = "q";
  CHECK(run.reports("I1", "order.picked_up was acknowledged 1 times, the journal has it 0 times"));
}

TEST_CASE("I1: an order acknowledged and unknown to the journal is found") {
  small_run run;
  run.seen.transitions.push_back(
      {"customer", "lost", "order.placed", "", 1, "PENDING_RESTAURANT_ACCEPTANCE", "NOT_STARTED"});
  CHECK(run.reports("I1", "which the journal does not reach"));
}

TEST_CASE("I1: a transition that is in the journal twice is found") {
  small_run run;
  run.rows.journal[5].type = "order.accepted";
  CHECK(run.reports("I1", "order.accepted is in the journal 2 times"));
}

TEST_CASE("I1: an answer with another state than the journal's at that version is found") {
  small_run run;
  run.seen.transitions[1].status = "IN_PREPARATION";
  CHECK(run.reports("I1", "was told IN_PREPARATION and SEARCHING, the journal says ACCEPTED and SEARCHING"));
}

TEST_CASE("I2: a gap in a sequence is found") {
  small_run run;
  run.rows.journal.back().seq = 9;
  CHECK(run.reports("I2", "seq 9 where 8 is due"));
}

TEST_CASE("I2: a gap in a partner's sequence is found too") {
  small_run run;
  run.rows.journal.push_back({3, 9, entity_kind::partner, "p", 2, "k8", 0, 1, "partner.went_online", "", "", ""});
  run.rows.shards[0].position = 9;
  CHECK(run.reports("I2", "p: seq 2 where 1 is due"));
}

TEST_CASE("I2: an illegal transition is found") {
  small_run run;
  run.rows.journal[5].type = "order.picked_up";
  run.rows.journal[5].partner = "p";
  CHECK(run.reports("I2", "order.picked_up while IN_PREPARATION and ASSIGNED"));
}

TEST_CASE("I3: a gap in a shard's positions, and an epoch that falls, are found") {
  small_run gap;
  gap.rows.journal.back().position = 9;
  CHECK(gap.reports("I3", "position 9 where 8 is due"));
  small_run stale;
  stale.rows.journal[2].epoch = 2;
  CHECK(stale.reports("I3", "epoch falls to 1"));
  small_run behind;
  behind.rows.shards[0].position = 12;
  CHECK(behind.reports("I3", "its row says position 12"));
}

TEST_CASE("I3: two owners of one epoch, an epoch that falls, and an event of an epoch that nobody had, are found") {
  small_run run;
  run.seen.owners = {{3, 1, "a"}, {3, 2, "b"}, {3, 1, "a"}};
  CHECK(run.reports("I3", "shard 3: epoch 1 was given after 2"));
  run.seen.owners = {{3, 1, "a"}, {4, 1, "b"}, {3, 1, "b"}};
  CHECK(run.reports("I3", "shard 3, epoch 1: owned by a and by b"));
  run.seen.owners = {{3, 1, "a"}, {3, 2, "b"}};
  CHECK_FALSE(run.reports("I3", ""));
  run.seen.owners = {{3, 2, "b"}};
  CHECK(run.reports("I3", "an event of epoch 1 at position 1, which nobody was seen to own"));
}

TEST_CASE("I8: an open order whose shard has no running owner is found") {
  small_run run;
  run.rows.heads[0].shard = 3;
  CHECK_FALSE(run.reports("I8", ""));
  run.rows.heads[0].open = true;
  run.rows.shards[0].owner = "a";
  CHECK(run.reports("I8", "the owner of shard 3 ('a') does not run"));
  run.rows.shards[0].owner_runs = true;
  CHECK_FALSE(run.reports("I8", ""));
  run.rows.heads[0].shard = 5;
  CHECK(run.reports("I8", "open in shard 5, which there is not"));
}

TEST_CASE("I4: two active partners of one order are found") {
  small_run run;
  run.rows.assignments.push_back({"o", "q", 0, true, 150, {}});
  CHECK(run.reports("I4", "order o has order o (partner p) and order o (partner q) at once"));
}

TEST_CASE("I4: a slot that two orders fill at once is found") {
  small_run run;
  run.add_second_order();
  run.rows.assignments[1].begun_at = 199;
  CHECK(run.reports("I4", "slot 0 of partner p"));
  run.rows.assignments[1].slot = 1;
  CHECK_FALSE(run.reports("I4", "slot"));
}

TEST_CASE("I4: a slot beyond a partner's capacity is found") {
  small_run run;
  run.rows.assignments[0].slot = 8;
  CHECK(run.reports("I4", "in slot 8"));
}

TEST_CASE("I4: an assignment that outlives its order is found") {
  small_run run;
  run.rows.assignments[0].active = true;
  run.rows.assignments[0].ended_at.reset();
  CHECK(run.reports("I4", "active assignments to [p], the journal says []"));
}

TEST_CASE("I5: a command that took effect twice is found") {
  small_run run;
  run.rows.journal[7].command = "k6";
  run.rows.journal[7].command_index = 0;
  CHECK(run.reports("I5", "event 0 of command k6, where 1 is due"));
  small_run later;
  later.rows.journal[7].command = "k4";
  CHECK(later.reports("I5", "command k4 took effect again at seq 8"));
}

TEST_CASE("I5: a key that gave two orders is found") {
  small_run run;
  run.add_second_order();
  run.seen.keyed_answers.push_back({"key", "o2"});
  CHECK(run.reports("I5", "key key gave order o and order o2"));
}

TEST_CASE("I5: an order that nobody was told of is found") {
  small_run run;
  run.add_second_order();
  for (auto& row : run.rows.journal) row.restaurant = "r";
  CHECK(run.reports("I5", "order o2 was placed, but no customer was told of it"));
}

TEST_CASE("I6: a head that is not the fold of its journal is found") {
  small_run status, version, partner, missing, orphan;
  status.rows.heads[0].status = "OUT_FOR_DELIVERY";
  CHECK(status.reports("I6", "head says OUT_FOR_DELIVERY"));
  version.rows.heads[0].version = 7;
  CHECK(version.reports("I6", "head version 7"));
  partner.rows.heads[0].partner = "q";
  CHECK(partner.reports("I6", "head says partner 'q'"));
  missing.rows.heads.clear();
  CHECK(missing.reports("I6", "a journal and no head"));
  orphan.rows.heads.push_back({"x", 1, "ACCEPTED", "SEARCHING", ""});
  CHECK(orphan.reports("I6", "a head and no journal"));
}

TEST_CASE("a gap, a repeat and a missing end in an order's stream are found") {
  small_run gap, repeat, cut;
  auto& g = gap.seen_in("customer", "orders/o");
  g.erase(g.begin() + 3);
  CHECK(
      gap.reports("stream", "saw order.partner_assigned with seq 5 where order.preparation_started with seq 4 is due"));
  auto& r = repeat.seen_in("customer", "orders/o");
  r.insert(r.begin() + 3, r[2]);
  CHECK(repeat.reports("stream", "with seq 3 where"));
  cut.seen_in("customer", "orders/o").pop_back();
  CHECK(cut.reports("stream", "saw 7 of 8 events"));
}

TEST_CASE("a gap, a repeat and disorder in a restaurant's stream are found") {
  small_run gap, repeat, disorder;
  auto& g = gap.seen_in("owner", "restaurants/r/orders");
  g.erase(g.begin() + 3);
  CHECK(gap.reports("stream", "missed order.preparation_started of order o"));
  auto& r = repeat.seen_in("owner", "restaurants/r/orders");
  r.push_back({9, "order.ready", "o"});
  CHECK(repeat.reports("stream", "saw order.ready of order o too often"));
  auto& d = disorder.seen_in("owner", "restaurants/r/orders");
  std::swap(d[3], d[4]);
  CHECK(disorder.reports("stream", "seq 4 after 5"));
}

TEST_CASE("a partner that went home early saw a beginning of its stream, nothing else") {
  small_run run;
  run.rows.journal.push_back({3, 9, entity_kind::partner, "p", 1, "k8", 0, 1, "partner.went_online", "", "", ""});
  run.rows.journal.push_back({3, 10, entity_kind::partner, "p", 2, "k9", 0, 1, "partner.went_offline", "", "", ""});
  run.rows.shards[0].position = 10;
  run.seen_in("partner", "partners/p").push_back({1, "partner.went_online", ""});
  CHECK(check(run.seen, run.rows).empty());
  run.seen_in("partner", "partners/p").push_back({3, "partner.went_offline", ""});
  CHECK(run.reports("stream", "with seq 3 where partner.went_offline with seq 2 is due"));
}
