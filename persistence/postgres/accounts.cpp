/// Accounts themselves.
#include "persistence/postgres/account_rows.hpp"
#include "persistence/postgres/answers.hpp"
#include "persistence/postgres/identity.hpp"
#include "persistence/postgres/order_archive.hpp"

namespace dabba::postgres {
namespace {

constexpr statement insert_account{"insert_account", R"(
insert into account.account
  (account_id, role, email, password_hash, name, phone, language, created_at, approval, answered_to)
values ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10)
on conflict (email) do nothing)"};
constexpr statement select_by_id{
    "account_by_id",
    "select " DABBA_ACCOUNT_COLUMNS " from account.account a where a.account_id = $1 and a.deleted_at is null"};
constexpr statement select_by_email{
    "account_by_email", "select " DABBA_ACCOUNT_COLUMNS " from account.account a where a.email = $1"};
constexpr statement lock_account{
    "lock_account",
    "select version, password_hash, answered_to from account.account where account_id = $1 and deleted_at is null "
    "for update"};
// All of them, in one order: of two administrators who remove each other one waits, and finds itself the last.
constexpr statement lock_admins{"lock_administrators", R"(
select account_id from account.account
where role = 'ADMIN' and status = 'ACTIVE' and deleted_at is null
  and exists (select from account.account where account_id = $1 and role = 'ADMIN')
order by account_id for update)"};
constexpr statement email_of_another{
    "email_of_another", "select exists (select from account.account where email = $2 and account_id <> $1)"};
constexpr statement update_account{"update_account", R"(
update account.account a
set version = version + 1, email = coalesce($2, email), name = coalesce($3, name), phone = coalesce($4, phone),
    language = coalesce($5, language), password_hash = coalesce($6, password_hash)
where a.account_id = $1
returning )" DABBA_ACCOUNT_COLUMNS};
constexpr statement update_hash{"renew_hash", R"(
update account.account set password_hash = $3 where account_id = $1 and password_hash = $2)"};
constexpr statement update_status{"set_account_status", R"(
update account.account a
set version = version + 1, status = $2, status_reason = $3
where a.account_id = $1 and a.deleted_at is null
returning )" DABBA_ACCOUNT_COLUMNS};

constexpr statement update_approval{"set_account_approval", R"(
update account.account a
set version = version + 1, approval = $2, status_reason = $3
where a.account_id = $1 and a.role = 'PARTNER' and a.deleted_at is null
returning )" DABBA_ACCOUNT_COLUMNS};

// One statement per index. Without a cursor the page begins after the end of time.
constexpr statement list_any{"accounts_of_any_role", "select " DABBA_ACCOUNT_COLUMNS R"( from account.account a
where a.deleted_at is null and (a.created_at, a.account_id) < ($1, $2) and ($3 is null or a.status = $3)
order by a.created_at desc, a.account_id desc limit $4)"};
constexpr statement list_role{"accounts_of_role", "select " DABBA_ACCOUNT_COLUMNS R"( from account.account a
where a.deleted_at is null and (a.created_at, a.account_id) < ($1, $2) and ($3 is null or a.status = $3)
  and a.role = $5
order by a.created_at desc, a.account_id desc limit $4)"};

constexpr statement end_sessions{"end_sessions_of", "delete from account.session where account_id = $1"};
constexpr statement delete_addresses{"delete_addresses_of", "delete from account.address where account_id = $1"};
constexpr statement blank_account{"blank_account", R"(
update account.account
set version = version + 1, email = null, password_hash = null, name = '', phone = '', language = '',
    status_reason = '', deleted_at = $2, answered_to = null
where account_id = $1)"};
constexpr statement select_secret{"shared_secret", "select value from account.secret"};

constexpr instant end_of_time{INT64_MAX};
constexpr uuid last_uuid{{255, 255, 255, 255, 255, 255, 255, 255, 255, 255, 255, 255, 255, 255, 255, 255}};

result_of<account> only_account(const rows& found) {
  if (found.size() == 0) return tl::unexpected{errc::not_found};
  auto read = credentials_at(found, 0);
  if (!read) return tl::unexpected{errc::internal};
  return std::move(read->who);
}

/// Locks the administrators, when the account is one of them.
result_of<bool> is_last_admin(transaction& now, user_id who) {
  auto admins = now.run(lock_admins, {encode(who.value)});
  if (!admins) return now.failed();
  return admins->size() == 1 && admins->get<uuid>(0, 0) == who.value;
}

// Every query has its index. Planned while its table is small, it would read the whole table, and go on to.
connect_options identity_options(connect_options options) {
  options.settings += " -c enable_seqscan=off";
  return options;
}

}  // namespace

