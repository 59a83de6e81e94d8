#include "tests/faults/support/cluster_under_test.hpp"

#include <exception>
#include <fstream>
#include <iostream>
#include <thread>

#include <fmt/format.h>

namespace dabba::fault_tests {
namespace {

constexpr milliseconds pause_between_looks{50};
/// A node's start, and a lease after it.
constexpr milliseconds full_term{1'000 + 6'500};
constexpr int shard_count = 256;
constexpr std::string_view host = "@127.0.0.1:";

/// The tables know the present only. Triggers on what changes seldom (never on what every batch of the journal updates)
/// keep the past: who owned what with which epoch, and what became of the nodes.
constexpr const char* book = R"(
create schema faults;
create table faults.ownership (
  n bigint generated always as identity primary key,
  shard smallint not null, epoch bigint not null, owner uuid, at timestamptz not null default clock_timestamp());
create function faults.note_owner() returns trigger language plpgsql as $$
begin
  insert into faults.ownership (shard, epoch, owner) values (new.id, new.epoch, new.owner);
  return null;
end $$;
create trigger note_owner after update of owner, epoch on cluster.shard for each row
  when (new.owner is distinct from old.owner or new.epoch is distinct from old.epoch)
  execute function faults.note_owner();
create table faults.node_state (
  n bigint generated always as identity primary key,
  node uuid not null, state text not null, was text not null, at timestamptz not null default clock_timestamp());
create function faults.note_state() returns trigger language plpgsql as $$
begin
  insert into faults.node_state (node, state, was) values (new.node_id, new.state, old.state);
  return null;
end $$;
create trigger note_state after update of state on cluster.node for each row
  when (new.state is distinct from old.state) execute function faults.note_state();)";

/// One row: shards that are not as they should be, the most and the fewest shards of an owner, how many own any.
constexpr const char* settledness = R"(
with owned as (select s.owner, count(*) as shards from cluster.shard s group by s.owner)
select (select count(*) from cluster.shard s left join cluster.node n on n.node_id = s.owner
        where s.state <> 'owned' or n.state is distinct from 'up'),
       (select max(shards) - min(shards) from owned), (select count(*) from owned),
       (select count(*) from cluster.node where state in ('joining', 'draining')))";

constexpr const char* owned_by_any_of = R"(
select count(*) from cluster.shard s join cluster.node n on n.node_id = s.owner
where n.node_id in ({}) and n.state in ('up', 'draining') and n.lease_until > clock_timestamp())";

}  // namespace

cluster_under_test::cluster_under_test(std::size_t nodes, std::vector<std::string> flags)
    : database_{postgres_.url()},
      db_{database_.url()},
      flags_{std::move(flags)},
      exceptions_before_{std::uncaught_exceptions()} {
  system_tests::raise_file_limit();
  system_tests::run_dabba({"migrate", "--database", database()});
  system_tests::run_dabba({"token", "--new-key", signing_key()});
  tokens_ = std::make_unique<system_tests::token_maker>(signing_key());
  keep_book();
  for (std::size_t i = 0; i < nodes; ++i) start(add());
  if (nodes > 0 && !await_settled()) throw std::runtime_error{"the cluster does not settle:\n" + log(0)};
}

cluster_under_test::~cluster_under_test() {
  if (std::uncaught_exceptions() <= exceptions_before_) return;
  for (std::size_t i = 0; i < size(); ++i) std::cerr << "the end of the log of node " << i << ":\n" << log(i) << '\n';
}

void cluster_under_test::keep_book() { db_.rows(book); }

// -- Nodes -----------------------------------------------------------------------------------------------------------

std::vector<std::uint16_t> cluster_under_test::ports() const {
  std::vector<std::uint16_t> all;
  for (const auto& each : nodes_) all.push_back(each.port);
  return all;
}

std::size_t cluster_under_test::add(node_setup setup) {
  auto number = nodes_.size();
  nodes_.push_back({system_tests::free_port(),
                    std::move(setup),
                    nullptr,
                    folder_.path() / fmt::format("node-{}.log", number),
                    {},
                    {}});
  return number;
}

void cluster_under_test::start(std::size_t number) {
  auto& node = nodes_.at(number);
  std::vector<std::string> command;
  if (!node.setup.environment.empty()) {
    command.emplace_back("/usr/bin/env");
    command.insert(command.end(), node.setup.environment.begin(), node.setup.environment.end());
  }
  const auto& url = node.setup.database.empty() ? database() : node.setup.database;
  command.insert(
      command.end(), {DABBA_PROGRAM, "node", "--database", url, "--listen", fmt::format("127.0.0.1:{}", node.port),
                      "--signing-key", signing_key(), "--web-root", DABBA_WEB_ROOT, "--trust-unknown-callers"});
  command.insert(command.end(), flags_.begin(), flags_.end());
  command.insert(command.end(), node.setup.flags.begin(), node.setup.flags.end());
  node.id_before = id_of(number);
  node.begins_at = steady::now();
  node.process = std::make_unique<child_process>(command, node.log);
}

void cluster_under_test::signal(std::size_t number, int which) {
  auto& node = nodes_.at(number);
  node.process->signal(which);
  if (which == SIGCONT) node.begins_at = steady::now();
}

