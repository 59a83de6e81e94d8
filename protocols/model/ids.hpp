/// Strong ids, and which shard an entity lives in.
#pragma once

#include "protocols/model/enum_names.hpp"
#include "protocols/model/uuid.hpp"

namespace dabba {

template <class Tag>
struct id {
  uuid value;

  friend auto operator<=>(const id&, const id&) = default;
  [[nodiscard]] bool is_nil() const noexcept { return value.is_nil(); }
  static id make(instant now) { return {make_uuid_v7(now)}; }
};

using order_id = id<struct order_tag>;
using restaurant_id = id<struct restaurant_tag>;
using partner_id = id<struct partner_tag>;
using user_id = id<struct user_tag>;
using item_id = id<struct item_tag>;
using category_id = id<struct category_tag>;
using group_id = id<struct group_tag>;
using option_id = id<struct option_tag>;
using document_id = id<struct document_tag>;
using offer_id = id<struct offer_tag>;
using job_id = id<struct job_tag>;
using command_id = id<struct command_tag>;
using promotion_id = id<struct promotion_tag>;
using node_id = id<struct node_tag>;

/// A dispatch zone: an S2 cell id (see actors/zones.hpp).
inline constexpr int zone_level = 7;  ///< of S2: cells of about 70 km

struct zone_id {
  std::uint64_t cell = 0;
  friend auto operator<=>(const zone_id&, const zone_id&) = default;
};

template <class Tag>
std::string to_string(const id<Tag>& x) {
  return to_string(x.value);
}

template <class Inspector, class Tag>
bool inspect(Inspector& f, id<Tag>& x) {
  return inspect(f, x.value);
}

/// The zone's S2 token: hexadecimal without trailing zeros, as in the API.
std::string to_string(zone_id x);
std::optional<zone_id> parse_zone(std::string_view token) noexcept;
/// True for a cell of zone_level on the globe: what a client names may be none.
bool is_zone(zone_id x) noexcept;

template <class Inspector>
bool inspect(Inspector& f, zone_id& x) {
  if (f.has_human_readable_format()) {
    auto get = [&x] { return to_string(x); };
    auto set = [&x](const std::string& text) {
      auto parsed = parse_zone(text);
      if (parsed) x = *parsed;
      return parsed.has_value();
    };
    return f.apply(get, set);
  }
  return f.apply(x.cell);
}

/// What is addressed by kind and id, owned by a shard, and has an actor of its own.
enum class entity_kind : std::uint8_t { order, restaurant, partner, matchmaker, board };
template <>
inline constexpr auto enum_names<entity_kind> =
    std::to_array<std::string_view>({"order", "restaurant", "partner", "matchmaker", "board"});

struct entity_ref {
  entity_kind kind = entity_kind::order;
  uuid id;
  friend auto operator<=>(const entity_ref&, const entity_ref&) = default;
};

template <class Inspector>
bool inspect(Inspector& f, entity_ref& x) {
  return f.object(x).fields(f.field("kind", x.kind), f.field("id", x.id));
}

inline entity_ref ref(order_id x) { return {entity_kind::order, x.value}; }
inline entity_ref ref(restaurant_id x) { return {entity_kind::restaurant, x.value}; }
inline entity_ref ref(partner_id x) { return {entity_kind::partner, x.value}; }
entity_ref matchmaker_ref(zone_id zone);
entity_ref board_ref(zone_id zone);
zone_id zone_of(const entity_ref& matchmaker_or_board);

/// A slice of the entities, owned by one node at a time.
struct shard_id {
  std::uint16_t value = 0;
  friend auto operator<=>(const shard_id&, const shard_id&) = default;
};

template <class Inspector>
bool inspect(Inspector& f, shard_id& x) {
  return f.apply(x.value);
}

/// The shard is read off the id's last two bytes, so that an id can be made to lie beside another.
shard_id shard_of(const uuid& id, std::uint16_t shard_count) noexcept;

/// A new order id in the shard of its restaurant: all orders of a restaurant share one shard, and the shard's journal
/// positions number the restaurant's feed.
order_id make_order_id(instant now, restaurant_id restaurant);

}  // namespace dabba

template <class Tag>
struct std::hash<dabba::id<Tag>> {
  std::size_t operator()(const dabba::id<Tag>& x) const noexcept { return std::hash<dabba::uuid>{}(x.value); }
};
template <>
struct std::hash<dabba::zone_id> {
  std::size_t operator()(const dabba::zone_id& x) const noexcept { return std::hash<std::uint64_t>{}(x.cell); }
};
template <>
struct std::hash<dabba::entity_ref> {
  std::size_t operator()(const dabba::entity_ref& x) const noexcept {
    return std::hash<dabba::uuid>{}(x.id) * 31 + static_cast<std::size_t>(x.kind);
  }
};