identity::identity(connect_options options, session::reporter report)
    : session_{identity_options(std::move(options)), std::move(report)} {}

result_of<rows> identity::read(const statement& what, std::vector<parameter> values) {
  auto to_run = std::chrono::steady_clock::now() + limits::store_patience;
  auto result = session_.read({&what, std::move(values)}, asked_at_ + limits::store_patience, to_run);
  if (result) return std::move(*result);
  return tl::unexpected{errc::unavailable};
}

result_of<std::optional<credentials>> identity::read_one(const statement& what, parameter key) {
  auto found = read(what, {std::move(key)});
  if (!found) return tl::unexpected{found.error()};
  if (found->size() == 0) return std::nullopt;
  auto one = credentials_at(*found, 0);
  if (!one) return tl::unexpected{errc::internal};
  return one;
}

result_of<void> identity::create_account(const new_account& made) {
  return write([&](transaction& now) -> result_of<void> {
    const auto& who = made.who;
    if (auto kept = keep_answer(now, made.answer, who.created_at); !kept) return kept;
    std::optional<uuid> answered_to;
    if (made.answer) answered_to = made.answer->caller.value;
    auto inserted =
        now.run(insert_account, {encode(who.id.value), encode(to_string(who.role)), encode(who.email),
                                 encode(made.password_hash), encode(who.name), encode(who.phone), encode(who.language),
                                 encode(who.created_at), encode(to_string(who.approval)), encode(answered_to)});
    if (!inserted) return now.failed();
    if (inserted->affected() == 0) return tl::unexpected{errc::email_taken};
    return {};
  });
}

result_of<std::optional<credentials>> identity::account_by_id(user_id who) {
  return read_one(select_by_id, encode(who.value));
}

result_of<std::optional<credentials>> identity::account_by_email(const std::string& email) {
  return read_one(select_by_email, encode(email));
}

result_of<account> identity::change_account(user_id who, const account_change& change,
                                            std::optional<std::uint64_t> expected) {
  return write([&](transaction& now) -> result_of<account> {
    auto id = encode(who.value);
    auto locked = now.run(lock_account, {id});
    if (!locked) return now.failed();
    if (locked->size() == 0) return tl::unexpected{errc::not_found};
    auto version = static_cast<std::uint64_t>(locked->get<std::int64_t>(0, 0));
    if (expected.value_or(version) != version) return tl::unexpected{errc::stale_version};
    if (change.ends_sessions() && locked->get<std::string>(0, 1) != change.compared_hash)
      return tl::unexpected{errc::wrong_password};
    if (change.email) {
      auto taken = now.run(email_of_another, {id, encode(*change.email)});
      if (!taken) return now.failed();
      if (taken->get<bool>(0, 0)) return tl::unexpected{errc::email_taken};
    }
    if (change.ends_sessions() && !now.run(end_sessions, {id})) return now.failed();
    auto updated = now.run(update_account, {id, encode(change.email), encode(change.name), encode(change.phone),
                                            encode(change.language), encode(change.password_hash)});
    if (!updated) {
      // Somebody else took the address between the question and the update.
      return now.error()->sqlstate == "23505" ? now.failed_as(errc::email_taken) : now.failed();
    }
    return only_account(*updated);
  });
}

result_of<bool> identity::renew_hash(user_id who, const std::string& before, const std::string& after) {
  return write([&](transaction& now) -> result_of<bool> {
    auto updated = now.run(update_hash, {encode(who.value), encode(before), encode(after)});
    if (!updated) return now.failed();
    return updated->affected() == 1;
  });
}

