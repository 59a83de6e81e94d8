#include "actors/domain/dispatch/dispatcher.hpp"

#include <algorithm>

#include "protocols/model/limits.hpp"

namespace dabba {
namespace {

constexpr std::size_t ended_records = 10'000;

// How long the other orders of a job wait for their own award before they are searched for again.
constexpr auto award_grace = std::chrono::seconds{30};

search_wave* wave_of(search_record& record, offer_id offer) {
  auto found =
      std::find_if(record.waves.rbegin(), record.waves.rend(), [&](const search_wave& w) { return w.offer == offer; });
  return found == record.waves.rend() ? nullptr : &*found;
}

void append(dispatch_effects& to, dispatch_effects&& more) {
  to.insert(to.end(), std::make_move_iterator(more.begin()), std::make_move_iterator(more.end()));
}

void add_wave(search_record& record, search_wave wave) {
  if (record.waves.size() == limits::waves_remembered) record.waves.erase(record.waves.begin());
  wave.number = record.waves.empty() ? 1 : record.waves.back().number + 1;
  record.waves.push_back(std::move(wave));
}

/// Who declined the order while it was searched for before.
std::unordered_set<partner_id> decliners(const search_record& record) {
  std::unordered_set<partner_id> out;
  for (const auto& wave : record.waves)
    for (const auto& asked : wave.asked)
      if (asked.outcome == offer_outcome::declined) out.insert(asked.partner);
  return out;
}

}  // namespace

dispatcher::dispatcher(zone_id zone, dispatch_terms terms, duration answer_time,
                       std::unique_ptr<dispatch_policy> policy)
    : id_{zone}, terms_{terms}, answer_time_{answer_time}, policy_{std::move(policy)} {}

dispatch_effects dispatcher::find(const find_partner& wanted, instant now) {
  auto [found, is_new] = zone_.searches.try_emplace(wanted.order);
  found->second.wanted = wanted;
  found->second.missed = 0;
  if (!is_new) return {};
  zone_.wait(found->second, now);
  auto [kept, is_first] = records_.try_emplace(wanted.order);
  auto& record = kept->second;
  if (!is_first) {
    std::erase(ended_, wanted.order);  // its record is in use again
    found->second.declined = decliners(record);
  }
  record.order = wanted.order;
  record.zone = id_;
  record.state = search_state::open;
  record.partner.reset();
  if (is_first) record.started_at = wanted.started_at;
  dispatch_effects out;
  plan(now, out);
  return out;
}

dispatch_effects dispatcher::end(order_id order, std::optional<partner_id> taken_by, instant now) {
  dispatch_effects out;
  auto found = zone_.searches.find(order);
  if (found == zone_.searches.end()) return out;
  auto& record = records_[order];
  record.state = taken_by ? search_state::taken : search_state::ended;
  record.partner = taken_by;
  auto offer = found->second.live;
  zone_.forget(order);
  if (offer) {
    auto& live = live_.at(*offer);
    if (taken_by && live.outcomes.contains(*taken_by)) {
      live.outcomes[*taken_by] = offer_outcome::accepted;
      note(live, *taken_by, offer_outcome::accepted, now);
    }
    auto together = live.orders;
    withdraw(live, taken_by ? withdrawal::taken : withdrawal::cancelled, now, out);
    end_wave(*offer, now);
    if (taken_by)
      for (auto other : together)
        if (auto search = zone_.searches.find(other); search != zone_.searches.end())
          zone_.wait(search->second, now + award_grace);
  }
  remember_ended(order);
  return out;
}

dispatch_effects dispatcher::seen(const partner_seen& partner, instant now) {
  auto [found, is_new] = zone_.partners.try_emplace(partner.partner);
  bool is_reborn = !is_new && found->second.incarnation != partner.incarnation;
  bool became_idle = partner.idle && (is_new || is_reborn || !found->second.idle);
  found->second = partner;
  zone_.where.put(partner.partner, partner.at);
  dispatch_effects out;
  if (is_reborn) out = lose_offers(partner.partner, now);
  if (became_idle) append(out, join_open_offers(found->second, now));
  return out;
}

/// Offers that are out nearby reach who comes online or becomes idle meanwhile, up to a bound.
dispatch_effects dispatcher::join_open_offers(partner_seen& partner, instant now) {
  dispatch_effects out;
  for (auto& [id, live] : live_) {
    auto been = live.outcomes.find(partner.partner);
    bool is_back = been != live.outcomes.end() && been->second == offer_outcome::withdrawn;
    bool has_room = been == live.outcomes.end() && live.outcomes.size() < terms_.fanout_max;
    if (!is_back && !has_room) continue;
    bool is_fit = partner.free_slots >= live.orders.size() && live.what.expires_at > now &&
                  std::ranges::none_of(live.orders, [&](order_id order) {
                    return unfit(zone_.searches.at(order), partner, now).has_value();
                  });
    auto away = distance(partner.at, live.what.offered.pickup);
    if (!is_fit || away > wave_radius(zone_.searches.at(live.orders.front()).wave, terms_)) continue;
    live.outcomes[partner.partner] = offer_outcome::pending;
    ++partner.open_offers;
    for (auto order : live.orders) {
      zone_.searches.at(order).asked.insert(partner.partner);
      auto* wave = wave_of(records_.at(order), id);
      if (!wave) continue;
      std::erase_if(wave->asked, [&](const asked_partner& x) { return x.partner == partner.partner; });
      wave->asked.push_back({partner.partner, away, offer_outcome::pending, now});
    }
    out.push_back(send_offer{partner.partner, live.what});
  }
  return out;
}

dispatch_effects dispatcher::left(partner_id partner, instant now) {
  zone_.partners.erase(partner);
  zone_.where.erase(partner);
  return lose_offers(partner, now);
}

dispatch_effects dispatcher::lose_offers(partner_id partner, instant now) {
  std::vector<offer_id> held;
  for (const auto& [id, live] : live_)
    if (live.outcomes.contains(partner)) held.push_back(id);
  dispatch_effects out;
  for (auto id : held) {
    auto live = live_.find(id);
    if (live == live_.end()) continue;
    // It never had the chance to answer: it may be asked again.
    if (live->second.outcomes.at(partner) == offer_outcome::pending)
      for (auto order : live->second.orders) zone_.searches.at(order).asked.erase(partner);
    append(out, answered(id, partner, offer_outcome::withdrawn, now));
  }
  return out;
}

dispatch_effects dispatcher::answered(offer_id what, partner_id partner, offer_outcome outcome, instant now) {
  auto found = live_.find(what);
  if (found == live_.end()) return {};
  auto& live = found->second;
  auto answer = live.outcomes.find(partner);
  if (answer == live.outcomes.end() || answer->second != offer_outcome::pending) return {};
  answer->second = outcome;
  std::erase_if(live.to_send, [&](const auto& turn) { return turn.second == partner; });
  note(live, partner, outcome, now);
  if (outcome == offer_outcome::declined)
    for (auto order : live.orders) zone_.searches.at(order).declined.insert(partner);
  bool waits = std::ranges::any_of(live.outcomes, [](const auto& o) { return o.second == offer_outcome::pending; });
  dispatch_effects out;
  if (waits) return out;
  end_wave(what, now);
  plan(now, out);
  return out;
}

dispatch_effects dispatcher::round(instant now) {
  dispatch_effects out;
  std::vector<offer_id> expired;
  for (auto& [id, live] : live_) {
    if (live.what.expires_at <= now)
      expired.push_back(id);
    else
      send_due(live, now, out);
  }
  for (auto id : expired) {
    withdraw(live_.at(id), withdrawal::expired, now, out);
    end_wave(id, now);
  }
  plan(now, out);
  return out;
}

void dispatcher::plan(instant now, dispatch_effects& out) {
  // A wave that finds nobody goes on to the next circle at once: as many plans as there are circles.
  for (int circle = 0; circle < std::max(1, terms_.waves); ++circle) {
    bool somebody_waits = false;
    for (const auto& plan : policy_->plan(zone_, now, terms_)) {
      if (plan.asks.empty()) {
        note_empty_wave(plan, now);
        somebody_waits = true;
      } else {
        begin_wave(plan, now, out);
      }
    }
    if (!somebody_waits) break;
  }
}

dispatch_effects dispatcher::sweep(instant now) {
  std::vector<order_id> over;
  for (auto& [order, search] : zone_.searches)
    if (++search.missed > limits::missed_reminders || search.wanted.search_until <= now) over.push_back(order);
  dispatch_effects out;
  for (auto order : over) append(out, end(order, {}, now));
  return out;
}

const search_record* dispatcher::record(order_id order) const {
  auto found = records_.find(order);
  return found == records_.end() ? nullptr : &found->second;
}

void dispatcher::begin_wave(const planned_offer& plan, instant now, dispatch_effects& out) {
  auto what = make_offer_of(plan, now);
  auto id = what.id;
  auto& live = live_[id];
  live = {.what = std::move(what), .orders = plan.orders, .outcomes = {}, .to_send = {}};
  search_wave wave{.number = 0, .at = now, .radius_m = plan.radius_m, .offer = id, .asked = {}, .passed = plan.passed};
  for (const auto& ask : plan.asks) {
    live.outcomes[ask.partner] = offer_outcome::pending;
    live.to_send.emplace_back(now + ask.after, ask.partner);
    wave.asked.push_back({ask.partner, ask.distance_m, offer_outcome::pending, now + ask.after});
    // Until the partner itself says so, so that the next plan of this round counts it.
    if (auto who = zone_.partners.find(ask.partner); who != zone_.partners.end()) ++who->second.open_offers;
  }
  std::ranges::sort(live.to_send);
  for (auto order : plan.orders) {
    auto& search = zone_.searches.at(order);
    zone_.begin(search, id);
    for (const auto& ask : plan.asks) search.asked.insert(ask.partner);
    add_wave(records_.at(order), wave);
  }
  send_due(live, now, out);
}

void dispatcher::note_empty_wave(const planned_offer& plan, instant now) {
  for (auto order : plan.orders) {
    auto& record = records_.at(order);
    bool same_again =
        !record.waves.empty() && !record.waves.back().offer && record.waves.back().radius_m == plan.radius_m;
    if (same_again) {
      record.waves.back().at = now;
      record.waves.back().passed = plan.passed;
    } else {
      add_wave(
          record, {.number = 0, .at = now, .radius_m = plan.radius_m, .offer = {}, .asked = {}, .passed = plan.passed});
    }
    next_wave(zone_.searches.at(order), now);
  }
}

offer dispatcher::make_offer_of(const planned_offer& plan, instant now) const {
  const auto& first = zone_.searches.at(plan.orders.front()).wanted;
  job offered{
      .id = job_id::make(now),
      .restaurant = first.restaurant,
      .restaurant_name = first.restaurant_name,
      .pickup = first.pickup,
      .stops = {},
      .ready_by = first.ready_by,
      .depart_at = plan.depart_at,
      .pay = {},
      .pay_currency = first.pay_currency,
      .follows_current = plan.follows_current};
  for (auto order : plan.orders) {
    const auto& wanted = zone_.searches.at(order).wanted;
    offered.stops.push_back({order, wanted.dropoff, wanted.address_line});
    offered.ready_by = std::max(offered.ready_by, wanted.ready_by);
    offered.pay = offered.pay + wanted.pay;
  }
  auto last_ask = std::ranges::max_element(plan.asks, {}, &planned_offer::ask::after)->after;
  return {offer_id::make(now), std::move(offered), now, now + last_ask + answer_time_, id_};
}

void dispatcher::send_due(live_offer& live, instant now, dispatch_effects& out) {
  while (!live.to_send.empty() && live.to_send.front().first <= now) {
    out.push_back(send_offer{live.to_send.front().second, live.what});
    live.to_send.pop_front();
  }
}

void dispatcher::withdraw(live_offer& live, withdrawal why, instant now, dispatch_effects& out) {
  auto outcome = why == withdrawal::expired ? offer_outcome::expired : offer_outcome::withdrawn;
  for (auto& [partner, was] : live.outcomes) {
    if (was != offer_outcome::pending) continue;
    was = outcome;
    note(live, partner, outcome, now);
    bool was_told =
        std::ranges::find(live.to_send, partner, &decltype(live.to_send)::value_type::second) == live.to_send.end();
    if (was_told) out.push_back(take_back{partner, live.what.id, why});
  }
}

void dispatcher::note(const live_offer& live, partner_id partner, offer_outcome outcome, instant now) {
  if (auto who = zone_.partners.find(partner); who != zone_.partners.end() && who->second.open_offers > 0)
    --who->second.open_offers;
  for (auto order : live.orders) {
    auto* wave = wave_of(records_.at(order), live.what.id);
    if (!wave) continue;
    auto asked = std::ranges::find(wave->asked, partner, &asked_partner::partner);
    if (asked == wave->asked.end()) continue;
    asked->outcome = outcome;
    asked->at = now;
  }
}

void dispatcher::end_wave(offer_id id, instant now) {
  auto found = live_.find(id);
  for (auto order : found->second.orders) {
    auto search = zone_.searches.find(order);
    if (search == zone_.searches.end()) continue;
    next_wave(search->second, now);
  }
  live_.erase(found);
}

void dispatcher::next_wave(open_search& search, instant now) {
  if (++search.wave < std::max(1, terms_.waves)) return zone_.wait(search, now);
  search.wave = 0;
  search.asked.clear();
  zone_.wait(search, now + terms_.search_again);
}

void dispatcher::remember_ended(order_id order) {
  ended_.push_back(order);
  if (ended_.size() <= ended_records) return;
  records_.erase(ended_.front());
  ended_.pop_front();
}

}  // namespace dabba
