/// Random events never make the dispatcher's books disagree with what partners hold.
#include <rapidcheck.h>
#include <catch2/catch_test_macros.hpp>
#include <set>

#include "protocols/model/limits.hpp"
#include "tests/domain/zone_under_test.hpp"

using namespace dabba;
using namespace dabba::samples;

namespace {

/// Drawn by its index, so that a shrunk run picks from its own elements.
template <class Container>
auto one_of(const Container& from) {
  return *std::next(from.begin(), static_cast<std::ptrdiff_t>(*rc::gen::inRange<std::size_t>(0, 1000) % from.size()));
}

/// The other side of the dispatcher: orders that search, and partners that hold what they were offered.
class world {
 public:
  world() : zone_{terms()} {}

  void step() {
    switch (*rc::gen::inRange(0, 9)) {
      case 0:
      case 1: return search();
      case 2: return end_search();
      case 3:
      case 4: return appear();
      case 5: return become_busy();
      case 6: return leave();
      case 7: return answer();
      default: return take(zone_.after(std::chrono::seconds{*rc::gen::inRange(0, 40)}));
    }
  }

  void check() const {
    const auto& state = zone_.dispatch.state();
    for (const auto& [offer, holders] : held_)
      for (auto order : orders_of_.at(offer)) {
        RC_ASSERT(state.searches.contains(order));
        RC_ASSERT(state.searches.at(order).live == offer);
      }
    RC_ASSERT(state.searches.size() == searching_.size());
    RC_ASSERT(state.turns.size() == static_cast<std::size_t>(std::ranges::count_if(state.searches, [](const auto& x) {
                return !x.second.live;
              })));
    for (const auto& [order, search] : state.searches) {
      RC_ASSERT(zone_.dispatch.record(order)->state == search_state::open);
      RC_ASSERT(state.turns.contains({search.next_wave_at, order}) == !search.live);
      if (search.live) check_wave(order, *search.live);
    }
    RC_ASSERT(state.partners.size() == online_.size());
    RC_ASSERT(state.where.size() == online_.size());
    for (const auto& [partner, seen] : state.partners) {
      RC_ASSERT(seen.open_offers == held_by(partner));
      RC_ASSERT(held_by(partner) <= limits::open_offers_per_partner);
    }
  }

 private:
  static dispatch_terms terms() {
    dispatch_terms out;
    out.waves = 3;
    out.first_radius = {1000};
    out.last_radius = {3000};
    return out;
  }

  void check_wave(order_id order, offer_id offer) const {
    std::set<partner_id> pending;
    const auto& waves = zone_.dispatch.record(order)->waves;
    auto wave = std::ranges::find(waves, std::optional{offer}, &search_wave::offer);
    RC_ASSERT(wave != waves.end());
    for (const auto& asked : wave->asked)
      if (asked.outcome == offer_outcome::pending) pending.insert(asked.partner);
    RC_ASSERT(!pending.empty());
    RC_ASSERT(held_.at(offer) == pending);
    RC_ASSERT(wave->asked.size() <= terms().fanout_max);
  }

  std::size_t held_by(partner_id partner) const {
    std::size_t out = 0;
    for (const auto& [offer, holders] : held_) out += holders.contains(partner);
    return out;
  }

  void drop(offer_id offer, partner_id partner) {
    auto found = held_.find(offer);
    if (found == held_.end()) return;
    found->second.erase(partner);
    if (found->second.empty()) held_.erase(found);
  }

  void take(const dispatch_effects& effects) {
    for (const auto& effect : effects) {
      if (const auto* made = std::get_if<send_offer>(&effect)) {
        RC_ASSERT(online_.contains(made->to));
        RC_ASSERT(!busy_.contains(made->to));
        for (const auto& stop : made->what.offered.stops) {
          RC_ASSERT(!declined_.contains({stop.order, made->to}));
          RC_ASSERT(searching_.contains(stop.order));
          orders_of_[made->what.id].insert(stop.order);
        }
        RC_ASSERT(held_[made->what.id].insert(made->to).second);
      } else {
        const auto& back = std::get<take_back>(effect);
        RC_ASSERT(held_.contains(back.what));
        RC_ASSERT(held_.at(back.what).contains(back.from));
        drop(back.what, back.from);
      }
    }
  }

