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
constexpr statement select_sessions{"sessions_of", R"(
select session_id, created_at, rotated_at from account.session
where account_id = $1 and expires_at > now() order by created_at, session_id)"};

// The generic cell rate algorithm: `free_at` is when all failures so far will have been paid for, one every so many
// seconds (its step); the next attempt may come when its step ends within the window.
constexpr statement select_wait{"login_wait", R"(
select coalesce(max(extract(epoch from t.free_at - now())::double precision + l.step - $7), 0)
from (values ($1, $2::double precision), ($3, $4::double precision), ($5, $6::double precision)) as l (subject, step)
join account.attempt t on t.subject = l.subject)"};
// In the same order whoever writes, so that two that share some do not wait for each other.
constexpr statement count_failure{"count_failed_login", R"(
insert into account.attempt as t (subject, free_at)
select l.subject, now() + make_interval(secs => l.step)
from (values (1, $1, $2::double precision), (2, $3, $4::double precision), (3, $5, $6::double precision))
  as l (place, subject, step)
order by l.place
on conflict (subject) do update set free_at = greatest(t.free_at, now()) + (excluded.free_at - now()))"};
constexpr statement clear_attempts{"clear_logins", R"(
delete from account.attempt
where subject in (select subject from account.attempt where free_at < now() limit 20 for update skip locked))"};
constexpr statement forgive_pair{"forgive_logins", "delete from account.attempt where subject = $1"};

double seconds(std::chrono::duration<double> time) { return time.count(); }
double between(int attempts) { return seconds(limits::login_window) / attempts; }

/// The subjects, each with its step.
std::vector<parameter> steps_of(const login_subjects& who) {
  return {encode(who.network), encode(between(limits::failed_logins_of_network)),
          encode(who.account), encode(between(limits::failed_logins_of_account)),
          encode(who.pair),    encode(between(limits::failed_logins))};
}

constexpr int account_columns = 12;

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

result_of<void> identity::close_session(session_id which) {
  return write([&](transaction& now) -> result_of<void> {
    if (!now.run(end_session, {encode(which.value)})) return now.failed();
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

result_of<std::optional<std::chrono::seconds>> identity::login_wait(const login_subjects& who) {
  auto values = steps_of(who);
  values.push_back(encode(seconds(limits::login_window)));
  auto found = read(select_wait, std::move(values));
  if (!found) return tl::unexpected{found.error()};
  auto wait = found->get<double>(0, 0);
  if (wait <= 0) return std::nullopt;
  return std::chrono::seconds{static_cast<std::int64_t>(std::ceil(wait))};
}

result_of<void> identity::count_failed_login(const login_subjects& who) {
  return write([&](transaction& now) -> result_of<void> {
    if (!now.run(clear_attempts) || !now.run(count_failure, steps_of(who))) return now.failed();
    return {};
  });
}

result_of<void> identity::forgive_logins(const login_subjects& who) {
  return write([&](transaction& now) -> result_of<void> {
    if (!now.run(forgive_pair, {encode(who.pair)})) return now.failed();
    return {};
  });
}

}  // namespace dabba::postgres
