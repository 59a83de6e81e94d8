#include "tests/http-edge/support/canned_answers.hpp"

#include <algorithm>

#include "actors/domain/restaurant_machine.hpp"
#include "actors/restaurant_answers.hpp"
#include "protocols/codec.hpp"
#include "protocols/model/order_privacy.hpp"

namespace dabba::test {
namespace {

class answers_from {
 public:
  answers_from(world& w, const entity_ref& to) : w_{w}, to_{to} {}

  answer operator()(const read_state&) const {
    switch (to_.kind) {
      case entity_kind::order: return find(w_.orders, order_id{to_.id}, errc::order_not_found);
      case entity_kind::restaurant: {
        auto found = w_.restaurants.find(restaurant_id{to_.id});
        if (found == w_.restaurants.end()) return tl::unexpected{errc::restaurant_not_found};
        return reply{found->second.about};
      }
      case entity_kind::partner: return reply{w_.partners[partner_id{to_.id}]};
      case entity_kind::matchmaker:
      case entity_kind::board: break;
    }
    return tl::unexpected{errc::internal};
  }
  answer operator()(const price_lines& x) const {
    auto found = w_.restaurants.find(restaurant_id{to_.id});
    if (found == w_.restaurants.end()) return tl::unexpected{errc::restaurant_not_found};
    return answer_to(x, found->second, {15, pricing_terms{}}, w_.now());
  }
  answer operator()(const read_menu& x) const {
    auto found = w_.restaurants.find(restaurant_id{to_.id});
    if (found == w_.restaurants.end()) return tl::unexpected{errc::restaurant_not_found};
    auto returns = returns_of(*found->second.menu);
    auto returned = std::ranges::upper_bound(returns, w_.now()) - returns.begin();
    return answer_to(x, found->second, static_cast<std::uint32_t>(returned), w_.now());
  }
  answer operator()(const order_request& x) const {
    auto& state = w_.orders[x.to];
    if (x.meta.expected_version && *x.meta.expected_version != state.version)
      return tl::unexpected{errc::stale_version};
    if (const auto* placed = std::get_if<place_order>(&x.command)) place(state, x.to, *placed);
    if (std::holds_alternative<forget_order_customer>(x.command)) forget_customer(state);
    ++state.version;
    return remember(x.meta, reply{state});
  }
  answer operator()(const restaurant_request& x) const {
    auto& state = w_.restaurants[x.to];
    state.about.id = x.to;
    if (x.meta.expected_version.value_or(state.about.version) != state.about.version)
      return tl::unexpected{errc::stale_version};
    if (const auto* made = std::get_if<register_restaurant>(&x.command)) state.about.profile = made->profile;
    // Whether it may be verified or go online is no matter of the edge.
    if (x.command.index() < 3) {
      ++state.about.version;
      return remember(x.meta, answer_to(x.command, state));
    }
    auto events = decide(state, x.command, w_.now());
    if (!events) return tl::unexpected{events.error()};
    for (const auto& each : *events) apply(state, each);
    return remember(x.meta, answer_to(x.command, state));
  }
  answer operator()(const partner_request& x) const {
    auto& state = w_.partners[x.to];
    state.id = x.to;
    ++state.version;
    if (std::holds_alternative<go_online>(x.command)) state.shift = shift_status::online;
    if (const auto* wanted = std::get_if<accept_offer>(&x.command)) {
      if (w_.offers.empty() || w_.offers.front().id != wanted->offer)
        return tl::unexpected{errc::offer_no_longer_available};
      return remember(x.meta, reply{awarded_job{wanted->offer, state.active}});
    }
    return remember(x.meta, reply{state});
  }
  answer operator()(const subscribe& x) const {
    w_.subscribers[to_].insert(x.who);
    return reply{subscribed{w_.journal[to_].empty() ? 0 : w_.journal[to_].back().seq}};
  }
  answer operator()(const unsubscribe& x) const {
    w_.subscribers[to_].erase(x.who);
    return reply{done{}};
  }
  answer operator()(const attach& x) const {
    w_.phones[partner_id{to_.id}] = x.phone;
    return reply{done{}};
  }
  answer operator()(const detach&) const {
    w_.phones.erase(partner_id{to_.id});
    return reply{done{}};
  }
  answer operator()(const locations& x) const {
    w_.positions.insert(w_.positions.end(), x.points.begin(), x.points.end());
    return reply{done{}};
  }
  answer operator()(const read_offers&) const { return reply{open_offers{w_.offers}}; }
  answer operator()(const read_location&) const { return tl::unexpected{errc::no_location}; }
  answer operator()(const read_search&) const {
    if (!w_.search) return tl::unexpected{errc::search_not_found};
    return reply{*w_.search};
  }
  template <class T>
  answer operator()(const T&) const {
    return tl::unexpected{errc::internal};
  }

 private:
  template <class Map, class Key>
  static answer find(const Map& in, const Key& key, errc missing) {
    auto found = in.find(key);
    if (found == in.end()) return tl::unexpected{missing};
    return reply{found->second};
  }
  static void place(order& state, order_id id, const place_order& x) {
    state.id = id;
    state.status = order_status::pending_restaurant_acceptance;
    state.customer = x.customer;
    state.restaurant = x.restaurant;
    state.restaurant_name = x.restaurant_name;
    state.dropoff = x.dropoff;
    state.lines = x.lines;
    state.tip = x.tip;
    state.pin = x.pin;
    state.zone = x.zone;
    for (const auto& line : x.lines) state.subtotal = state.subtotal + line.price();
    state.total = state.subtotal + state.tip;
  }
  answer remember(const command_meta& meta, reply made) const {
    if (!meta.idempotency) return made;
    const auto& claim = *meta.idempotency;
    auto [found, is_new] = w_.answers.try_emplace({claim.caller, claim.key});
    if (!is_new) return tl::unexpected{errc::idempotency_key_exists};
    found->second = {claim.caller, claim.key, claim.request_hash, encode(made)};
    return made;
  }

  world& w_;
  const entity_ref& to_;
};

}  // namespace

answer canned_answer(world& w, const entity_ref& to, const routed& question) {
  return std::visit(answers_from{w, to}, question);
}

}  // namespace dabba::test
