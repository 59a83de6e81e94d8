#include "persistence/postgres/durability.hpp"

namespace dabba::postgres {
namespace {

constexpr statement settings_off{
    "durability_settings",
    "select name, setting from pg_settings"
    " where name in ('fsync', 'full_page_writes', 'synchronous_commit') and setting = 'off'"};

// Only who replays the log reports how far it has come with that; a base backup and a receiver of the log do not. A
// logical subscriber does, but has a slot, which everybody may see. Of the rest a role without pg_monitor sees no more
// than the names.
constexpr statement copies_of_the_log{"durability_copies", R"(
select current_setting('synchronous_standby_names'),
       current_setting('synchronous_commit') = 'local',
       coalesce(string_agg(who, ', ') filter (where replay_lsn is not null), ''),
       coalesce(string_agg(who, ', ') filter (where state is null), '')
from pg_stat_replication r, concat_ws(' at ', application_name, host(client_addr)) who
where not exists (select from pg_replication_slots s where s.active_pid = r.pid and s.slot_type = 'logical'))"};

struct replication {
  std::string synchronous_names;  ///< the setting; empty: commits wait for no standby
  bool is_local = false;          ///< commits wait for no standby, whoever is named
  std::string standbys;           ///< that replay, for people
  std::string unseen;             ///< that the role may not look at, for people

  [[nodiscard]] bool waits_for_nobody() const noexcept { return is_local || synchronous_names.empty(); }
};

tl::expected<std::string, std::string> read_settings_off(connection& conn, deadline until) {
  auto off = conn.run(call{&settings_off, {}}, until);
  if (!off) return tl::unexpected{off.error().message};
  std::string names;
  for (std::size_t i = 0; i < off->size(); ++i) names += (i == 0 ? "" : ", ") + off->get<std::string>(i, 0);
  return names;
}

tl::expected<replication, std::string> read_replication(connection& conn, deadline until) {
  auto found = conn.run(call{&copies_of_the_log, {}}, until);
  if (!found) return tl::unexpected{found.error().message};
  return replication{found->get<std::string>(0, 0), found->get<bool>(0, 1), found->get<std::string>(0, 2),
                     found->get<std::string>(0, 3)};
}

/// Nothing when commits wait for a standby, or there is none to be seen: then `local` is as good as `on`.
std::optional<std::string> standby_problem(const replication& x) {
  const auto& standbys = x.standbys.empty() ? x.synchronous_names : x.standbys;
  if (!x.waits_for_nobody() || standbys.empty()) return std::nullopt;
  std::string remedy = x.synchronous_names.empty() ? "name it in synchronous_standby_names" : "";
  if (x.is_local) remedy += (remedy.empty() ? "" : " and ") + std::string{"set synchronous_commit to on, not local"};
  return "PostgreSQL may lose acknowledged commits in a failover, since they do not wait for its standby (" + standbys +
         "): " + remedy;
}

}  // namespace

tl::expected<void, std::string> check_durability(connection& conn, bool allow_unsafe, deadline until,
                                                 const session::reporter& report) {
  auto off = read_settings_off(conn, until);
  if (!off) return tl::unexpected{off.error()};
  auto copies = read_replication(conn, until);
  if (!copies) return tl::unexpected{copies.error()};
  if (copies->waits_for_nobody() && !copies->unseen.empty())
    report("this role may not see whether the log's copies (" + copies->unseen +
           ") are asynchronous standbys: grant pg_monitor to it");
  auto problem = standby_problem(*copies);
  if (!off->empty()) problem = "PostgreSQL may lose acknowledged commits in a crash: off is " + *off;
  if (!problem) return {};
  if (!allow_unsafe) return tl::unexpected{*problem};
  report(*problem + ". Started all the same, as allow-unsafe-database says: for benchmarks only");
  return {};
}

}  // namespace dabba::postgres
