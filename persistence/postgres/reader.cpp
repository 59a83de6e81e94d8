#include "persistence/postgres/reader.hpp"

#include <algorithm>

#include "protocols/model/limits.hpp"

namespace dabba::postgres {
namespace {

constexpr statement select_open{"open_entities", R"(
select 0::smallint, order_id, version, state, deadline from ordering.order_head where shard = $1 and open
union all
select 1::smallint, restaurant_id, version, state, deadline from catalog.restaurant_head where shard = $1 and open
union all
select 2::smallint, partner_id, version, state, deadline from delivery.partner_head where shard = $1 and open)"};
static_assert(static_cast<int>(entity_kind::order) == 0 && static_cast<int>(entity_kind::restaurant) == 1 &&
              static_cast<int>(entity_kind::partner) == 2);

// A shard can have very many open entities, and nobody waits for one answer of them.
constexpr duration shard_patience = 3 * limits::store_patience;

constexpr statement load_order{"load_order", R"(
select 0::smallint, order_id, version, state, deadline from ordering.order_head where order_id = $1)"};
constexpr statement load_restaurant{"load_restaurant", R"(
select 1::smallint, restaurant_id, version, state, deadline from catalog.restaurant_head where restaurant_id = $1)"};
constexpr statement load_partner{"load_partner", R"(
select 2::smallint, partner_id, version, state, deadline from delivery.partner_head where partner_id = $1)"};

constexpr statement entity_events{"entity_events", R"(
select entity_kind, entity_id, seq, position, type, version, payload, at
from ordering.journal
where entity_id = $1 and seq > $2 and entity_kind = $4
order by seq limit $3)"};
constexpr statement feed_events{"feed_events", R"(
select entity_kind, entity_id, seq, position, type, version, payload, at
from ordering.journal
where shard = $1 and feed = $2 and position > $3
order by position limit $4)"};

constexpr statement select_feed_position{"reader_feed_position", R"(
select coalesce(max(position), 0) from ordering.journal where shard = $1 and feed = $2)"};

// One statement per index. Without a cursor the page begins after the end of time.
constexpr statement orders_of_any_status{"restaurant_orders", R"(
select state from ordering.order_head
where restaurant_id = $1 and (placed_at, order_id) < ($2, $3)
order by placed_at desc, order_id desc limit $4)"};
constexpr statement open_orders_of_status{"restaurant_open_orders", R"(
select state from ordering.order_head
where restaurant_id = $1 and (placed_at, order_id) < ($2, $3) and open and status = $5
order by placed_at desc, order_id desc limit $4)"};
constexpr statement ended_orders_of_status{"restaurant_ended_orders", R"(
select state from ordering.order_head
where restaurant_id = $1 and (placed_at, order_id) < ($2, $3) and outcome = $5
order by placed_at desc, order_id desc limit $4)"};

constexpr statement select_answer{"idempotent_answer", R"(
select request_hash, body from messaging.idempotency where caller = $1 and key = $2)"};

constexpr statement has_any_order{"customer_has_ordered", R"(
select exists (select from ordering.order_head
               where customer_id = $1 and (outcome is null or outcome not in ('PAYMENT_FAILED', 'REJECTED', 'CANCELLED'))))"};
static_assert(name(order_status::payment_failed) == "PAYMENT_FAILED" && name(order_status::rejected) == "REJECTED" &&
              name(order_status::cancelled) == "CANCELLED");

constexpr statement count_outcomes{"zone_outcomes", R"(
select outcome, count(*) from ordering.order_head
where zone = $1 and ended_at >= $2 and outcome is not null group by outcome)"};
constexpr statement latest_deliveries{"zone_deliveries", R"(
select placed_at, ended_at from ordering.order_head
where zone = $1 and ended_at >= $2 and outcome = $3
order by ended_at desc limit $4)"};
constexpr std::int64_t deliveries_in_summary = 10'000;

std::int64_t number(std::uint64_t x) { return static_cast<std::int64_t>(std::min<std::uint64_t>(x, INT64_MAX)); }

std::uint64_t unsigned_at(const rows& r, std::size_t row, int column) {
  return static_cast<std::uint64_t>(r.get<std::int64_t>(row, column));
}

head_record head_at(const rows& r, std::size_t row) {
  return {{static_cast<entity_kind>(r.get<std::int16_t>(row, 0)), r.get<uuid>(row, 1)},
          unsigned_at(r, row, 2),
          r.get<json_text>(row, 3),
          r.maybe<instant>(row, 4)};
}

stored_event event_at(const rows& r, std::size_t row) {
  return {{static_cast<entity_kind>(r.get<std::int16_t>(row, 0)), r.get<uuid>(row, 1)},
          unsigned_at(r, row, 2),
          unsigned_at(r, row, 3),
          {r.get<std::string>(row, 4), r.get<std::int32_t>(row, 5), r.get<json_text>(row, 6)},
          r.get<instant>(row, 7)};
}

constexpr instant end_of_time{INT64_MAX};
constexpr uuid last_uuid{{255, 255, 255, 255, 255, 255, 255, 255, 255, 255, 255, 255, 255, 255, 255, 255}};

// Every query has its index. Planned while its table is small, it would read the whole table, and go on to.
connect_options reader_options(connect_options options) {
  options.settings += " -c enable_seqscan=off";
  return options;
}

}  // namespace

reader::reader(connect_options options, session::reporter report)
    : session_(reader_options(std::move(options)), std::move(report)) {}

result_of<rows> reader::read(const statement& what, std::vector<parameter> values, duration patience) {
  auto result =
      session_.read({&what, std::move(values)}, asked_at_ + patience, std::chrono::steady_clock::now() + patience);
  if (result) return std::move(*result);
  return tl::unexpected{errc::unavailable};
}

result_of<std::vector<head_record>> reader::open_entities(shard_id shard) {
  auto found = read(select_open, {encode(static_cast<std::int16_t>(shard.value))}, shard_patience);
  if (!found) return tl::unexpected{found.error()};
  std::vector<head_record> all;
  all.reserve(found->size());
  for (std::size_t row = 0; row < found->size(); ++row) all.push_back(head_at(*found, row));
  return all;
}

result_of<std::optional<head_record>> reader::load(const entity_ref& entity) {
  const statement* what = nullptr;
  switch (entity.kind) {
    case entity_kind::order: what = &load_order; break;
    case entity_kind::restaurant: what = &load_restaurant; break;
    case entity_kind::partner: what = &load_partner; break;
    case entity_kind::matchmaker:
    case entity_kind::board: return std::nullopt;  // these have nothing durable
  }
  auto found = read(*what, {encode(entity.id)});
  if (!found) return tl::unexpected{found.error()};
  if (found->size() == 0) return std::nullopt;
  return head_at(*found, 0);
}

result_of<std::vector<stored_event>> reader::read_events(const statement& what, std::vector<parameter> values) {
  auto found = read(what, std::move(values));
  if (!found) return tl::unexpected{found.error()};
  std::vector<stored_event> all;
  all.reserve(found->size());
  for (std::size_t row = 0; row < found->size(); ++row) all.push_back(event_at(*found, row));
  return all;
}

result_of<std::vector<stored_event>> reader::events(const entity_ref& entity, std::uint64_t since, std::size_t limit) {
  return read_events(entity_events, {encode(entity.id), encode(number(since)), encode(number(limit)),
                                     encode(static_cast<std::int16_t>(entity.kind))});
}

result_of<std::vector<stored_event>> reader::restaurant_feed(restaurant_id restaurant, shard_id shard,
                                                             std::uint64_t since, std::size_t limit) {
  return read_events(feed_events, {encode(static_cast<std::int16_t>(shard.value)), encode(restaurant.value),
                                   encode(number(since)), encode(number(limit))});
}

result_of<std::vector<std::string>> reader::restaurant_orders(
    restaurant_id restaurant, std::optional<order_status> status, std::optional<order_cursor> after,
    std::size_t limit) {
  auto from = after.value_or(order_cursor{end_of_time, {last_uuid}});
  std::vector<parameter> values{
      encode(restaurant.value), encode(from.placed_at), encode(from.order.value), encode(number(limit))};
  const auto* what = &orders_of_any_status;
  if (status) {
    values.push_back(encode(to_string(*status)));
    what = is_terminal(*status) ? &ended_orders_of_status : &open_orders_of_status;
  }
  auto found = read(*what, std::move(values));
  if (!found) return tl::unexpected{found.error()};
  std::vector<std::string> states;
  states.reserve(found->size());
  for (std::size_t row = 0; row < found->size(); ++row) states.push_back(found->get<json_text>(row, 0));
  return states;
}

result_of<std::uint64_t> reader::feed_position(restaurant_id restaurant, shard_id shard) {
  auto found = read(select_feed_position, {encode(static_cast<std::int16_t>(shard.value)), encode(restaurant.value)});
  if (!found) return tl::unexpected{found.error()};
  return static_cast<std::uint64_t>(found->get<std::int64_t>(0, 0));
}

result_of<std::optional<idempotent_answer>> reader::answer(user_id caller, const std::string& key) {
  auto found = read(select_answer, {encode(caller.value), encode(key)});
  if (!found) return tl::unexpected{found.error()};
  if (found->size() == 0) return std::nullopt;
  return idempotent_answer{caller, key, found->get<std::string>(0, 0), found->get<std::string>(0, 1)};
}

result_of<bool> reader::has_ordered(user_id customer) {
  auto found = read(has_any_order, {encode(customer.value)});
  if (!found) return tl::unexpected{found.error()};
  return found->get<bool>(0, 0);
}

result_of<zone_summary> reader::summary(zone_id zone, instant since) {
  auto cell = encode(static_cast<std::int64_t>(zone.cell));
  auto counts = read(count_outcomes, {cell, encode(since)});
  if (!counts) return tl::unexpected{counts.error()};
  auto latest = read(latest_deliveries,
                     {cell, encode(since), encode(to_string(order_status::delivered)), encode(deliveries_in_summary)});
  if (!latest) return tl::unexpected{latest.error()};
  zone_summary s;
  for (std::size_t row = 0; row < counts->size(); ++row) {
    auto outcome = parse_enum<order_status>(counts->get<std::string>(row, 0));
    auto count = unsigned_at(*counts, row, 1);
    if (outcome == order_status::delivered) s.delivered = count;
    if (outcome == order_status::cancelled) s.cancelled = count;
    if (outcome == order_status::rejected) s.rejected = count;
    if (outcome == order_status::undeliverable) s.undeliverable = count;
  }
  for (std::size_t row = latest->size(); row-- > 0;)
    s.click_to_door.push_back(latest->get<instant>(row, 1) - latest->get<instant>(row, 0));
  return s;
}

}  // namespace dabba::postgres
