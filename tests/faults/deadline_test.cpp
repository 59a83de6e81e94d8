/// Fault 19: very many deadlines.
#include <unistd.h>

#include <fstream>
#include <thread>

#include <fmt/format.h>
#include <catch2/catch_test_macros.hpp>
#include <nlohmann/json.hpp>

#include "tests/faults/support/figures.hpp"
#include "tests/faults/support/verdict.hpp"

namespace dabba::fault_tests {
namespace {

using namespace std::chrono_literals;

constexpr std::size_t nodes = 3;
constexpr std::size_t kitchens = 32;
constexpr int open_orders = 100'000;
/// Of those the deadlines of so many pass while the test watches, so many a second; the others' do not.
constexpr int due_orders = 2'000;
constexpr int due_per_second = 400;
/// Time for the nodes to start, and to see what waiting costs.
constexpr auto until_first_due = 20s;
/// The first seconds after a start cost more than those that follow. That is the start's, not what waiting costs.
constexpr auto rest_after_start = 3s;

/// The orders of the samples, many times over: the same rows with ids, commands, positions and deadlines of their own.
/// An id ends as its restaurant's does, which puts it in the same shard. For nodes that are not running. Nothing is due
/// before tomorrow.
constexpr const char* multiply = R"(
create table faults.copy as
select s.order_id as sample, row_number() over () as n, row_number() over (partition by s.order_id) as in_shard,
       overlay(gen_random_uuid()::text placing right(s.order_id::text, 4) from 33)::uuid as id
from (select order_id, row_number() over (order by order_id) as nth from ordering.order_head) s,
     generate_series(1, {per_sample});
alter table faults.copy add deadline timestamptz default clock_timestamp() + interval '1 day';
insert into ordering.journal (entity_id, command_id, position, seq, epoch, at, version, shard, entity_kind,
                              command_index, feed, type, payload)
select c.id, gen_random_uuid(), s.position + c.in_shard, 1, j.epoch, j.at, j.version, j.shard, j.entity_kind, 0, j.feed,
       j.type, (j.payload::jsonb || jsonb_build_object('acceptBy', (extract(epoch from c.deadline) * 1e6)::bigint))::json
from faults.copy c join ordering.journal j on j.entity_id = c.sample join cluster.shard s on s.id = j.shard;
insert into ordering.order_head (order_id, shard, version, status, delivery_status, customer_id, restaurant_id, zone,
                                 placed_at, open, deadline, state)
select c.id, h.shard, h.version, h.status, h.delivery_status, h.customer_id, h.restaurant_id, h.zone, h.placed_at, true,
       c.deadline,
       replace(replace(h.state::text, h.order_id::text, c.id::text),
               (extract(epoch from h.deadline) * 1e6)::bigint::text,
               (extract(epoch from c.deadline) * 1e6)::bigint::text)::json
from faults.copy c join ordering.order_head h on h.order_id = c.sample;
update cluster.shard s set position = s.position + added.many
from (select j.shard, max(c.in_shard) as many from faults.copy c join ordering.journal j on j.entity_id = c.sample
      group by j.shard) added
where added.shard = s.id;
analyze ordering.order_head; analyze ordering.journal; analyze faults.copy;)";

/// Some of them become due soon, from now on. By itself, because how long the writing takes depends on the machine.
constexpr const char* make_due = R"(
update faults.copy
set deadline = clock_timestamp() + interval '{lead} seconds' + (n / {one_in}) * interval '1 second' / {per_second}
where n % {one_in} = 0;
update ordering.journal j
set payload = (j.payload::jsonb || jsonb_build_object('acceptBy', (extract(epoch from c.deadline) * 1e6)::bigint))::json
from faults.copy c where c.id = j.entity_id and c.n % {one_in} = 0;
update ordering.order_head h
set deadline = c.deadline,
    state = replace(h.state::text, (extract(epoch from h.deadline) * 1e6)::bigint::text,
                    (extract(epoch from c.deadline) * 1e6)::bigint::text)::json
from faults.copy c where c.id = h.order_id and c.n % {one_in} = 0;)";

