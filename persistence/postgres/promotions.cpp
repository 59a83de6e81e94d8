#include "persistence/postgres/promotions.hpp"

#include <algorithm>

#include "persistence/postgres/redemptions.hpp"
#include "protocols/model/limits.hpp"

namespace dabba::postgres {
namespace {

// -- Reads: the definition, how many are used, how many by a customer, the serial ------------------------------------

constexpr statement select_one{"promotion_find", R"(
select p.definition,
       coalesce(p.total_limit - (select sum(a.remaining)::bigint from promotion.allowance a
                                 where a.promotion_id = p.promotion_id), 0),
       (select count(*) from promotion.redemption r
        where r.customer_id = $2 and r.promotion_id = p.promotion_id and r.active),
       p.serial
from promotion.promotion p
where p.promotion_id = $1)"};

constexpr statement select_code{"promotion_find_code", R"(
select p.definition,
       coalesce(p.total_limit - (select sum(a.remaining)::bigint from promotion.allowance a
                                 where a.promotion_id = p.promotion_id), 0),
       (select count(*) from promotion.redemption r
        where r.customer_id = $2 and r.promotion_id = p.promotion_id and r.active),
       p.serial
from promotion.promotion p
where p.code = $1 and p.active and p.code is not null)"};

constexpr statement select_deals{"promotion_deals", R"(
select definition, 0::bigint, 0::bigint, serial
from promotion.promotion
where active and code is null and ends_at > $1
order by ends_at, promotion_id limit $2)"};

constexpr statement select_usage{"promotion_usage", R"(
select '{}'::json,
       coalesce(p.total_limit - (select sum(a.remaining)::bigint from promotion.allowance a
                                 where a.promotion_id = p.promotion_id), 0),
       (select count(*) from promotion.redemption r
        where r.customer_id = $2 and r.promotion_id = w.promotion_id and r.active),
       coalesce(p.serial, 0)
from unnest($1::uuid[]) with ordinality as w(promotion_id, i)
left join promotion.promotion p on p.promotion_id = w.promotion_id
order by w.i)"};

constexpr statement select_page{"promotion_list", R"(
select p.definition,
       coalesce(p.total_limit - (select sum(a.remaining)::bigint from promotion.allowance a
                                 where a.promotion_id = p.promotion_id), 0),
       0::bigint, p.serial
from promotion.promotion p
where p.serial < $1
order by p.serial desc limit $2)"};

// -- Writes ----------------------------------------------------------------------------------------------------------

// Held until the end: versions are written one after the other.
constexpr statement lock_promotion{"promotion_lock", R"(
select version, total_limit from promotion.promotion where promotion_id = $1 for no key update)"};

constexpr statement insert_promotion{"promotion_insert", R"(
insert into promotion.promotion (promotion_id, version, code, active, starts_at, ends_at, total_limit, restaurants,
                                 definition)
values ($1, $2, $3, $4, $5, $6, $7, $8::uuid[], $9::json))"};
constexpr statement update_promotion{"promotion_update", R"(
update promotion.promotion
set version = $2, code = $3, active = $4, starts_at = $5, ends_at = $6, total_limit = $7, restaurants = $8::uuid[],
    definition = $9::json
where promotion_id = $1)"};
constexpr statement insert_version{"promotion_version", R"(
insert into promotion.version (promotion_id, version, changed_by, changed_at, definition)
values ($1, $2, $3, $4, $5::json))"};

// Shares what is left of a limit out anew. Where more is used than there may be, one row says so: what is given back
// counts against it.
constexpr statement drop_allowance{"promotion_drop_allowance", R"(
delete from promotion.allowance where promotion_id = $1 returning remaining)"};
constexpr statement share_allowance{"promotion_share_allowance", R"(
insert into promotion.allowance (promotion_id, part, remaining)
select $1, i, $2 / $3 + case when i < $2 % $3 then 1 else 0 end
from generate_series(0, $3 - 1) as i)"};

/// A row has at least what a whole batch may want, so that small limits are not in small change.
std::int64_t parts_of(std::int64_t remaining) {
  constexpr auto per_part = static_cast<std::int64_t>(2 * limits::commands_per_batch);
  return std::clamp<std::int64_t>(remaining / per_part, 1, allowance_parts);
}

parameter null_or(const std::optional<std::int64_t>& x) {
  if (x) return encode(*x);
  return {wire<std::int64_t>::oid, true, {}};
}
parameter null_or_text(const std::string& x) {
  if (!x.empty()) return encode(x);
  return {wire<std::string>::oid, true, {}};
}

std::vector<parameter> columns_of(const promotion_change& x) {
  array_of<uuid> restaurants;
  for (auto each : x.what.restaurants) restaurants.push(each.value);
  return {encode(x.what.id.value),
          encode(static_cast<std::int64_t>(x.what.version)),
          null_or_text(x.what.code),
          encode(x.what.is_active),
          encode(x.what.starts_at),
          encode(x.what.ends_at),
          null_or(x.what.total_limit),
          restaurants.take(),
          encode(x.text)};
}

std::vector<call> share_calls(promotion_id which, std::int64_t remaining) {
  return {{&share_allowance, {encode(which.value), encode(remaining), encode(parts_of(remaining))}}};
}

deadline patience() { return std::chrono::steady_clock::now() + limits::store_patience; }

}  // namespace

promotions::promotions(connect_options options, session::reporter report)
    : session_{std::move(options), std::move(report)} {}

result_of<std::vector<promotion_record>> promotions::read(const statement& what, std::vector<parameter> values) {
  auto until = patience();
  auto found = session_.read({&what, std::move(values)}, until, until);
  if (!found) return tl::unexpected{errc::unavailable};
  std::vector<promotion_record> all;
  all.reserve(found->size());
  for (std::size_t row = 0; row < found->size(); ++row)
    all.push_back({found->get<json_text>(row, 0), found->get<std::int64_t>(row, 1),
                   static_cast<std::int32_t>(found->get<std::int64_t>(row, 2)), found->get<std::int64_t>(row, 3)});
  return all;
}

result_of<std::optional<promotion_record>> promotions::read_one(const statement& what, std::vector<parameter> values) {
  auto found = read(what, std::move(values));
  if (!found) return tl::unexpected{found.error()};
  if (found->empty()) return std::nullopt;
  return std::move(found->front());
}

result_of<std::optional<promotion_record>> promotions::find(promotion_id which, std::optional<user_id> customer) {
  return read_one(select_one, {encode(which.value), encode(customer.value_or(user_id{}).value)});
}

result_of<std::optional<promotion_record>> promotions::find_code(const std::string& code, user_id customer) {
  return read_one(select_code, {encode(code), encode(customer.value)});
}

result_of<std::vector<promotion_record>> promotions::deals(instant now, std::size_t limit) {
  return read(select_deals, {encode(now), encode(static_cast<std::int64_t>(limit))});
}

result_of<std::vector<promotion_record>> promotions::usage(std::span<const promotion_id> which, user_id customer) {
  array_of<uuid> ids;
  for (auto each : which) ids.push(each.value);
  return read(select_usage, {ids.take(), encode(customer.value)});
}

result_of<std::vector<promotion_record>> promotions::list(std::int64_t before, std::size_t limit) {
  return read(select_page, {encode(before), encode(static_cast<std::int64_t>(limit))});
}

errc promotions::failed(const db_error& why) const {
  session_.report("a promotion could not be written: " + why.message);
  if (why.what == db_error::kind::lost || why.is_transient()) return errc::unavailable;
  return why.is_about_data() ? errc::invalid_argument : errc::internal;
}

result_of<void> promotions::write(const promotion_change& change) {
  auto until = patience();
  auto conn = session_.ready(until);
  if (!conn) return tl::unexpected{errc::unavailable};
  auto done = write_on(**conn, change, until);
  if (!done) (*conn)->roll_back(patience());
  return done;
}

result_of<void> promotions::write_on(connection& conn, const promotion_change& change, deadline until) {
  const auto& what = change.what;
  auto id = encode(what.id.value);
  std::array first{call{&begin_statement, {}}, call{&lock_promotion, {id}}};
  auto begun = conn.run(first, until);
  if (begun.error) return tl::unexpected{failed(*begun.error)};
  const auto& before = begun.results[1];
  bool is_new = before.size() == 0;
  auto latest = is_new ? std::int64_t{0} : before.get<std::int64_t>(0, 0);
  if (static_cast<std::uint64_t>(latest) + 1 != what.version) return tl::unexpected{errc::stale_version};
  auto limit_before = is_new ? what.total_limit : before.maybe<std::int64_t>(0, 1);
  if (limit_before.has_value() != what.total_limit.has_value()) return tl::unexpected{errc::invalid_argument};

  std::vector<call> next{{is_new ? &insert_promotion : &update_promotion, columns_of(change)},
                         {&insert_version,
                          {id, encode(static_cast<std::int64_t>(what.version)), encode(change.by.value),
                           encode(change.at), encode(change.text)}}};
  bool is_shared_anew = what.total_limit && (is_new || *limit_before != *what.total_limit);
  if (is_shared_anew) next.push_back({&drop_allowance, {id}});
  auto written = conn.run(next, until);
  if (written.error) {
    // Beside its key, which is locked or new, only the code is unique; a new key that is there by now is a rival's.
    bool is_taken = written.error->sqlstate == "23505";
    if (is_taken) return tl::unexpected{what.is_deal() ? errc::stale_version : errc::promotion_code_taken};
    return tl::unexpected{failed(*written.error)};
  }
  std::vector<call> last;
  if (is_shared_anew) {
    auto remaining = is_new ? *what.total_limit : *what.total_limit - *limit_before;
    const auto& dropped = written.results.back();
    for (std::size_t row = 0; row < dropped.size(); ++row) remaining += dropped.get<std::int64_t>(row, 0);
    last = share_calls(what.id, remaining);
  }
  if (!last.empty())
    if (auto shared = conn.run(last, until); shared.error) return tl::unexpected{failed(*shared.error)};
  auto committed = conn.run(call{&commit_statement, {}}, patience());
  if (committed) return {};
  if (committed.error().what == db_error::kind::lost) return tl::unexpected{errc::outcome_unknown};
  return tl::unexpected{failed(committed.error())};
}

}  // namespace dabba::postgres
