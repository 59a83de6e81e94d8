#include "persistence/postgres/migrate.hpp"

#include <algorithm>
#include <vector>

namespace dabba::postgres {
namespace {

constexpr auto make_table = R"(
create table if not exists public.dabba_migration (
  number     integer primary key,
  name       text not null,
  sha256     text not null,
  applied_at timestamptz not null default clock_timestamp()
))";

// "dabba" as a number; an advisory lock belongs to the session and ends with it, whatever happens.
constexpr statement try_lock{"migrate_lock", "select pg_try_advisory_lock(431130567265)"};
constexpr statement table_exists{"migrate_table_exists", "select to_regclass('public.dabba_migration') is not null"};
constexpr statement unlock{"migrate_unlock", "select pg_advisory_unlock(431130567265)"};
constexpr statement list{"migrate_list", "select number, name, sha256 from public.dabba_migration order by number"};
constexpr statement record{
    "migrate_record", "insert into public.dabba_migration (number, name, sha256) values ($1, $2, $3)"};

struct applied_migration {
  std::int32_t number;
  std::string name;
  std::string sha256;
};

template <class T>
using or_sentence = tl::expected<T, std::string>;

std::string title(const migration& m) { return std::to_string(m.number) + " (" + std::string{m.name} + ")"; }

or_sentence<std::vector<applied_migration>> applied(connection& conn, deadline until) {
  auto exists = conn.run(call{&table_exists, {}}, until);
  if (!exists) return tl::unexpected{exists.error().message};
  std::vector<applied_migration> all;
  if (!exists->get<bool>(0, 0)) return all;
  auto result = conn.run(call{&list, {}}, until);
  if (!result) return tl::unexpected{result.error().message};
  for (std::size_t i = 0; i < result->size(); ++i)
    all.push_back({result->get<std::int32_t>(i, 0), result->get<std::string>(i, 1), result->get<std::string>(i, 2)});
  return all;
}

/// What was applied must be a beginning of what this build has.
std::optional<std::string> conflict(std::span<const applied_migration> have, std::span<const migration> wanted) {
  for (std::size_t i = 0; i < have.size(); ++i) {
    auto number = std::to_string(have[i].number);
    if (i >= wanted.size() || have[i].number > wanted[i].number)
      return i >= wanted.size() ? "the database has migration " + number + " (" + have[i].name +
                                      "), which this program does not know: it is older than the database"
                                : "the database lacks migration " + title(wanted[i]) + " but has later ones";
    if (have[i].number < wanted[i].number) return "this program lacks migration " + number + " (" + have[i].name + ")";
    if (have[i].sha256 != wanted[i].sha256)
      return "migration " + title(wanted[i]) + " has changed since it was applied";
  }
  return std::nullopt;
}

expected<void> apply(connection& conn, const migration& m, deadline until) {
  auto begun = conn.run(call{&begin_statement, {}}, until);
  if (!begun) return tl::unexpected{begun.error()};
  auto done = conn.execute("set local statement_timeout = 0;\n" + std::string{m.sql}, until);
  if (!done) return done;
  auto noted =
      conn.run(call{&record, {encode(m.number), encode(std::string{m.name}), encode(std::string{m.sha256})}}, until);
  if (!noted) return tl::unexpected{noted.error()};
  auto committed = conn.run(call{&commit_statement, {}}, until);
  if (!committed) return tl::unexpected{committed.error()};
  return {};
}

or_sentence<std::size_t> apply_missing(connection& conn, std::span<const migration> wanted, deadline until) {
  if (auto made = conn.execute(make_table, until); !made) return tl::unexpected{made.error().message};
  auto have = applied(conn, until);
  if (!have) return tl::unexpected{have.error()};
  if (auto wrong = conflict(*have, wanted)) return tl::unexpected{*wrong};
  auto missing = wanted.subspan(have->size());
  for (const auto& m : missing) {
    auto done = apply(conn, m, until);
    if (done) continue;
    auto why = done.error().message;
    conn.roll_back(until);
    return tl::unexpected{"migration " + title(m) + " failed: " + why};
  }
  return missing.size();
}

}  // namespace

tl::expected<std::size_t, std::string> migrate(connection& conn, std::span<const migration> wanted, deadline until) {
  for (;;) {
    auto locked = conn.run(call{&try_lock, {}}, until);
    if (!locked) return tl::unexpected{locked.error().message};
    if (locked->get<bool>(0, 0)) break;
    if (!session::pause(until)) return tl::unexpected{std::string{"another program has been migrating for too long"}};
  }
  auto result = apply_missing(conn, wanted, until);
  if (auto unlocked = conn.run(call{&unlock, {}}, until); !unlocked && result)
    return tl::unexpected{unlocked.error().message};
  return result;
}

std::optional<std::string> schema_problem(connection& conn, deadline until) {
  auto have = applied(conn, until);
  if (!have) return have.error();
  // A newer schema serves, too: migrations keep the version before them working, so that nodes can be replaced one by
  // one.
  auto known = std::span{*have}.first(std::min(have->size(), migrations().size()));
  if (auto wrong = conflict(known, migrations())) return wrong;
  if (have->size() < migrations().size())
    return "the database lacks migration " + title(migrations()[have->size()]) + ": migrate it";
  return std::nullopt;
}

}  // namespace dabba::postgres