  void search() {
    auto n = *rc::gen::inRange<std::uint64_t>(1, 9);
    auto order = nth<order_id>(n);
    if (cancelled_.contains(order)) return;
    searching_.insert(order);
    take(zone_.find(n));
  }

  void end_search() {
    if (searching_.empty()) return;
    auto order = one_of(searching_);
    std::vector<std::pair<offer_id, partner_id>> takers;
    for (const auto& [offer, holders] : held_)
      if (orders_of_.at(offer).contains(order))
        for (auto partner : holders) takers.emplace_back(offer, partner);
    searching_.erase(order);
    if (takers.empty() || *rc::gen::inRange(0, 3) == 0) {
      cancelled_.insert(order);
      return take(zone_.dispatch.end(order, {}, zone_.now));
    }
    auto [offer, winner] = one_of(takers);
    drop(offer, winner);
    take(zone_.dispatch.end(order, winner, zone_.now));
  }

  void see(partner_id partner) {
    auto seen = seen_at(0, *rc::gen::inRange(0, 4000));
    seen.partner = partner;
    seen.idle = !busy_.contains(partner);
    seen.open_offers = static_cast<std::uint8_t>(held_by(partner));
    online_.insert(partner);
    take(zone_.dispatch.seen(seen, zone_.now));
  }

  void appear() {
    auto partner = nth<partner_id>(*rc::gen::inRange<std::uint64_t>(1, 9));
    busy_.erase(partner);
    see(partner);
  }

  /// It took a job elsewhere: it drops its offers and says so, then tells that it is busy.
  void become_busy() {
    if (online_.empty()) return;
    auto partner = one_of(online_);
    busy_.insert(partner);
    auto before = held_;
    for (const auto& [offer, holders] : before)
      if (holders.contains(partner)) {
        drop(offer, partner);
        // Not offered anything meanwhile: the dispatcher does not know yet that it is busy.
        busy_.erase(partner);
        take(zone_.dispatch.answered(offer, partner, offer_outcome::withdrawn, zone_.now));
        busy_.insert(partner);
      }
    see(partner);
  }

  void leave() {
    if (online_.empty()) return;
    auto partner = one_of(online_);
    online_.erase(partner);
    auto before = held_;
    for (const auto& [offer, holders] : before) drop(offer, partner);
    take(zone_.dispatch.left(partner, zone_.now));
  }

  void answer() {
    if (held_.empty()) return;
    auto offer = one_of(held_);
    auto partner = one_of(offer.second);
    auto outcome = *rc::gen::element(offer_outcome::declined, offer_outcome::refused);
    if (outcome == offer_outcome::declined)
      for (auto order : orders_of_.at(offer.first)) declined_.emplace(order, partner);
    drop(offer.first, partner);
    take(zone_.dispatch.answered(offer.first, partner, outcome, zone_.now));
  }

  zone_under_test zone_;
  std::set<order_id> searching_;
  std::set<order_id> cancelled_;
  std::set<partner_id> online_;
  std::set<partner_id> busy_;
  std::map<offer_id, std::set<partner_id>> held_;
  std::map<offer_id, std::set<order_id>> orders_of_;
  std::set<std::pair<order_id, partner_id>> declined_;
};

}  // namespace

TEST_CASE("whatever happens, the dispatcher and the partners agree on what is offered to whom") {
  CHECK(rc::check([] {
    world w;
    auto steps = *rc::gen::inRange(1, 150);
    for (int i = 0; i < steps; ++i) {
      w.step();
      w.check();
    }
  }));
}
