#include "persistence/postgres/journal_plan.hpp"

#include "persistence/postgres/redemptions.hpp"

namespace dabba::postgres {
namespace {

// The shards come sorted and the session joins by nested loops only (journal_store.cpp), so that all transactions lock
// them in one order. The lock is held to the end: nobody takes a shard over while we write to it.
constexpr statement fence{"journal_fence", R"(
update cluster.shard s set position = s.position + w.events
from unnest($1::smallint[], $2::bigint[], $3::bigint[]) as w(id, epoch, events)
where s.id = w.id and s.epoch = w.epoch and s.owner = $4
returning s.id, s.position)"};

// Positions count backwards from the one the fence left.
constexpr statement insert_events{"journal_events", R"(
insert into ordering.journal (shard, position, entity_kind, entity_id, seq, command_id, command_index, version, epoch,
                              at, feed, type, payload)
select s.id, s.position - w.back, w.entity_kind, w.entity_id, w.seq, w.command_id, w.command_index, w.version, s.epoch,
       w.at, w.feed, w.type, w.payload
from unnest($1::smallint[], $2::bigint[], $3::smallint[], $4::uuid[], $5::bigint[], $6::uuid[], $7::smallint[],
            $8::integer[], $9::timestamptz[], $10::uuid[], $11::text[], $12::json[])
     as w(shard, back, entity_kind, entity_id, seq, command_id, command_index, version, at, feed, type, payload)
join cluster.shard s on s.id = w.shard)"};

// New heads are inserted, others updated if they are at the version before: then the count of rows tells.
constexpr statement insert_orders{"journal_insert_orders", R"(
insert into ordering.order_head (order_id, version, open, deadline, state, status, delivery_status, partner_id,
                                 ended_at, shard, customer_id, restaurant_id, zone, placed_at)
select * from unnest($1::uuid[], $2::bigint[], $3::boolean[], $4::timestamptz[], $5::json[], $6::text[], $7::text[],
                     $8::uuid[], $9::timestamptz[], $10::smallint[], $11::uuid[], $12::uuid[], $13::bigint[],
                     $14::timestamptz[]))"};
constexpr statement update_orders{"journal_update_orders", R"(
update ordering.order_head h
set version = w.version, open = w.open, deadline = w.deadline, state = w.state, status = w.status,
    delivery_status = w.delivery_status, partner_id = w.partner_id, ended_at = w.ended_at
from unnest($1::uuid[], $2::bigint[], $3::boolean[], $4::timestamptz[], $5::json[], $6::text[], $7::text[],
            $8::uuid[], $9::timestamptz[], $10::bigint[])
     as w(id, version, open, deadline, state, status, delivery_status, partner_id, ended_at, expected)
where h.order_id = w.id and h.version = w.expected)"};

constexpr statement insert_restaurants{"journal_insert_restaurants", R"(
insert into catalog.restaurant_head (restaurant_id, version, open, deadline, state, owner_id, license_number,
                                     verification, status, shard)
select * from unnest($1::uuid[], $2::bigint[], $3::boolean[], $4::timestamptz[], $5::json[], $6::uuid[], $7::text[],
                     $8::text[], $9::text[], $10::smallint[]))"};
constexpr statement update_restaurants{"journal_update_restaurants", R"(
update catalog.restaurant_head h
set version = w.version, open = w.open, deadline = w.deadline, state = w.state, owner_id = w.owner_id,
    license_number = w.license_number, verification = w.verification, status = w.status
from unnest($1::uuid[], $2::bigint[], $3::boolean[], $4::timestamptz[], $5::json[], $6::uuid[], $7::text[], $8::text[],
            $9::text[], $10::bigint[])
     as w(id, version, open, deadline, state, owner_id, license_number, verification, status, expected)
where h.restaurant_id = w.id and h.version = w.expected)"};

constexpr statement insert_partners{"journal_insert_partners", R"(
insert into delivery.partner_head (partner_id, version, open, deadline, state, shift, shard)
select * from unnest($1::uuid[], $2::bigint[], $3::boolean[], $4::timestamptz[], $5::json[], $6::text[],
                     $7::smallint[]))"};
constexpr statement update_partners{"journal_update_partners", R"(
update delivery.partner_head h
set version = w.version, open = w.open, deadline = w.deadline, state = w.state, shift = w.shift
from unnest($1::uuid[], $2::bigint[], $3::boolean[], $4::timestamptz[], $5::json[], $6::text[], $7::bigint[])
     as w(id, version, open, deadline, state, shift, expected)
where h.partner_id = w.id and h.version = w.expected)"};

constexpr statement end_assignments{"journal_end_assignments", R"(
update delivery.assignment a set active = false, ended_at = w.at
from unnest($1::uuid[], $2::uuid[], $3::timestamptz[]) as w(order_id, partner_id, at)
where a.order_id = w.order_id and a.partner_id = w.partner_id and a.active)"};
constexpr statement begin_assignments{"journal_begin_assignments", R"(
insert into delivery.assignment (order_id, partner_id, slot, active, begun_at)
select w.order_id, w.partner_id, w.slot, true, w.at
from unnest($1::uuid[], $2::uuid[], $3::smallint[], $4::timestamptz[]) as w(order_id, partner_id, slot, at))"};

constexpr statement insert_answers{"journal_answers", R"(
insert into messaging.idempotency (caller, key, request_hash, body, at)
select * from unnest($1::uuid[], $2::text[], $3::text[], $4::text[], $5::timestamptz[]))"};

std::int64_t number(std::uint64_t x) { return static_cast<std::int64_t>(x); }
std::int16_t number(shard_id x) { return static_cast<std::int16_t>(x.value); }

/// Takes the arrays as the parameters of a call.
template <class... T>
call make_call(const statement& what, array_of<T>&... columns) {
  call c{&what, {}};
  c.values.reserve(sizeof...(columns) + 1);
  (c.values.push_back(columns.take()), ...);
  return c;
}

class event_rows {
 public:
  void add(const append& a, std::uint64_t back) {
    for (std::size_t i = 0; i < a.events.size(); ++i) {
      const auto& e = a.events[i];
      shard_.push(number(a.shard));
      back_.push(number(back - i));
      kind_.push(static_cast<std::int16_t>(a.entity.kind));
      entity_.push(a.entity.id);
      seq_.push(number(a.first_seq + i));
      command_.push(a.command.value);
      index_.push(static_cast<std::int16_t>(i));
      version_.push(e.version);
      at_.push(a.at);
      feed_.push(a.feed);
      type_.push(e.type);
      payload_.push(e.payload);
    }
  }
  call take() {
    return make_call(
        insert_events, shard_, back_, kind_, entity_, seq_, command_, index_, version_, at_, feed_, type_, payload_);
  }

