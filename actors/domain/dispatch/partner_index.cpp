#include "actors/domain/dispatch/partner_index.hpp"

#include <algorithm>
#include <numbers>

namespace dabba {
namespace {

constexpr double metres_per_degree = 111'194.93;  // of a great circle on the sphere of `distance`

}  // namespace

partner_index::partner_index(double cell_m) noexcept : cell_m_{cell_m}, cell_deg_{cell_m / metres_per_degree} {}

void partner_index::put(partner_id partner, geo_point at) {
  auto home = cell_of(at);
  auto [found, is_new] = places_.try_emplace(partner);
  auto& where = found->second;
  if (!is_new && where.home == home) {
    cells_[home][where.seat] = {partner, at, spot_of(at)};
    return;
  }
  if (!is_new) leave(where);
  auto& residents = cells_[home];
  where = {home, static_cast<std::uint32_t>(residents.size())};
  residents.push_back({partner, at, spot_of(at)});
}

void partner_index::erase(partner_id partner) {
  auto found = places_.find(partner);
  if (found == places_.end()) return;
  leave(found->second);
  places_.erase(found);
}

std::optional<geo_point> partner_index::position(partner_id partner) const {
  auto found = places_.find(partner);
  if (found == places_.end()) return std::nullopt;
  return cells_.at(found->second.home)[found->second.seat].at;
}

partner_index::cell partner_index::cell_of(geo_point at) const noexcept {
  return {static_cast<std::int32_t>(std::floor(at.lat_deg / cell_deg_)),
          static_cast<std::int32_t>(std::floor(at.lon_deg / cell_deg_))};
}

partner_index::spot partner_index::spot_of(geo_point at) noexcept {
  constexpr double rad_per_deg = std::numbers::pi / 180;
  constexpr double earth_radius_m = metres_per_degree / rad_per_deg;
  double lat = at.lat_deg * rad_per_deg;
  double lon = at.lon_deg * rad_per_deg;
  double from_axis = earth_radius_m * std::cos(lat);
  return {from_axis * std::cos(lon), from_axis * std::sin(lon), earth_radius_m * std::sin(lat)};
}

double partner_index::column_width(std::int32_t row, std::int32_t rows) const noexcept {
  double farthest = std::min(89.9, (std::abs(row) + rows + 1) * cell_deg_);
  return cell_m_ * std::cos(farthest * std::numbers::pi / 180);
}

void partner_index::leave(const place& from) {
  auto found = cells_.find(from.home);
  auto& residents = found->second;
  if (from.seat + 1 != residents.size()) {
    residents[from.seat] = residents.back();
    places_[residents[from.seat].partner].seat = from.seat;
  }
  residents.pop_back();
  if (residents.empty()) cells_.erase(found);
}

void partner_index::offer(std::vector<neighbour>& best, std::size_t count, const resident& who, metres away) const {
  auto at = std::ranges::upper_bound(best, away, {}, &neighbour::distance_m);
  best.insert(at, {who.partner, away});
  if (best.size() > count) best.pop_back();
}

}  // namespace dabba
