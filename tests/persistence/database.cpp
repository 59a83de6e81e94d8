#include "tests/persistence/database.hpp"

#include <libpq-fe.h>
#include <unistd.h>

#include <atomic>
#include <cstdlib>
#include <memory>
#include <stdexcept>

#include "persistence/postgres/migrate.hpp"

namespace dabba::tests {
namespace {

/// A conninfo string with one of its values replaced.
std::string with(const std::string& conninfo, const std::string& keyword, const std::string& value) {
  std::unique_ptr<PQconninfoOption, decltype(&PQconninfoFree)> parsed{
      PQconninfoParse(conninfo.c_str(), nullptr), PQconninfoFree};
  if (!parsed) throw std::runtime_error{"no PostgreSQL URL: " + conninfo};
  std::string text;
  for (auto* o = parsed.get(); o->keyword != nullptr; ++o) {
    bool replaced = o->keyword == keyword;
    if (!replaced && o->val == nullptr) continue;
    text += std::string{text.empty() ? "" : " "} + o->keyword + "='" + (replaced ? value : std::string{o->val}) + "'";
  }
  return text;
}

std::string test_server() {
  const char* url = std::getenv("DABBA_TEST_DATABASE");
  if (url == nullptr || *url == '\0')
    throw std::runtime_error{
        "DABBA_TEST_DATABASE must hold the URL of a PostgreSQL superuser; scripts/test.sh sets it"};
  return url;
}

postgres::connection open(const postgres::connect_options& options) {
  auto conn = postgres::connection::open(options, in(10s));
  if (!conn) throw std::runtime_error{conn.error().message};
  return std::move(*conn);
}

void run_script(const std::string& url, const std::string& sql) {
  auto done = open({url, "test", ""}).execute(sql, in(60s));
  if (!done) throw std::runtime_error{sql + ": " + done.error().message};
}

std::string unique_name() {
  static std::atomic<int> count{0};
  return "dabba_test_" + std::to_string(getpid()) + "_" + std::to_string(++count);
}

}  // namespace

scratch_database::scratch_database() : scratch_database(test_server()) {}

scratch_database::scratch_database(const std::string& server_url)
    : server_(server_url), name_(unique_name()), url_(with(server_url, "dbname", name_)) {
  run_script(server_, "drop database if exists " + name_ + " with (force)");
  run_script(server_, "create database " + name_);
}

scratch_database::~scratch_database() {
  try {
    run_script(server_, "drop database if exists " + name_ + " with (force)");
  } catch (const std::exception&) {
    // A server that a test has stopped takes the database with it.
  }
}

std::string scratch_database::url_through(std::uint16_t port) const {
  // Encrypted, the proxy would not see what goes by.
  return with(with(url_, "port", std::to_string(port)), "sslmode", "disable");
}

std::uint16_t scratch_database::port() const {
  return static_cast<std::uint16_t>(number("select current_setting('port')::bigint"));
}

postgres::connect_options scratch_database::options(const std::string& application_name) const {
  return {url_, application_name, ""};
}

postgres::connection scratch_database::connect(const std::string& settings) const {
  return open({url_, "test", settings});
}

std::int64_t scratch_database::number(const std::string& sql) const { return std::stoll(ask(sql)); }

std::string scratch_database::ask(const std::string& sql) const {
  std::lock_guard lock{mutex_};
  if (!admin_ || PQstatus(admin_.get()) != CONNECTION_OK) admin_ = {PQconnectdb(url_.c_str()), PQfinish};
  std::unique_ptr<PGresult, decltype(&PQclear)> result{PQexec(admin_.get(), sql.c_str()), PQclear};
  auto status = PQresultStatus(result.get());
  if (status == PGRES_COMMAND_OK) return "";
  if (status != PGRES_TUPLES_OK) throw std::runtime_error{sql + ": " + PQerrorMessage(admin_.get())};
  return PQntuples(result.get()) > 0 ? PQgetvalue(result.get(), 0, 0) : "";
}

const scratch_database& migrated_database() {
  static const scratch_database database;
  static const bool migrated = [] {
    auto conn = database.connect();
    auto done = postgres::migrate(conn, postgres::migrations(), in(60s));
    if (!done) throw std::runtime_error{done.error()};
    return true;
  }();
  (void)migrated;
  return database;
}

instant real_now() {
  auto since_epoch = std::chrono::system_clock::now().time_since_epoch();
  return {std::chrono::duration_cast<duration>(since_epoch).count()};
}

test_node::test_node(const scratch_database& database) : id(node_id::make(real_now())) {
  postgres::cluster cluster{database.options(), {}};
  if (!cluster.ensure_shards(test_shards)) throw std::runtime_error{"no shards"};
  run_script(database.url(), "update cluster.node set state = 'dead'");  // the tests before
  if (!cluster.join({id, "127.0.0.1", 1, "http://127.0.0.1:1", 1})) throw std::runtime_error{"not joined"};
  auto view = [&] { return cluster.view().value(); };
  take_over all;
  for (const auto& s : view().shards) all.shards.push_back({s.id, s.epoch});
  if (!cluster.change(id, come_up{view().version}).value() || !cluster.change(id, all).value())
    throw std::runtime_error{"shards not taken"};
  for (const auto& s : view().shards)
    if (s.owner == id) shards.push_back({s.id, s.epoch});
}

postgres::journal_store test_node::writer(const postgres::connect_options& options) const {
  postgres::journal_store store{id, options, {}};
  for (const auto& s : shards) store.own(s.id, s.epoch);
  return store;
}

namespace {

append any_append(const owned_shard& shard, entity_ref entity, std::uint64_t first_seq, std::size_t events,
                  const std::string& type) {
  append a;
  a.shard = shard.id;
  a.epoch = shard.epoch;
  a.entity = entity;
  a.first_seq = first_seq;
  a.command = command_id::make(real_now());
  for (std::size_t i = 0; i < events; ++i)
    a.events.push_back({type, 1, R"({"n":)" + std::to_string(first_seq + i) + "}"});
  a.at = {1'700'000'000'000'000 + static_cast<std::int64_t>(first_seq)};
  a.state = R"({"version":)" + std::to_string(first_seq + events - 1) + "}";
  return a;
}

}  // namespace

append order_append(const owned_shard& shard, order_id order, std::uint64_t first_seq, std::size_t events) {
  auto a = any_append(shard, ref(order), first_seq, events, "order.accepted");
  order_columns c;
  c.status = order_status::accepted;
  c.placed_at = {1'700'000'000'000'000};
  c.zone = {0x8000'0000'0000'0001};
  a.columns = c;
  return a;
}

append restaurant_append(const owned_shard& shard, restaurant_id restaurant, std::uint64_t first_seq,
                         const std::string& licence) {
  auto a = any_append(shard, ref(restaurant), first_seq, 1, "restaurant.registered");
  restaurant_columns c;
  c.license_number = licence;
  a.columns = c;
  return a;
}

append partner_append(const owned_shard& shard, partner_id partner, std::uint64_t first_seq) {
  auto a = any_append(shard, ref(partner), first_seq, 1, "partner.went_online");
  a.columns = partner_columns{shift_status::online};
  return a;
}

assignment_change begins(order_id order, partner_id partner, std::uint8_t slot) {
  return {assignment_change::kind::begin, order, partner, slot};
}

assignment_change ends(order_id order, partner_id partner, std::uint8_t slot) {
  return {assignment_change::kind::end, order, partner, slot};
}

result_of<appended> write_one(postgres::journal_store& writer, const append& a) {
  return writer.write(std::span{&a, 1}).front();
}

}  // namespace dabba::tests