 private:
  array_of<std::int16_t> shard_, kind_, index_;
  array_of<std::int64_t> back_, seq_;
  array_of<std::int32_t> version_;
  array_of<uuid> entity_, command_, feed_;
  array_of<instant> at_;
  array_of<std::string> type_;
  array_of<json_text> payload_;
};

/// The columns all heads have.
struct head_rows {
  array_of<uuid> id;
  array_of<std::int64_t> version, expected;
  array_of<bool> open;
  array_of<instant> deadline;
  array_of<json_text> state;
  array_of<std::int16_t> shard;

  void add(const append& a) {
    id.push(a.entity.id);
    version.push(number(a.first_seq + a.events.size() - 1));
    expected.push(number(a.first_seq - 1));
    open.push(a.open);
    deadline.push(a.deadline);
    state.push(a.state);
    shard.push(number(a.shard));
  }
};

struct order_rows : head_rows {
  array_of<std::string> status, delivery;
  array_of<uuid> customer, restaurant, partner;
  array_of<std::int64_t> zone;
  array_of<instant> placed, ended;

  void add(const append& a, const order_columns& c) {
    head_rows::add(a);
    status.push(name(c.status));
    delivery.push(name(c.delivery));
    customer.push(c.customer.value);
    restaurant.push(c.restaurant.value);
    partner.push(c.partner ? std::optional{c.partner->value} : std::nullopt);
    zone.push(number(c.zone.cell));
    placed.push(c.placed_at);
    ended.push(c.ended_at);
  }
  call insert() {
    return make_call(insert_orders, id, version, open, deadline, state, status, delivery, partner, ended, shard,
                     customer, restaurant, zone, placed);
  }
  call update() {
    return make_call(update_orders, id, version, open, deadline, state, status, delivery, partner, ended, expected);
  }
};

struct restaurant_rows : head_rows {
  array_of<uuid> owner;
  array_of<std::string> license, verification, status;

  void add(const append& a, const restaurant_columns& c) {
    head_rows::add(a);
    owner.push(c.owner.value);
    license.push(c.license_number);
    verification.push(name(c.verification));
    status.push(name(c.status));
  }
  call insert() {
    return make_call(
        insert_restaurants, id, version, open, deadline, state, owner, license, verification, status, shard);
  }
  call update() {
    return make_call(
        update_restaurants, id, version, open, deadline, state, owner, license, verification, status, expected);
  }
};

struct partner_rows : head_rows {
  array_of<std::string> shift;

