/// Sessions, their refresh tokens, and attempts to begin one.
#include <cmath>

#include "persistence/postgres/account_rows.hpp"
#include "persistence/postgres/identity.hpp"

namespace dabba::postgres {
namespace {

// Whoever deactivates the account, deletes it or changes its password waits, and ends the new session too.
constexpr statement lock_signer{"lock_signer", R"(
select from account.account
where account_id = $1 and password_hash = $2 and status = 'ACTIVE' for share)"};
constexpr statement insert_session{"insert_session", R"(
insert into account.session (session_id, account_id, token_hash, expires_at)
values ($2, $1, $3, now() + make_interval(secs => $4)))"};
constexpr statement end_oldest{"end_oldest_sessions", R"(
delete from account.session
where session_id in (select session_id from account.session where account_id = $1
                     order by rotated_at desc, session_id offset $2))"};
// A few more than one session adds, so that what has expired goes away by itself.
constexpr statement clear_expired{"clear_expired_sessions", R"(
delete from account.session
where session_id in (select session_id from account.session where expires_at < now() limit 20 for update skip locked))"};

constexpr statement lock_session{"lock_session", "select " DABBA_ACCOUNT_COLUMNS R"(,
  s.token_hash = $2, coalesce(s.previous_hash = $2 and s.rotated_at > now() - make_interval(secs => $3), false),
  coalesce(s.seed, ''), s.expires_at > now()
from account.session s join account.account a using (account_id)
where s.session_id = $1 and a.deleted_at is null and a.status = 'ACTIVE' for update of s)"};
constexpr statement renew_session{"renew_session", R"(
update account.session
set previous_hash = token_hash, token_hash = $2, seed = $3, rotated_at = now(),
    expires_at = least(now() + make_interval(secs => $4), created_at + make_interval(secs => $5))
where session_id = $1)"};
constexpr statement end_session{"end_session", "delete from account.session where session_id = $1"};
constexpr statement close_own_session{"close_session", R"(
delete from account.session where session_id = $1 and $2 in (token_hash, previous_hash))"};
constexpr statement select_sessions{"sessions_of", R"(
select session_id, created_at, rotated_at from account.session
where account_id = $1 and expires_at > now() order by created_at, session_id)"};

// The generic cell rate algorithm: `free_at` is when all attempts so far will have been paid for, one every `$2` (`$4`)
// seconds; what lies further ahead than the window is refused. The account's is counted only if the network's was let
// through, so that one network can't use up everybody's.
constexpr statement count_attempt{"count_login", R"(
with network as (
  insert into account.attempt as t (subject, free_at) values ($1, now() + make_interval(secs => $2))
  on conflict (subject) do update set free_at = greatest(t.free_at, now()) + make_interval(secs => $2)
  where t.free_at + make_interval(secs => $2) <= now() + make_interval(secs => $5)
  returning 1),
account as (
  insert into account.attempt as t (subject, free_at)
  select $3, now() + make_interval(secs => $4) where exists (select from network)
  on conflict (subject) do update set free_at = greatest(t.free_at, now()) + make_interval(secs => $4)
  where t.free_at + make_interval(secs => $4) <= now() + make_interval(secs => $5)
  returning 1)
select exists (select from account), exists (select from network),
  coalesce((select extract(epoch from free_at - now())::double precision from account.attempt where subject = $1), 0),
  coalesce((select extract(epoch from free_at - now())::double precision from account.attempt where subject = $3), 0))"};
constexpr statement clear_attempts{"clear_logins", R"(
delete from account.attempt
where subject in (select subject from account.attempt where free_at < now() limit 20 for update skip locked))"};
constexpr statement forget_attempts{"forgive_account", "delete from account.attempt where subject = $1"};
constexpr statement forgive_attempt{"forgive_network", R"(
update account.attempt set free_at = free_at - make_interval(secs => $2) where subject = $1)"};

double seconds(std::chrono::duration<double> time) { return time.count(); }
double between(int attempts) { return seconds(limits::login_window) / attempts; }

constexpr int account_columns = 11;

}  // namespace

result_of<void> identity::open_session(user_id of, const std::string& password_hash, const new_session& made) {
  return write([&](transaction& now) -> result_of<void> {
    auto owner = encode(of.value);
    auto locked = now.run(lock_signer, {owner, encode(password_hash)});
    if (!locked) return now.failed();
    if (locked->size() == 0) return tl::unexpected{errc::not_found};
    auto lifetime = encode(seconds(limits::session_unused));
    auto most = encode(static_cast<std::int64_t>(limits::sessions_per_account));
    if (!now.run(insert_session, {owner, encode(made.id.value), encode(made.token_hash), lifetime}) ||
        !now.run(end_oldest, {owner, most}) || !now.run(clear_expired))
      return now.failed();
    return {};
  });
}

result_of<rotated> identity::rotate_session(const rotation& what) {
  return write([&](transaction& now) -> result_of<rotated> {
    auto id = encode(what.session.value);
    auto locked = now.run(lock_session, {id, encode(what.presented_hash), encode(seconds(limits::rotation_patience))});
    if (!locked) return now.failed();
    bool is_alive = locked->size() == 1 && locked->get<bool>(0, account_columns + 3);
    if (!is_alive) return rotated{};
    auto who = credentials_at(*locked, 0);
    if (!who) return tl::unexpected{errc::internal};
    if (locked->get<bool>(0, account_columns)) {
      auto renewed =
          now.run(renew_session, {id, encode(what.next_hash), encode(what.seed),
                                  encode(seconds(limits::session_unused)), encode(seconds(limits::session_lifetime))});
      if (!renewed) return now.failed();
      return rotated{rotated::outcome::renewed, std::move(who->who), what.seed};
    }
    if (locked->get<bool>(0, account_columns + 1))
      return rotated{rotated::outcome::repeated, std::move(who->who), locked->get<std::string>(0, account_columns + 2)};
    if (!now.run(end_session, {id})) return now.failed();
    return rotated{rotated::outcome::reused, std::move(who->who), {}};
  });
}

result_of<void> identity::close_session(session_id which, const std::string& presented_hash) {
  return write([&](transaction& now) -> result_of<void> {
    if (!now.run(close_own_session, {encode(which.value), encode(presented_hash)})) return now.failed();
    return {};
  });
}

result_of<std::vector<session_facts>> identity::sessions(user_id of) {
  auto found = read(select_sessions, {encode(of.value)});
  if (!found) return tl::unexpected{found.error()};
  std::vector<session_facts> all;
  for (std::size_t row = 0; row < found->size(); ++row)
    all.push_back({{found->get<uuid>(row, 0)}, found->get<instant>(row, 1), found->get<instant>(row, 2)});
  return all;
}

result_of<std::optional<std::chrono::seconds>> identity::admit_login(const login_subjects& who) {
  using answer = result_of<std::optional<std::chrono::seconds>>;
  return write([&](transaction& now) -> answer {
    auto window = seconds(limits::login_window);
    if (!now.run(clear_attempts)) return now.failed();
    auto counted =
        now.run(count_attempt, {encode(who.network), encode(between(limits::logins_per_network)), encode(who.account),
                                encode(between(limits::logins_per_account)), encode(window)});
    if (!counted) return now.failed();
    if (counted->get<bool>(0, 0)) return std::nullopt;
    bool is_network_fine = counted->get<bool>(0, 1);
    auto ahead = counted->get<double>(0, is_network_fine ? 3 : 2);
    auto step = between(is_network_fine ? limits::logins_per_account : limits::logins_per_network);
    // A subject that another transaction has just counted is not in what this one saw.
    auto wait = std::max(1.0, std::ceil(ahead + step - window));
    return std::chrono::seconds{static_cast<std::int64_t>(wait)};
  });
}

result_of<void> identity::forgive_login(const login_subjects& who) {
  return write([&](transaction& now) -> result_of<void> {
    auto step = encode(between(limits::logins_per_network));
    if (!now.run(forgive_attempt, {encode(who.network), step}) || !now.run(forget_attempts, {encode(who.account)}))
      return now.failed();
    return {};
  });
}

}  // namespace dabba::postgres
