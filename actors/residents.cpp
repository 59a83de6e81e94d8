#include "actors/residents.hpp"

#include <caf/actor_system.hpp>
#include <caf/typed_event_based_actor.hpp>

#include "actors/board.hpp"
#include "actors/matchmaker.hpp"
#include "actors/order.hpp"
#include "actors/partner.hpp"
#include "actors/restaurant.hpp"
#include "protocols/codec.hpp"
#include "protocols/errors.hpp"

namespace dabba {
namespace {

template <class Actor>
void hand_to(const Actor& actor, routed& body, caf::typed_response_promise<reply>& promise) {
  std::visit(
      [&](auto& message) {
        using response = caf::response_type<typename Actor::signatures, std::decay_t<decltype(message)>>;
        if constexpr (!response::valid) {
          promise.deliver(caf::make_error(errc::invalid_argument));
        } else if constexpr (std::is_same_v<typename response::type, caf::detail::type_list<void>>) {
          caf::anon_send(actor, std::move(message));
          promise.deliver(reply{done{}});
        } else {
          promise.delegate(actor, std::move(message));
        }
      },
      body);
}

}  // namespace

template <class Map, class Key, class Actor>
void residents::keep(Map& into, const Key& key, const entity_ref& entity, Actor&& actor) {
  self_->monitor(actor);
  running_.emplace(actor.id(), entity);
  into.insert_or_assign(key, std::forward<Actor>(actor));
}

bool residents::start_known(const shard_context_ptr& shard, const head_record& head) {
  const auto& id = head.entity.id;
  auto start = [&]<class Map, class Key, class State>(
                   Map& into, Key key, tl::expected<State, errc>&& state, auto spawn) {
    if (!state) return false;
    keep(into, key, head.entity, spawn(self_->system(), shard, key, std::move(*state)));
    return true;
  };
  switch (head.entity.kind) {
    case entity_kind::order: return start(orders_, order_id{id}, decode_order(head.state), spawn_order);
    case entity_kind::restaurant:
      return start(restaurants_, restaurant_id{id}, decode_restaurant(head.state), spawn_restaurant);
    case entity_kind::partner: return start(partners_, partner_id{id}, decode_partner(head.state), spawn_partner);
    case entity_kind::matchmaker:
    case entity_kind::board: break;
  }
  return false;
}

bool residents::start_blank(const shard_context_ptr& shard, const entity_ref& entity, bool is_new) {
  auto& system = self_->system();
  switch (entity.kind) {
    case entity_kind::order:
      if (is_new) keep(orders_, order_id{entity.id}, entity, spawn_order(system, shard, {entity.id}, {}));
      return is_new;
    case entity_kind::restaurant:
      if (is_new)
        keep(restaurants_, restaurant_id{entity.id}, entity, spawn_restaurant(system, shard, {entity.id}, {}));
      return is_new;
    case entity_kind::partner:
      keep(partners_, partner_id{entity.id}, entity, spawn_partner(system, shard, {entity.id}, {}));
      return true;
    case entity_kind::matchmaker:
      keep(matchmakers_, zone_of(entity), entity, spawn_matchmaker(system, shard, zone_of(entity)));
      return true;
    case entity_kind::board:
      keep(boards_, zone_of(entity), entity, spawn_board(system, shard, zone_of(entity)));
      return true;
  }
  return false;
}

bool residents::contains(const entity_ref& entity) const {
  return visit(entity, [](const auto& all, const auto& key) { return all.contains(key); });
}

std::optional<entity_ref> residents::remove(const caf::actor_addr& ended) {
  auto gone = running_.extract(ended.id());
  if (!gone) return std::nullopt;
  auto entity = gone.mapped();
  switch (entity.kind) {
    case entity_kind::order: orders_.erase({entity.id}); break;
    case entity_kind::restaurant: restaurants_.erase({entity.id}); break;
    case entity_kind::partner: partners_.erase({entity.id}); break;
    case entity_kind::matchmaker: matchmakers_.erase(zone_of(entity)); break;
    case entity_kind::board: boards_.erase(zone_of(entity)); break;
  }
  return entity;
}

void residents::hand_over(envelope& what, caf::typed_response_promise<reply>& promise) const {
  visit(what.to, [&](const auto& all, const auto& key) { hand_to(all.at(key), what.body, promise); });
}

void residents::tick_zones() const {
  for (const auto& [zone, actor] : matchmakers_) caf::anon_send(actor, tick{});
  for (const auto& [zone, actor] : boards_) caf::anon_send(actor, tick{});
}

}  // namespace dabba