  void add(const append& a, const partner_columns& c) {
    head_rows::add(a);
    shift.push(name(c.shift));
  }
  call insert() { return make_call(insert_partners, id, version, open, deadline, state, shift, shard); }
  call update() { return make_call(update_partners, id, version, open, deadline, state, shift, expected); }
};

/// The rows of one kind of head: those to insert and those to update.
template <class Rows>
struct head_pair {
  Rows fresh, known;
  void add(const append& a, const auto& columns) { (a.first_seq == 1 ? fresh : known).add(a, columns); }
};

class assignment_rows {
 public:
  void add(const append& a) {
    for (const auto& c : a.assignments) {
      if (c.what == assignment_change::kind::end) {
        ended_order_.push(c.order.value);
        ended_partner_.push(c.partner.value);
        ended_at_.push(a.at);
      } else {
        order_.push(c.order.value);
        partner_.push(c.partner.value);
        slot_.push(static_cast<std::int16_t>(c.slot));
        begun_at_.push(a.at);
      }
    }
  }
  /// Ends first: a slot may be given back and taken again in one batch.
  void take(write_plan& p) {
    if (ended_order_.size() > 0) p.add(make_call(end_assignments, ended_order_, ended_partner_, ended_at_), 0);
    if (order_.size() > 0) p.add(make_call(begin_assignments, order_, partner_, slot_, begun_at_), 0);
  }

 private:
  array_of<uuid> ended_order_, ended_partner_, order_, partner_;
  array_of<std::int16_t> slot_;
  array_of<instant> ended_at_, begun_at_;
};

class answer_rows {
 public:
  void add(const append& a) {
    if (!a.answer) return;
    caller_.push(a.answer->caller.value);
    key_.push(a.answer->key);
    hash_.push(a.answer->request_hash);
    body_.push(a.answer->body);
    at_.push(a.at);
  }
  void take(write_plan& p) {
    if (caller_.size() > 0) p.add(make_call(insert_answers, caller_, key_, hash_, body_, at_), 0);
  }

 private:
  array_of<uuid> caller_;
  array_of<std::string> key_, hash_, body_;
  array_of<instant> at_;
};

struct shard_count {
  std::uint64_t epoch = 0;
  std::uint64_t events = 0;
  std::uint64_t placed = 0;
};
using shard_counts = std::map<shard_id, shard_count>;

shard_counts count_events(std::span<const fenced_append> batch) {
  shard_counts shards;
  for (const auto& f : batch) {
    auto& s = shards[f.what->shard];
    s.epoch = f.epoch;
    s.events += f.what->events.size();
  }
  return shards;
}

call fence_call(const shard_counts& shards, node_id node) {
  array_of<std::int16_t> ids;
  array_of<std::int64_t> epochs;
  array_of<std::int64_t> events;
  for (const auto& [id, s] : shards) {
    ids.push(number(id));
    epochs.push(number(s.epoch));
    events.push(number(s.events));
  }
  auto c = make_call(fence, ids, epochs, events);
  c.values.push_back(encode(node.value));
  return c;
}

template <class Rows>
void add_heads(write_plan& p, head_pair<Rows>& heads) {
  if (auto n = heads.fresh.id.size(); n > 0) p.add(heads.fresh.insert(), n);
  if (auto n = heads.known.id.size(); n > 0) p.add(heads.known.update(), n);
}

}  // namespace

write_plan make_plan(std::span<const fenced_append> batch, node_id node) {
  write_plan p;
  event_rows events;
  head_pair<order_rows> orders;
  head_pair<restaurant_rows> restaurants;
  head_pair<partner_rows> partners;
  assignment_rows assignments;
  redemption_rows redemptions;
  answer_rows answers;
  auto shards = count_events(batch);
  for (const auto& f : batch) {
    const auto& a = *f.what;
    auto& s = shards[a.shard];
    p.backs.push_back(s.events - s.placed - 1);
    s.placed += a.events.size();
    events.add(a, p.backs.back());
    if (const auto* o = std::get_if<order_columns>(&a.columns)) orders.add(a, *o);
    if (const auto* r = std::get_if<restaurant_columns>(&a.columns)) restaurants.add(a, *r);
    if (const auto* c = std::get_if<partner_columns>(&a.columns)) partners.add(a, *c);
    assignments.add(a);
    redemptions.add(a);
    answers.add(a);
  }
  for (const auto& [id, s] : shards) p.shards.push_back(id);
  p.add({&begin_statement, {}}, 0);
  p.fence = p.calls.size();
  p.add(fence_call(shards, node), 0);
  p.add(events.take(), 0);
  add_heads(p, orders);
  add_heads(p, restaurants);
  add_heads(p, partners);
  assignments.take(p);
  answers.take(p);
  redemptions.take(p, node);
  return p;
}

std::map<shard_id, std::uint64_t> held_shards(const rows& fenced) {
  std::map<shard_id, std::uint64_t> held;
  for (std::size_t i = 0; i < fenced.size(); ++i)
    held[{static_cast<std::uint16_t>(fenced.get<std::int16_t>(i, 0))}] =
        static_cast<std::uint64_t>(fenced.get<std::int64_t>(i, 1));
  return held;
}

}  // namespace dabba::postgres