result_of<account> identity::set_status(user_id who, account_status status, const std::string& reason) {
  return write([&](transaction& now) -> result_of<account> {
    auto id = encode(who.value);
    if (status == account_status::deactivated) {
      auto is_last = is_last_admin(now, who);
      if (!is_last) return tl::unexpected{is_last.error()};
      if (*is_last) return tl::unexpected{errc::illegal_transition};
    }
    auto updated = now.run(update_status, {id, encode(to_string(status)), encode(reason)});
    if (!updated) return now.failed();
    if (status == account_status::deactivated && !now.run(end_sessions, {id})) return now.failed();
    return only_account(*updated);
  });
}

result_of<account> identity::set_approval(user_id who, account_approval approval, const std::string& reason) {
  return write([&](transaction& now) -> result_of<account> {
    auto updated = now.run(update_approval, {encode(who.value), encode(to_string(approval)), encode(reason)});
    if (!updated) return now.failed();
    return only_account(*updated);
  });
}

result_of<std::vector<account>> identity::accounts(const account_filter& filter, std::optional<account_cursor> after,
                                                   std::size_t limit) {
  if (filter.email) {
    auto one = account_by_email(*filter.email);
    if (!one) return tl::unexpected{one.error()};
    bool fits = *one && !after && filter.role.value_or((*one)->who.role) == (*one)->who.role &&
                filter.status.value_or((*one)->who.status) == (*one)->who.status;
    return fits ? std::vector{std::move((*one)->who)} : std::vector<account>{};
  }
  auto from = after.value_or(account_cursor{end_of_time, {last_uuid}});
  std::optional<std::string> status;
  if (filter.status) status = to_string(*filter.status);
  std::vector<parameter> values{
      encode(from.created_at), encode(from.account.value), encode(status), encode(static_cast<std::int64_t>(limit))};
  if (filter.role) values.push_back(encode(to_string(*filter.role)));
  auto found = read(filter.role ? list_role : list_any, std::move(values));
  if (!found) return tl::unexpected{found.error()};
  std::vector<account> page;
  for (std::size_t row = 0; row < found->size(); ++row) {
    auto one = credentials_at(*found, row);
    if (!one) return tl::unexpected{errc::internal};
    page.push_back(std::move(one->who));
  }
  return page;
}

result_of<void> identity::erase_account(user_id who, instant now_is) {
  return write([&](transaction& now) -> result_of<void> {
    auto id = encode(who.value);
    auto is_last = is_last_admin(now, who);
    if (!is_last) return tl::unexpected{is_last.error()};
    if (*is_last) return tl::unexpected{errc::illegal_transition};
    auto locked = now.run(lock_account, {id});
    if (!locked) return now.failed();
    if (locked->size() == 0) return tl::unexpected{errc::not_found};
    auto is_owner = has_restaurants(now, who);
    if (!is_owner) return tl::unexpected{is_owner.error()};
    if (*is_owner) return tl::unexpected{errc::owns_restaurant};
    auto has_orders = has_orders_to_forget(now, who);
    if (!has_orders) return tl::unexpected{has_orders.error()};
    if (*has_orders) return tl::unexpected{errc::open_orders};
    if (!now.run(end_sessions, {id}) || !now.run(delete_addresses, {id})) return now.failed();
    if (auto forgotten = forget_answers_to(now, who); !forgotten) return forgotten;
    if (auto caller = locked->maybe<uuid>(0, 2))
      if (auto forgotten = forget_answer(now, {*caller}, to_string(who)); !forgotten) return forgotten;
    if (!now.run(blank_account, {id, encode(now_is)})) return now.failed();
    return {};
  });
}

result_of<std::string> identity::shared_secret() {
  auto found = read(select_secret, {});
  if (!found) return tl::unexpected{found.error()};
  if (found->size() == 0) return tl::unexpected{errc::internal};
  return found->get<std::string>(0, 0);
}

}  // namespace dabba::postgres