steady::duration looked_at_for() { return is_long_form() ? 5s : 3s; }

/// Processor time of all nodes so far, in seconds.
double processor_time(cluster_under_test& cluster) {
  double ticks = 0;
  for (std::size_t i = 0; i < nodes; ++i) {
    std::ifstream in{fmt::format("/proc/{}/stat", cluster.process(i).pid())};
    std::string word;
    for (int field = 1; field <= 15 && in >> word; ++field)
      if (field >= 14) ticks += std::stod(word);
  }
  return ticks / static_cast<double>(::sysconf(_SC_CLK_TCK));
}

/// The share of a core that all nodes together take while nobody asks anything.
double idle_share(cluster_under_test& cluster, steady::duration span) {
  auto before = processor_time(cluster);
  auto from = steady::now();
  std::this_thread::sleep_for(span);
  return (processor_time(cluster) - before) / seconds(steady::now() - from);
}

void stop_all(cluster_under_test& cluster) {
  for (std::size_t i = 0; i < nodes; ++i) cluster.kill(i);
}

void start_all(cluster_under_test& cluster) {
  for (std::size_t i = 0; i < nodes; ++i) cluster.start(i);
  REQUIRE(cluster.await_settled(60s));
}

}  // namespace

TEST_CASE(
    "fault 19: of a hundred thousand open deadlines each fires within a second, and waiting costs next to nothing",
    "[fault-19]") {
  cluster_under_test cluster{nodes};
  auto town = open_kitchens(cluster, kitchens);
  std::set<int> shards;
  for (const auto& each : town) {
    if (!shards.insert(each.shard).second) continue;  // the positions of a shard's copies are counted from one sample
    system_tests::http_request order{
        "POST", "/v1/orders/checkout", checkout_body(each), {{"Idempotency-Key", system_tests::new_uuid()}}};
    insist(cluster, "CUSTOMER", system_tests::new_uuid(), order, 201);
  }
  auto before = idle_share(cluster, looked_at_for());
  stop_all(cluster);
  cluster.db().rows(fmt::format(multiply, fmt::arg("per_sample", open_orders / static_cast<int>(shards.size()))));
  cluster.db().rows(fmt::format(make_due, fmt::arg("one_in", open_orders / due_orders),
                                fmt::arg("per_second", due_per_second), fmt::arg("lead", until_first_due.count())));
  start_all(cluster);
  auto all_open = cluster.db().number("select count(*) from ordering.order_head where open");
  std::this_thread::sleep_for(rest_after_start);
  auto with_all = idle_share(cluster, looked_at_for());
  INFO("the nodes took too long to start: the first deadlines passed while waiting was measured");
  REQUIRE(cluster.db().number("select count(*) from faults.copy where deadline < clock_timestamp()") == 0);
  CHECK(all_open >= open_orders * 99 / 100);
  note_figure(19, "open deadlines", static_cast<double>(all_open), "");
  CHECK(meets(19, "timer work, share of a core", with_all - before, "", at_most(0.05), at_most(0.5)));

  auto due_left = [&] {
    return cluster.db().number(
        "select count(*) from ordering.order_head h join faults.copy c on c.id = h.order_id "
        "where h.open and c.deadline < clock_timestamp() + interval '1 hour'");
  };
  CHECK(eventually(
      60s, [&] { return due_left() == 0; }, 500ms));
  auto late = cluster.db().column(
      "select extract(epoch from j.at - c.deadline) from faults.copy c join ordering.journal j on j.entity_id = c.id "
      "where j.type = 'order.rejected'");
  std::vector<double> lateness;
  for (const auto& each : late) lateness.push_back(std::stod(each));
  CHECK(lateness.size() >= due_orders * 9 / 10);
  note_figure(19, "deadlines that passed", static_cast<double>(lateness.size()), "");
  CHECK(in_time(19, "fired late, p99", percentile(lateness, 0.99), 1));
  CHECK(meets(19, "fired early, most", -percentile(lateness, 0), "s", at_most(0)));
  CHECK(verdict(cluster) == std::vector<std::string>{});
}

}  // namespace dabba::fault_tests
