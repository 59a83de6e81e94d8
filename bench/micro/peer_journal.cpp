#include "bench/micro/peer_journal.hpp"

#include <fmt/core.h>
#include <filesystem>
#include <stdexcept>

#include "bench/micro/child_process.hpp"
#include "bench/micro/program.hpp"

namespace dabba::bench {
namespace {

constexpr int threads = 2;
constexpr std::chrono::seconds grace{20};  // to connect, and for the last transactions

// The journal's own columns, constraints and indexes, and no foreign table to ask. The sequence takes numbers in
// advance, as cheaply as PostgreSQL can.
constexpr auto schema = R"sql(
create schema peer;
create table peer.journal (like ordering.journal including all);
create sequence peer.position cache 100;
)sql";

// Ids rise as the platform's do, and the payload is as long as that of an accepted order.
constexpr auto script = R"sql(
insert into peer.journal (entity_id, command_id, position, seq, epoch, at, version, shard, entity_kind, command_index,
                          feed, type, payload)
select id, id, n, 1, 1, clock_timestamp(), 1, (n & 255)::smallint, 0, 0, id, 'order.accepted',
       '{"preparationMinutes":20,"readyBy":1795160000000000,"estimatedDeliveryAt":1795161000000000}'
from (select n, lpad(to_hex(n), 32, '0')::uuid as id from nextval('peer.position') as n) as next;
)sql";

std::string pgbench() {
  if (auto folder = environment("DABBA_PGBIN")) return *folder + "/pgbench";
  return "/usr/lib/postgresql/15/bin/pgbench";
}

}  // namespace

peer_journal::peer_journal(const own_database& database) : database_{database} {
  if (!std::filesystem::exists(pgbench())) throw std::runtime_error{pgbench() + " was not found"};
  database.execute(schema);
}

double peer_journal::transactions_per_second(std::chrono::seconds time) const {
  child_process program{{pgbench(), "-n", "-M", "prepared", "-c", std::to_string(clients), "-j",
                         std::to_string(threads), "-T", std::to_string(time.count()), "-f", "-", database_.url()}};
  program.write(script);
  auto said = program.finish(time + grace);
  auto at = said.find("tps = ");
  if (at == std::string::npos) throw std::runtime_error{"pgbench said: " + said};
  return std::stod(said.substr(at + 6));
}

}  // namespace dabba::bench