void cluster_under_test::drain(std::size_t node) {
  system_tests::run_dabba({"cluster", "drain", id_of(node), "--database", database()});
}

bool cluster_under_test::is_running(std::size_t node) {
  auto& process = nodes_.at(node).process;
  return process && process->is_running();
}

bool cluster_under_test::is_ready(std::size_t node) const {
  try {
    return system_tests::http_client{port(node)}.get("/readyz").status == 200;
  } catch (const system_tests::no_answer&) {
    return false;
  }
}

std::string cluster_under_test::log(std::size_t node) const {
  std::ifstream in{nodes_.at(node).log};
  std::string all;
  for (std::string line; std::getline(in, line);)
    if (line.find("\"request method") == std::string::npos) all += line + '\n';
  return all;
}

std::string cluster_under_test::url_of(std::size_t node) const {
  return fmt::format("http://127.0.0.1:{}", port(node));
}

std::string cluster_under_test::token(const std::string& role, const std::string& subject) const {
  return tokens_->token(role, subject);
}

system_tests::http_client cluster_under_test::client(std::size_t node, const std::string& role,
                                                     const std::string& subject) const {
  return system_tests::http_client{port(node), token(role, subject)};
}

// -- The tables ------------------------------------------------------------------------------------------------------

std::string cluster_under_test::id_of(std::size_t node) {
  auto found = db_.column(fmt::format(
      "select node_id from cluster.node where http_url = '{}' order by started_at desc limit 1", url_of(node)));
  return found.empty() ? std::string{} : found.front();
}

std::set<int> cluster_under_test::shards_of(std::size_t node) {
  auto id = id_of(node);
  std::set<int> shards;
  if (id.empty()) return shards;
  for (const auto& each : db_.column(fmt::format("select id from cluster.shard where owner = '{}'", id)))
    shards.insert(std::stoi(each));
  return shards;
}

std::optional<std::size_t> cluster_under_test::owner_of(int shard) {
  for (std::size_t i = 0; i < size(); ++i)
    if (shards_of(i).contains(shard)) return i;
  return std::nullopt;
}

bool cluster_under_test::is_settled() {
  std::int64_t running = 0;
  for (std::size_t i = 0; i < size(); ++i) running += is_running(i);
  auto row = db_.rows(settledness).at(0);
  return row[0] == "0" && !row[1].empty() && std::stoll(row[1]) <= 1 && std::stoll(row[2]) == running && row[3] == "0";
}

bool cluster_under_test::await_settled(milliseconds patience) {
  auto settled = [&] {
    if (!is_settled()) return false;
    for (std::size_t i = 0; i < size(); ++i)
      if (is_running(i) && !is_ready(i)) return false;
    return true;
  };
  return eventually(patience, settled, pause_between_looks);
}

std::uint16_t cluster_under_test::database_port() const {
  return static_cast<std::uint16_t>(std::stoi(database().substr(database().find(host) + host.size())));
}

std::string cluster_under_test::database_through(std::uint16_t port) const {
  auto at = database().find(host) + host.size();
  return database().substr(0, at) + std::to_string(port) + database().substr(database().find('/', at));
}

void cluster_under_test::start_database() {
  postgres_.start();
  for (auto& each : nodes_) each.begins_at = steady::now();  // nobody could renew a lease meanwhile
  db_ = system_tests::queries{database()};
}

void cluster_under_test::await_judge_besides(const std::set<std::size_t>& those) const {
  auto first = steady::now() + full_term;
  for (std::size_t i = 0; i < size(); ++i)
    if (!those.contains(i)) first = std::min(first, nodes_[i].begins_at + full_term);
  std::this_thread::sleep_until(first);
}

bool cluster_under_test::is_owned() {
  std::string running = "null";
  for (std::size_t i = 0; i < size(); ++i)
    if (auto id = id_of(i); is_running(i) && id != nodes_[i].id_before) running += fmt::format(", '{}'", id);
  return db_.number(fmt::format(owned_by_any_of, running)) == shard_count;
}

std::vector<city::seen_owner> cluster_under_test::owners() {
  std::vector<city::seen_owner> all;
  for (const auto& row : db_.rows("select shard, epoch, coalesce(owner::text, '') from faults.ownership order by n"))
    all.push_back({std::stoi(row[0]), std::stoll(row[1]), row[2]});
  return all;
}

bookmark cluster_under_test::mark() {
  return {db_.number("select coalesce(max(n), 0) from faults.ownership"),
          db_.number("select coalesce(max(n), 0) from faults.node_state")};
}

std::int64_t cluster_under_test::moves_since(const bookmark& mark) {
  return db_.number(fmt::format("select count(*) from faults.ownership where n > {}", mark.of_owners));
}

std::int64_t cluster_under_test::most_moves_of_a_shard_since(const bookmark& mark) {
  return db_.number(fmt::format(
      "select coalesce(max(moves), 0) from (select count(*) as moves from faults.ownership "
      "where n > {} group by shard) per_shard",
      mark.of_owners));
}

std::int64_t cluster_under_test::nodes_declared_dead_since(const bookmark& mark) {
  return db_.number(fmt::format(
      "select count(*) from faults.node_state where state = 'dead' and was <> 'draining' and n > {}", mark.of_nodes));
}

}  // namespace dabba::fault_tests
