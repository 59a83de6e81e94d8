/// The entities of one shard that run, by kind.
#pragma once

#include <caf/response_type.hpp>
#include <caf/send.hpp>
#include <caf/typed_response_promise.hpp>
#include <optional>
#include <unordered_map>

#include "actors/node.hpp"

namespace dabba {

class residents {
 public:
  /// Watches them for the shard's actor, which calls `remove` when one has ended.
  explicit residents(shard_actor::pointer self) : self_{self} {}

  /// False when nobody here can read its state.
  bool start_known(const shard_context_ptr& shard, const head_record& head);
  /// Starts what needs nothing from the store; false for an order or restaurant, which must be there unless it is new.
  bool start_blank(const shard_context_ptr& shard, const entity_ref& entity, bool is_new);

  [[nodiscard]] bool contains(const entity_ref& entity) const;
  [[nodiscard]] bool empty() const noexcept { return running_.empty(); }
  /// Some of them live from tick to tick.
  [[nodiscard]] bool need_ticks() const noexcept { return !matchmakers_.empty() || !boards_.empty(); }

  /// The one that has ended; nothing when the actor was none of ours.
  std::optional<entity_ref> remove(const caf::actor_addr& ended);

  /// To the entity, which must run, and its answer to whoever asked. `invalid_argument` when its kind does not take
  /// that.
  void hand_over(envelope& what, caf::typed_response_promise<reply>& promise) const;

  [[nodiscard]] const partner_actor& at(partner_id who) const { return partners_.at(who); }
  [[nodiscard]] const matchmaker_actor& at(zone_id zone) const { return matchmakers_.at(zone); }
  [[nodiscard]] const auto& boards() const noexcept { return boards_; }

  /// Nothing happens when it does not run, or does not take that message.
  template <class Message>
  void tell(const entity_ref& entity, const Message& message) const {
    visit(entity, [&](const auto& all, const auto& key) {
      using actor = typename std::decay_t<decltype(all)>::mapped_type;
      if constexpr (caf::response_type<typename actor::signatures, Message>::valid)
        if (auto found = all.find(key); found != all.end()) caf::anon_send(found->second, message);
    });
  }
  template <class Message>
  void tell_all(const Message& message) const {
    for (const auto& [id, entity] : running_) tell(entity, message);
  }
  void tick_zones() const;

 private:
  template <class Visitor>
  auto visit(const entity_ref& entity, Visitor&& visitor) const {
    switch (entity.kind) {
      case entity_kind::order: return visitor(orders_, order_id{entity.id});
      case entity_kind::restaurant: return visitor(restaurants_, restaurant_id{entity.id});
      case entity_kind::partner: return visitor(partners_, partner_id{entity.id});
      case entity_kind::matchmaker: return visitor(matchmakers_, zone_of(entity));
      case entity_kind::board: return visitor(boards_, zone_of(entity));
    }
    throw std::logic_error{"an entity of no kind"};
  }
  template <class Map, class Key, class Actor>
  void keep(Map& into, const Key& key, const entity_ref& entity, Actor&& actor);

  shard_actor::pointer self_;
  std::unordered_map<order_id, order_actor> orders_;
  std::unordered_map<restaurant_id, restaurant_actor> restaurants_;
  std::unordered_map<partner_id, partner_actor> partners_;
  std::unordered_map<zone_id, matchmaker_actor> matchmakers_;
  std::unordered_map<zone_id, board_actor> boards_;
  std::unordered_map<caf::actor_id, entity_ref> running_;
};

}  // namespace dabba
