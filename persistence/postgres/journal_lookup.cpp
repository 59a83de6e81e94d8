#include "persistence/postgres/journal_lookup.hpp"

#include <array>

#include "persistence/postgres/redemptions.hpp"

namespace dabba::postgres {
namespace {

// Each answers with the ordinals (from 1) of the commands it found.
constexpr statement find_written{"find_written", R"(
select w.i, j.position, j.seq
from unnest($1::uuid[], $2::uuid[]) with ordinality as w(entity_id, command_id, i)
join ordering.journal j on j.entity_id = w.entity_id and j.command_id = w.command_id and j.command_index = 0)"};

constexpr statement find_stale{"find_stale", R"(
select w.i
from unnest($1::uuid[], $2::smallint[], $3::bigint[]) with ordinality as w(id, kind, expected, i)
left join ordering.order_head o on w.kind = 0 and o.order_id = w.id
left join catalog.restaurant_head r on w.kind = 1 and r.restaurant_id = w.id
left join delivery.partner_head p on w.kind = 2 and p.partner_id = w.id
where coalesce(o.version, r.version, p.version, 0) <> w.expected)"};
static_assert(static_cast<int>(entity_kind::order) == 0 && static_cast<int>(entity_kind::restaurant) == 1 &&
              static_cast<int>(entity_kind::partner) == 2);

// What the batch itself gives back ($5, orders) is in nobody's way.
constexpr statement find_taken_orders{"find_taken_orders", R"(
select w.i
from unnest($1::bigint[], $2::uuid[]) as w(i, order_id)
join delivery.assignment a on a.order_id = w.order_id and a.active
where a.order_id <> all ($3::uuid[]))"};
constexpr statement find_taken_slots{"find_taken_slots", R"(
select w.i
from unnest($1::bigint[], $2::uuid[], $3::smallint[]) as w(i, partner_id, slot)
join delivery.assignment a on a.partner_id = w.partner_id and a.slot = w.slot and a.active
where a.order_id <> all ($4::uuid[]))"};

constexpr statement find_licences{"find_licences", R"(
select w.i
from unnest($1::bigint[], $2::uuid[], $3::text[]) as w(i, restaurant_id, license_number)
join catalog.restaurant_head r on r.license_number = w.license_number and r.restaurant_id <> w.restaurant_id)"};

constexpr statement find_keys{"find_keys", R"(
select w.i
from unnest($1::bigint[], $2::uuid[], $3::text[]) as w(i, caller, key)
join messaging.idempotency k on k.caller = w.caller and k.key = w.key)"};

// A change that all nodes have to see, as every one of an epoch.
constexpr statement raise_epochs{"raise_epochs", R"(
with raised as (
  update cluster.shard s set epoch = w.highest + 1
  from unnest($1::smallint[], $2::bigint[], $3::bigint[]) as w(id, lowest, highest)
  where s.id = w.id and s.owner = $4 and s.epoch between w.lowest and w.highest
  returning s.id),
version as (
  update cluster.cluster set view_version = view_version + 1 where exists (select from raised))
select id from raised)"};

call written_call(std::span<const append* const> commands) {
  array_of<uuid> entity;
  array_of<uuid> command;
  for (const auto* a : commands) {
    entity.push(a->entity.id);
    command.push(a->command.value);
  }
  return {&find_written, {entity.take(), command.take()}};
}

call stale_call(std::span<const append* const> commands) {
  array_of<uuid> id;
  array_of<std::int16_t> kind;
  array_of<std::int64_t> expected;
  for (const auto* a : commands) {
    id.push(a->entity.id);
    kind.push(static_cast<std::int16_t>(a->entity.kind));
    expected.push(static_cast<std::int64_t>(a->first_seq - 1));
  }
  return {&find_stale, {id.take(), kind.take(), expected.take()}};
}

/// The orders that the commands give back.
parameter ended_orders(std::span<const append* const> commands) {
  array_of<uuid> orders;
  for (const auto* a : commands)
    for (const auto& c : a->assignments)
      if (c.what == assignment_change::kind::end) orders.push(c.order.value);
  return orders.take();
}

call taken_orders_call(std::span<const append* const> commands) {
  array_of<std::int64_t> i;
  array_of<uuid> order;
  for (std::size_t n = 0; n < commands.size(); ++n)
    for (const auto& c : commands[n]->assignments)
      if (c.what == assignment_change::kind::begin) {
        i.push(static_cast<std::int64_t>(n + 1));
        order.push(c.order.value);
      }
  return {&find_taken_orders, {i.take(), order.take(), ended_orders(commands)}};
}

call taken_slots_call(std::span<const append* const> commands) {
  array_of<std::int64_t> i;
  array_of<uuid> partner;
  array_of<std::int16_t> slot;
  for (std::size_t n = 0; n < commands.size(); ++n)
    for (const auto& c : commands[n]->assignments)
      if (c.what == assignment_change::kind::begin) {
        i.push(static_cast<std::int64_t>(n + 1));
        partner.push(c.partner.value);
        slot.push(static_cast<std::int16_t>(c.slot));
      }
  return {&find_taken_slots, {i.take(), partner.take(), slot.take(), ended_orders(commands)}};
}

call licences_call(std::span<const append* const> commands) {
  array_of<std::int64_t> i;
  array_of<uuid> restaurant;
  array_of<std::string> licence;
  for (std::size_t n = 0; n < commands.size(); ++n)
    if (const auto* r = std::get_if<restaurant_columns>(&commands[n]->columns)) {
      i.push(static_cast<std::int64_t>(n + 1));
      restaurant.push(commands[n]->entity.id);
      licence.push(r->license_number);
    }
  return {&find_licences, {i.take(), restaurant.take(), licence.take()}};
}

call keys_call(std::span<const append* const> commands) {
  array_of<std::int64_t> i;
  array_of<uuid> caller;
  array_of<std::string> key;
  for (std::size_t n = 0; n < commands.size(); ++n)
    if (const auto& answer = commands[n]->answer) {
      i.push(static_cast<std::int64_t>(n + 1));
      caller.push(answer->caller.value);
      key.push(answer->key);
    }
  return {&find_keys, {i.take(), caller.take(), key.take()}};
}

std::size_t ordinal(const rows& found, std::size_t row) {
  return static_cast<std::size_t>(found.get<std::int64_t>(row, 0)) - 1;
}

void note(std::vector<finding>& findings, const rows& found, errc why) {
  for (std::size_t row = 0; row < found.size(); ++row) {
    auto& f = findings[ordinal(found, row)];
    if (!f) f = tl::unexpected{why};
  }
}

std::uint64_t number(const rows& found, std::size_t row, std::size_t column) {
  return static_cast<std::uint64_t>(found.get<std::int64_t>(row, column));
}

}  // namespace

expected<std::vector<finding>> examine(connection& conn, std::span<const append* const> commands, deadline until) {
  std::array calls{
      written_call(commands),     keys_call(commands),     stale_call(commands),      taken_orders_call(commands),
      taken_slots_call(commands), licences_call(commands), spent_uses_call(commands), allowances_call(commands)};
  auto a = conn.run(calls, until);
  if (a.error) return tl::unexpected{std::move(*a.error)};
  std::vector<finding> findings(commands.size());
  for (std::size_t row = 0; row < a.results[0].size(); ++row)
    findings[ordinal(a.results[0], row)] = appended{number(a.results[0], row, 1), number(a.results[0], row, 2)};
  // A repeated request must learn of its first answer, so the key comes before what the first one changed.
  note(findings, a.results[1], errc::idempotency_key_exists);
  note(findings, a.results[2], errc::stale_version);
  note(findings, a.results[3], errc::offer_no_longer_available);
  note(findings, a.results[4], errc::partner_at_capacity);
  note(findings, a.results[5], errc::licence_number_taken);
  note(findings, a.results[6], errc::promotion_already_used);
  note_used_up(findings, commands, a.results[7]);
  return findings;
}

expected<resolution> resolve(connection& conn, std::span<const epoch_raise> shards,
                             std::span<const append* const> commands, node_id node, deadline until) {
  array_of<std::int16_t> id;
  array_of<std::int64_t> lowest;
  array_of<std::int64_t> highest;
  for (const auto& s : shards) {
    id.push(static_cast<std::int16_t>(s.shard.value));
    lowest.push(static_cast<std::int64_t>(s.lowest));
    highest.push(static_cast<std::int64_t>(s.highest));
  }
  std::array calls{
      call{&begin_statement, {}}, call{&raise_epochs, {id.take(), lowest.take(), highest.take(), encode(node.value)}},
      written_call(commands), call{&commit_statement, {}}};
  auto a = conn.run(calls, until);
  if (a.error) {
    conn.roll_back(until);
    return tl::unexpected{std::move(*a.error)};
  }
  resolution r;
  for (std::size_t row = 0; row < a.results[1].size(); ++row)
    r.still_ours.push_back({static_cast<std::uint16_t>(a.results[1].get<std::int16_t>(row, 0))});
  r.written.resize(commands.size());
  // The transaction in question came as far as COMMIT, so that none of its commands was there before.
  for (std::size_t row = 0; row < a.results[2].size(); ++row)
    r.written[ordinal(a.results[2], row)] = appended{number(a.results[2], row, 1), {}};
  return r;
}

}  // namespace dabba::postgres
