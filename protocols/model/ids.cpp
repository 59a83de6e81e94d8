#include "protocols/model/ids.hpp"

#include <charconv>

namespace dabba {
namespace {

uuid zone_uuid(zone_id zone) {
  // The cell fills the first half; the shard is read off the last bytes, which mix it.
  uuid out;
  auto cell = zone.cell;
  for (std::size_t i = 0; i < 8; ++i) out.bytes[i] = static_cast<std::uint8_t>(cell >> 8 * (7 - i));
  auto spread = derive_uuid(out, "zone");
  for (std::size_t i = 8; i < 16; ++i) out.bytes[i] = spread.bytes[i];
  return out;
}

}  // namespace

std::string to_string(zone_id x) {
  if (x.cell == 0) return "0";
  std::string out;
  for (auto rest = x.cell; rest != 0; rest <<= 4) out += "0123456789abcdef"[rest >> 60];
  return out;
}

std::optional<zone_id> parse_zone(std::string_view token) noexcept {
  if (token.empty() || token.size() > 16) return std::nullopt;
  std::uint64_t cell = 0;
  auto [end, error] = std::from_chars(token.data(), token.data() + token.size(), cell, 16);
  if (error != std::errc{} || end != token.data() + token.size()) return std::nullopt;
  return zone_id{cell << 4 * (16 - token.size())};
}

bool is_zone(zone_id x) noexcept {
  constexpr int bits_below = 2 * (30 - zone_level);  // of an S2 cell id: three for the face, two for each level, a one
  constexpr std::uint64_t lowest = 1ULL << bits_below;
  return (x.cell & (lowest * 2 - 1)) == lowest && x.cell >> 61 < 6;
}

entity_ref matchmaker_ref(zone_id zone) { return {entity_kind::matchmaker, zone_uuid(zone)}; }

entity_ref board_ref(zone_id zone) { return {entity_kind::board, zone_uuid(zone)}; }

zone_id zone_of(const entity_ref& matchmaker_or_board) {
  std::uint64_t cell = 0;
  for (std::size_t i = 0; i < 8; ++i) cell = cell << 8 | matchmaker_or_board.id.bytes[i];
  return {cell};
}

shard_id shard_of(const uuid& id, std::uint16_t shard_count) noexcept {
  auto tail = static_cast<std::uint16_t>(id.bytes[14] << 8 | id.bytes[15]);
  return {static_cast<std::uint16_t>(tail % shard_count)};
}

order_id make_order_id(instant now, restaurant_id restaurant) {
  auto out = order_id::make(now);
  out.value.bytes[14] = restaurant.value.bytes[14];
  out.value.bytes[15] = restaurant.value.bytes[15];
  return out;
}

}  // namespace dabba
