#include "bench/micro/position_frames.hpp"

#include <fmt/core.h>
#include <array>
#include <cmath>
#include <numbers>
#include <random>

namespace dabba::bench {

std::string position_text(geo_point at, int step) {
  return fmt::format(R"({{"type":"location","latitude":{:.7f},"longitude":{:.7f},"accuracy":8.5,"heading":{:05.1f},)"
                     R"("speed":5.3,"at":"2030-01-01T{:02}:{:02}:{:02}.500Z"}})",
                     at.lat_deg, at.lon_deg, 100.0 + step % 200, step / 3600 % 24, step / 60 % 60, step % 60);
}

std::string masked_frame(const std::string& text, std::uint32_t mask) {
  constexpr char final_text = '\x81';
  constexpr char masked_two_byte_length = '\xFE';
  std::array<char, 4> key{};
  for (std::size_t i = 0; i < key.size(); ++i) key[i] = static_cast<char>(mask >> (8 * i));
  std::string out{
      final_text, masked_two_byte_length, static_cast<char>(text.size() >> 8), static_cast<char>(text.size())};
  out.append(key.data(), key.size());
  for (std::size_t i = 0; i < text.size(); ++i) out += static_cast<char>(text[i] ^ key[i % 4]);
  return out;
}

std::string wandering_frames(geo_point around, std::size_t count, std::uint32_t seed) {
  constexpr double circle_deg = 0.004;  // about 450 m: in and out of cells
  std::mt19937 random{seed};
  std::string out;
  for (std::size_t i = 0; i < count; ++i) {
    auto angle = 2 * std::numbers::pi * static_cast<double>(i) / static_cast<double>(count);
    geo_point at{around.lat_deg + circle_deg * std::sin(angle), around.lon_deg + circle_deg * std::cos(angle)};
    out += masked_frame(position_text(at, static_cast<int>(i)), static_cast<std::uint32_t>(random()) | 1);
  }
  return out;
}

}  // namespace dabba::bench
