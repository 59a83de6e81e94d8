#include "persistence/postgres/redemptions.hpp"

#include <algorithm>
#include <set>
#include <tuple>

namespace dabba::postgres {
namespace {

// What is given back goes to a row that nobody holds, or, if all are held, to one that is waited for. Promotions are
// locked in the order of their ids. This statement and the one that takes may still wait for each other's rows in
// another transaction: then the server ends one of the two, which is written again.
constexpr statement release{"journal_release", R"(
with freed as (
  update promotion.redemption r set active = false, released_at = w.at
  from unnest($1::uuid[], $2::uuid[], $3::timestamptz[]) as w(order_id, promotion_id, at)
  where r.order_id = w.order_id and r.promotion_id = w.promotion_id and r.active
  returning r.promotion_id),
counted as materialized (
  select promotion_id, count(*) as n from freed group by promotion_id order by promotion_id),
picked as materialized (
  select c.promotion_id, c.n, coalesce(
    (select a.part from promotion.allowance a where a.promotion_id = c.promotion_id
     order by (a.part + $4) % $5 limit 1 for no key update skip locked),
    (select a.part from promotion.allowance a where a.promotion_id = c.promotion_id
     order by (a.part + $4) % $5 limit 1 for no key update)) as part
  from counted c)
update promotion.allowance a set remaining = a.remaining + p.n
from picked p
where a.promotion_id = p.promotion_id and a.part = p.part)"};

// A customer's use gets the lowest number that is free. Who has none left adds no row: the count of rows tells. Of two
// transactions that choose the same number the second waits, and then breaks the unique index.
constexpr statement reserve{"journal_reserve", R"(
insert into promotion.redemption (promotion_id, order_id, customer_id, redeemed_at, use, active)
select w.promotion_id, w.order_id, w.customer_id, w.at, u.use, true
from unnest($1::uuid[], $2::uuid[], $3::uuid[], $4::timestamptz[], $5::integer[])
     as w(promotion_id, order_id, customer_id, at, per_customer)
left join lateral (
  select n as use from generate_series(0, w.per_customer - 1) as n
  where not exists (select from promotion.redemption r
                    where r.customer_id = w.customer_id and r.promotion_id = w.promotion_id and r.use = n and r.active)
  order by n limit 1) as u on true
where w.per_customer is null or u.use is not null)"};

// All that a batch needs of a promotion comes from one row: from one that nobody holds, or else from one that is waited
// for. Where no row has so many left, nothing is taken, and the count of rows tells: then the batch is halved until a
// row has enough, or none is left.
constexpr statement take_allowance{"journal_take_allowance", R"(
with picked as materialized (
  select w.promotion_id, w.n, coalesce(
    (select a.part from promotion.allowance a where a.promotion_id = w.promotion_id and a.remaining >= w.n
     order by (a.part + $3) % $4 limit 1 for no key update skip locked),
    (select a.part from promotion.allowance a where a.promotion_id = w.promotion_id and a.remaining >= w.n
     order by (a.part + $3) % $4 limit 1 for no key update)) as part
  from unnest($1::uuid[], $2::bigint[]) as w(promotion_id, n))
update promotion.allowance a set remaining = a.remaining - p.n
from picked p
where a.promotion_id = p.promotion_id and a.part = p.part)"};

// What the batch itself gives back ($5, orders) is in nobody's way.
constexpr statement find_spent_uses{"find_spent_uses", R"(
select w.i
from unnest($1::bigint[], $2::uuid[], $3::uuid[], $4::integer[]) as w(i, promotion_id, customer_id, per_customer)
where w.per_customer <= (select count(*) from promotion.redemption r
                         where r.customer_id = w.customer_id and r.promotion_id = w.promotion_id and r.active
                           and r.use < w.per_customer and r.order_id <> all ($5::uuid[])))"};

constexpr statement find_allowances{"find_allowances", R"(
select a.promotion_id, sum(a.remaining)::bigint
from unnest($1::uuid[]) as w(promotion_id)
join promotion.allowance a on a.promotion_id = w.promotion_id
group by a.promotion_id)"};

bool is_reserve(const redemption_change& x) noexcept { return x.what == redemption_change::kind::reserve; }

/// The row a node tries first: nodes that use one promotion at the same time begin at different rows.
std::int16_t first_part(node_id node) noexcept {
  return static_cast<std::int16_t>(node.value.bytes.back() % allowance_parts);
}

}  // namespace

void redemption_rows::add(const append& a) {
  for (const auto& r : a.redemptions) {
    (is_reserve(r) ? reserved_ : released_).push_back({r.promotion, r.customer, r.order, r.per_customer, a.at});
    if (is_reserve(r) && r.is_counted) ++counted_[r.promotion];
  }
}

void redemption_rows::take(write_plan& p, node_id node) {
  auto first = encode(first_part(node));
  auto parts = encode(allowance_parts);
  if (!released_.empty()) {
    array_of<uuid> order, promotion;
    array_of<instant> at;
    for (const auto& r : released_) order.push(r.order.value), promotion.push(r.promotion.value), at.push(r.at);
    p.add({&release, {order.take(), promotion.take(), at.take(), first, parts}}, 0);
  }
  if (!reserved_.empty()) {
    // In one order, so that two transactions with the same customers don't wait for each other.
    std::ranges::sort(reserved_, {}, [](const change& r) { return std::tuple{r.promotion, r.customer}; });
    array_of<uuid> promotion, order, customer;
    array_of<instant> at;
    array_of<std::int32_t> per_customer;
    for (const auto& r : reserved_) {
      promotion.push(r.promotion.value), order.push(r.order.value), customer.push(r.customer.value);
      at.push(r.at), per_customer.push(r.per_customer);
    }
    p.add({&reserve, {promotion.take(), order.take(), customer.take(), at.take(), per_customer.take()}},
          reserved_.size());
  }
  if (counted_.empty()) return;
  array_of<uuid> promotion;
  array_of<std::int64_t> n;
  for (const auto& [id, count] : counted_) promotion.push(id.value), n.push(count);
  p.add({&take_allowance, {promotion.take(), n.take(), first, parts}}, counted_.size());
}

call spent_uses_call(std::span<const append* const> commands) {
  array_of<std::int64_t> i;
  array_of<uuid> promotion, customer, released;
  array_of<std::int32_t> per_customer;
  for (std::size_t n = 0; n < commands.size(); ++n)
    for (const auto& r : commands[n]->redemptions) {
      if (!is_reserve(r)) released.push(r.order.value);
      if (!is_reserve(r) || !r.per_customer) continue;
      i.push(static_cast<std::int64_t>(n + 1));
      promotion.push(r.promotion.value);
      customer.push(r.customer.value);
      per_customer.push(*r.per_customer);
    }
  return {&find_spent_uses, {i.take(), promotion.take(), customer.take(), per_customer.take(), released.take()}};
}

call allowances_call(std::span<const append* const> commands) {
  std::set<promotion_id> wanted;
  for (const auto* a : commands)
    for (const auto& r : a->redemptions)
      if (is_reserve(r) && r.is_counted) wanted.insert(r.promotion);
  array_of<uuid> promotion;
  for (auto id : wanted) promotion.push(id.value);
  return {&find_allowances, {promotion.take()}};
}

void note_used_up(std::vector<finding>& findings, std::span<const append* const> commands, const rows& allowances) {
  std::map<promotion_id, std::int64_t> left;
  for (std::size_t row = 0; row < allowances.size(); ++row)
    left[promotion_id{allowances.get<uuid>(row, 0)}] = allowances.get<std::int64_t>(row, 1);
  // What the batch itself gives back can be had again.
  for (const auto* a : commands)
    for (const auto& r : a->redemptions)
      if (!is_reserve(r) && r.is_counted) ++left[r.promotion];
  for (std::size_t i = 0; i < commands.size(); ++i) {
    if (findings[i]) continue;
    auto is_out = [&left](const redemption_change& r) {
      return is_reserve(r) && r.is_counted && left[r.promotion] <= 0;
    };
    if (std::ranges::any_of(commands[i]->redemptions, is_out)) {
      findings[i] = tl::unexpected{errc::promotion_used_up};
      continue;
    }
    for (const auto& r : commands[i]->redemptions)
      if (is_reserve(r) && r.is_counted) --left[r.promotion];
  }
}

}  // namespace dabba::postgres
