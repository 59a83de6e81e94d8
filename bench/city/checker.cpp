#include "bench/city/checker.hpp"

#include <algorithm>
#include <map>
#include <set>
#include <unordered_map>

#include <fmt/format.h>

#include "bench/city/order_fold.hpp"

namespace dabba::city {

namespace {

/// A partner's places for orders at a time (limits of the platform).
constexpr int slots_per_partner = 8;

using events_of_entity = std::vector<const journal_row*>;

/// Everything the checks share: the rows by entity, in sequence, and the folds of the orders.
struct evidence {
  const recorded_history& seen;
  const database_rows& rows;
  std::unordered_map<std::string, events_of_entity> entities;
  /// Per order the state after each of its events; the first is after seq 1.
  std::unordered_map<std::string, std::vector<order_fold>> folds;
  std::vector<violation> found;

  evidence(const recorded_history& s, const database_rows& r) : seen(s), rows(r) {
    for (const auto& row : rows.journal) entities[row.entity].push_back(&row);
    for (auto& [_, events] : entities)
      std::stable_sort(events.begin(), events.end(), [](auto* a, auto* b) { return a->seq < b->seq; });
  }

  template <class... Args>
  void report(const char* invariant, fmt::format_string<Args...> format, Args&&... args) {
    found.push_back({invariant, fmt::format(format, std::forward<Args>(args)...)});
  }
  [[nodiscard]] const events_of_entity* events_of(const std::string& entity) const {
    const auto it = entities.find(entity);
    return it == entities.end() ? nullptr : &it->second;
  }
  [[nodiscard]] bool ended(const std::string& order) const {
    const auto it = folds.find(order);
    return it != folds.end() && !it->second.empty() && it->second.back().ended();
  }
};

/// I2: no gap in an entity's sequence, and every transition of an order legal. Leaves the folds for the other checks.
void check_sequences(evidence& e) {
  for (const auto& [entity, events] : e.entities) {
    std::int64_t expected = 1;
    for (const auto* row : events) {
      if (row->seq != expected)
        e.report("I2", "{}: seq {} where {} is due ({})", entity, row->seq, expected, row->type);
      expected = row->seq + 1;
    }
    if (events.front()->kind != entity_kind::order) continue;
    auto& folds = e.folds[entity];
    order_fold state;
    for (const auto* row : events) {
      if (const auto problem = state.apply({row->type, row->partner, row->payment_method}))
        e.report("I2", "order {}, seq {}: {}", entity, row->seq, *problem);
      folds.push_back(state);
    }
  }
}

/// I3: along a shard's journal positions are consecutive and epochs never fall.
void check_shards(evidence& e) {
  std::map<int, events_of_entity> shards;
  for (const auto& row : e.rows.journal) shards[row.shard].push_back(&row);
  for (auto& [shard, events] : shards) {
    std::stable_sort(events.begin(), events.end(), [](auto* a, auto* b) { return a->position < b->position; });
    for (std::size_t i = 0; i < events.size(); ++i) {
      const auto due = static_cast<std::int64_t>(i) + 1;
      if (events[i]->position != due) {
        e.report("I3", "shard {}: position {} where {} is due", shard, events[i]->position, due);
        break;
      }
    }
    for (std::size_t i = 1; i < events.size(); ++i)
      if (events[i]->epoch < events[i - 1]->epoch)
        e.report("I3", "shard {}: epoch falls to {} at position {}", shard, events[i]->epoch, events[i]->position);
  }
  for (const auto& s : e.rows.shards) {
    const auto it = shards.find(s.id);
    const auto last = it == shards.end() ? nullptr : it->second.back();
    if ((last == nullptr ? 0 : last->position) != s.position)
      e.report("I3", "shard {}: its row says position {}, its journal ends at {}", s.id, s.position,
               last == nullptr ? 0 : last->position);
    if (last != nullptr && last->epoch > s.epoch)
      e.report("I3", "shard {}: an event of epoch {}, its row says {}", s.id, last->epoch, s.epoch);
  }
}

/// I3: of each epoch of a shard there is one owner, and a shard's epochs rise from owner to owner.
void check_owners(evidence& e) {
  std::map<std::pair<int, std::int64_t>, std::string> owner_of;
  std::map<int, std::int64_t> last_epoch;
  for (const auto& s : e.seen.owners) {
    const auto& owner = owner_of.emplace(std::pair{s.shard, s.epoch}, s.owner).first->second;
    if (owner != s.owner) e.report("I3", "shard {}, epoch {}: owned by {} and by {}", s.shard, s.epoch, owner, s.owner);
    auto& last = last_epoch[s.shard];
    if (s.epoch < last) e.report("I3", "shard {}: epoch {} was given after {}", s.shard, s.epoch, last);
    last = std::max(last, s.epoch);
  }
  if (e.seen.owners.empty()) return;
  for (const auto& row : e.rows.journal)
    if (!owner_of.contains({row.shard, row.epoch}))
      e.report("I3", "shard {}: an event of epoch {} at position {}, which nobody was seen to own", row.shard,
               row.epoch, row.position);
}

/// I8: every open order lies in a shard whose owner runs.
void check_open_orders(evidence& e) {
  std::map<int, const shard_row*> shards;
  for (const auto& s : e.rows.shards) shards[s.id] = &s;
  for (const auto& head : e.rows.heads) {
    if (!head.open) continue;
    const auto it = shards.find(head.shard);
    if (it == shards.end())
      e.report("I8", "order {} is open in shard {}, which there is not", head.order, head.shard);
    else if (!it->second->owner_runs)
      e.report("I8", "order {} is open, but the owner of shard {} ('{}') does not run", head.order, head.shard,
               it->second->owner);
  }
}

/// Whether an order can live through events of this type more than once.
bool may_repeat(const std::string& type) {
  return type == "order.partner_assigned" || type == "order.partner_at_restaurant" ||
         type == "order.partner_released" || type == "order.search_started" || type == "order.stage_changed" ||
         type == "order.modified";
}

/// I1: what was acknowledged is in the journal, once, and led to the state that was answered.
void check_acknowledged(evidence& e) {
  std::map<std::tuple<std::string, std::string, std::string>, std::size_t> acknowledged;
  for (const auto& t : e.seen.transitions) {
    ++acknowledged[{t.order, t.event, t.partner}];
    if (!t.version) continue;
    const auto it = e.folds.find(t.order);
    if (it == e.folds.end() || *t.version < 1 || *t.version > static_cast<std::int64_t>(it->second.size())) {
      e.report("I1", "order {}: {} was told {} and version {}, which the journal does not reach", t.order, t.client,
               t.event, *t.version);
      continue;
    }
    const auto& state = it->second[static_cast<std::size_t>(*t.version) - 1];
    if (state.status() != t.status || state.delivery_status() != t.delivery_status)
      e.report("I1", "order {}, version {}: {} was told {} and {}, the journal says {} and {}", t.order, *t.version,
               t.client, t.status, t.delivery_status, state.status(), state.delivery_status());
  }
  for (const auto& [what, times] : acknowledged) {
    const auto& [order, type, partner] = what;
    std::size_t in_journal = 0;
    if (const auto* events = e.events_of(order))
      in_journal = static_cast<std::size_t>(std::count_if(events->begin(), events->end(), [&](const journal_row* row) {
        return row->type == type && (partner.empty() || row->partner == partner);
      }));
    if (in_journal < times)
      e.report(
          "I1", "order {}: {} was acknowledged {} times, the journal has it {} times", order, type, times, in_journal);
    else if (in_journal > 1 && !may_repeat(type))
      e.report("I1", "order {}: {} is in the journal {} times", order, type, in_journal);
  }
}

/// Reports two rows of one group that were both in force at some time.
void check_overlaps(evidence& e, std::vector<const assignment_row*>& group, const std::string& whose) {
  std::stable_sort(group.begin(), group.end(), [](auto* a, auto* b) { return a->begun_at < b->begun_at; });
  for (std::size_t i = 1; i < group.size(); ++i) {
    const auto* before = group[i - 1];
    if (!before->ended_at || *before->ended_at > group[i]->begun_at)
      e.report("I4", "{} has order {} (partner {}) and order {} (partner {}) at once", whose, before->order,
               before->partner, group[i]->order, group[i]->partner);
  }
}

/// I4: at most one partner per order, one order per slot, no slot beyond a partner's capacity.
void check_assignments(evidence& e) {
  std::map<std::string, std::vector<const assignment_row*>> of_order;
  std::map<std::pair<std::string, int>, std::vector<const assignment_row*>> of_slot;
  for (const auto& a : e.rows.assignments) {
    of_order[a.order].push_back(&a);
    of_slot[{a.partner, a.slot}].push_back(&a);
    if (a.slot < 0 || a.slot >= slots_per_partner)
      e.report("I4", "partner {} carries order {} in slot {}", a.partner, a.order, a.slot);
    if (a.active == a.ended_at.has_value())
      e.report("I4", "the assignment of order {} to {} is {}", a.order, a.partner,
               a.active ? "active and ended" : "neither active nor ended");
  }
  for (auto& [order, group] : of_order) check_overlaps(e, group, "order " + order);
  for (auto& [slot, group] : of_slot)
    check_overlaps(e, group, fmt::format("slot {} of partner {}", slot.second, slot.first));

  for (const auto& [order, folds] : e.folds) {
    std::vector<std::string> active;
    if (const auto it = of_order.find(order); it != of_order.end())
      for (const auto* a : it->second)
        if (a->active) active.push_back(a->partner);
    const bool carried = !folds.empty() && folds.back().carried();
    const auto expected = carried ? std::vector{folds.back().partner()} : std::vector<std::string>{};
    if (active != expected)
      e.report("I4", "order {}: active assignments to [{}], the journal says [{}]", order, fmt::join(active, " "),
               fmt::join(expected, " "));
  }
}

/// I5: one command id has one effect on an entity: its events are neighbours, numbered from 0, and no second time
/// there.
void check_commands(evidence& e) {
  for (const auto& [entity, events] : e.entities) {
    std::set<std::string> over;
    for (std::size_t i = 0; i < events.size();) {
      const auto& command = events[i]->command;
      if (!over.insert(command).second)
        e.report("I5", "{}: command {} took effect again at seq {}", entity, command, events[i]->seq);
      for (int index = 0; i < events.size() && events[i]->command == command; ++i, ++index) {
        if (events[i]->command_index == index) continue;
        e.report("I5", "{}, seq {}: event {} of command {}, where {} is due", entity, events[i]->seq,
                 events[i]->command_index, command, index);
        index = events[i]->command_index;
      }
    }
  }
}

/// I5: one Idempotency-Key, one order, and nobody gets an order that no key asked for.
void check_keys(evidence& e) {
  std::map<std::string, std::string> order_of_key;
  std::map<std::string, std::string> key_of_order;
  for (const auto& answer : e.seen.keyed_answers) {
    const auto& order = order_of_key.emplace(answer.key, answer.order).first->second;
    if (order != answer.order) e.report("I5", "key {} gave order {} and order {}", answer.key, order, answer.order);
    const auto& key = key_of_order.emplace(answer.order, answer.key).first->second;
    if (key != answer.key) e.report("I5", "order {} answers key {} and key {}", answer.order, key, answer.key);
  }
  std::set<std::string> restaurants;
  constexpr std::string_view before = "restaurants/", after = "/orders";
  for (const auto& s : e.seen.streams)
    if (s.topic.starts_with(before) && s.topic.ends_with(after))
      restaurants.insert(s.topic.substr(before.size(), s.topic.size() - before.size() - after.size()));
  for (const auto& row : e.rows.journal)
    if (row.type == "order.placed" && restaurants.contains(row.restaurant) && !key_of_order.contains(row.entity))
      e.report("I5", "order {} was placed, but no customer was told of it", row.entity);
}

/// I6: the head row is the fold of the journal.
void check_heads(evidence& e) {
  std::set<std::string> with_head;
  for (const auto& head : e.rows.heads) {
    with_head.insert(head.order);
    const auto it = e.folds.find(head.order);
    if (it == e.folds.end() || it->second.empty()) {
      e.report("I6", "order {} has a head and no journal", head.order);
      continue;
    }
    const auto& state = it->second.back();
    const auto last = e.events_of(head.order)->back()->seq;
    if (head.version != last)
      e.report("I6", "order {}: head version {}, journal ends at {}", head.order, head.version, last);
    if (head.status != state.status() || head.delivery_status != state.delivery_status())
      e.report("I6", "order {}: head says {} and {}, journal {} and {}", head.order, head.status, head.delivery_status,
               state.status(), state.delivery_status());
    if (head.partner != state.partner())
      e.report("I6", "order {}: head says partner '{}', journal '{}'", head.order, head.partner, state.partner());
  }
  for (const auto& [order, _] : e.folds)
    if (!with_head.contains(order)) e.report("I6", "order {} has a journal and no head", order);
}

/// A topic that counts one entity's own events: what was seen is the journal from its beginning, one by one. An order's
/// customer follows it to its end.
void check_entity_stream(evidence& e, const seen_stream& s, const std::string& entity, bool to_the_end) {
  const auto* events = e.events_of(entity);
  std::size_t i = 0;
  for (const auto& event : s.events) {
    if (events == nullptr || i >= events->size()) {
      e.report("stream", "{}, {}: saw {} with seq {}, which is not in the journal", s.client, s.topic, event.type,
               event.seq);
      return;
    }
    const auto* row = (*events)[i++];
    if (row->seq != event.seq || row->type != event.type) {
      e.report("stream", "{}, {}: saw {} with seq {} where {} with seq {} is due", s.client, s.topic, event.type,
               event.seq, row->type, row->seq);
      return;
    }
  }
  if (to_the_end && e.ended(entity) && events != nullptr && i < events->size())
    e.report("stream", "{}, {}: saw {} of {} events", s.client, s.topic, i, events->size());
}

/// A restaurant's topic: the sequence rises, and each event of its orders was seen once.
void check_restaurant_stream(evidence& e, const seen_stream& s, const std::string& restaurant,
                             const std::map<std::string, std::vector<const journal_row*>>& feeds) {
  std::map<std::pair<std::string, std::string>, std::int64_t> balance;
  std::int64_t last = 0;
  for (const auto& event : s.events) {
    if (event.seq <= last)
      e.report("stream", "{}, {}: seq {} after {} ({} of order {})", s.client, s.topic, event.seq, last, event.type,
               event.order);
    last = std::max(last, event.seq);
    --balance[{event.order, event.type}];
  }
  if (const auto it = feeds.find(restaurant); it != feeds.end())
    for (const auto* row : it->second)
      if (e.ended(row->entity)) ++balance[{row->entity, row->type}];
  for (const auto& [what, difference] : balance) {
    const auto& [order, type] = what;
    if (difference > 0) e.report("stream", "{}, {}: missed {} of order {}", s.client, s.topic, type, order);
    if (difference < 0 && e.ended(order))
      e.report("stream", "{}, {}: saw {} of order {} too often", s.client, s.topic, type, order);
  }
}

void check_streams(evidence& e) {
  std::map<std::string, std::vector<const journal_row*>> feeds;
  for (const auto& row : e.rows.journal)
    if (row.kind == entity_kind::order && !row.restaurant.empty()) feeds[row.restaurant].push_back(&row);
  for (const auto& s : e.seen.streams) {
    const auto slash = s.topic.find('/');
    const auto kind = s.topic.substr(0, slash);
    const auto rest = s.topic.substr(slash + 1);
    if (kind == "orders")
      check_entity_stream(e, s, rest, true);
    else if (kind == "partners")
      check_entity_stream(e, s, rest, false);
    else if (kind == "restaurants")
      check_restaurant_stream(e, s, rest.substr(0, rest.find('/')), feeds);
  }
}

}  // namespace

std::vector<violation> check(const recorded_history& seen, const database_rows& rows) {
  evidence e{seen, rows};
  check_sequences(e);
  check_shards(e);
  check_owners(e);
  check_open_orders(e);
  check_acknowledged(e);
  check_assignments(e);
  check_commands(e);
  check_keys(e);
  check_heads(e);
  check_streams(e);
  return std::move(e.found);
}

}  // namespace dabba::city
