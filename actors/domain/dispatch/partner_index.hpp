/// Where partners are, and the nearest of them to a point: a grid of square cells searched in growing rings.
#pragma once

#include <algorithm>
#include <cmath>
#include <cstdint>
#include <optional>
#include <unordered_map>
#include <vector>

#include "protocols/model/geo.hpp"
#include "protocols/model/ids.hpp"

namespace dabba {

struct neighbour {
  partner_id partner;
  metres distance_m;
};

class partner_index {
 public:
  /// Cells are `cell_m` wide north to south; the default suits searches of a few kilometres in a city.
  explicit partner_index(double cell_m = 500) noexcept;

  /// Inserts the partner or moves it.
  void put(partner_id partner, geo_point at);
  void erase(partner_id partner);

  [[nodiscard]] std::size_t size() const noexcept { return places_.size(); }
  [[nodiscard]] std::optional<geo_point> position(partner_id partner) const;

  /// The nearest partners to `centre` within `radius` that `wanted` lets through, nearest first, at most `count`.
  template <class Wanted>
  [[nodiscard]] std::vector<neighbour> nearest(geo_point centre, metres radius, std::size_t count,
                                               Wanted&& wanted) const;

 private:
  struct cell {
    std::int32_t row = 0;
    std::int32_t column = 0;
    friend bool operator==(const cell&, const cell&) = default;
  };
  struct cell_hash {
    std::size_t operator()(const cell& c) const noexcept {
      return static_cast<std::size_t>(static_cast<std::uint32_t>(c.row)) * 0x9e3779b97f4a7c15ULL ^
             static_cast<std::uint32_t>(c.column);
    }
  };
  /// A place on a sphere of the earth's size, in metres from its centre.
  struct spot {
    double x = 0;
    double y = 0;
    double z = 0;
  };
  struct resident {
    partner_id partner;
    geo_point at;
    spot on_sphere;
  };
  struct place {
    cell home;
    std::uint32_t seat = 0;  ///< index within the cell
  };

  [[nodiscard]] cell cell_of(geo_point at) const noexcept;
  [[nodiscard]] static spot spot_of(geo_point at) noexcept;
  /// Of the straight line, in square metres. That line is never longer than the way along the ground.
  [[nodiscard]] static double straight_squared(const spot& a, const spot& b) noexcept {
    return (a.x - b.x) * (a.x - b.x) + (a.y - b.y) * (a.y - b.y) + (a.z - b.z) * (a.z - b.z);
  }
  /// The narrowest a column gets within `rows` rows of `row`, in metres.
  [[nodiscard]] double column_width(std::int32_t row, std::int32_t rows) const noexcept;
  void leave(const place& from);
  void offer(std::vector<neighbour>& best, std::size_t count, const resident& who, metres away) const;
  template <class Visit>
  void visit_ring(cell centre, std::int32_t ring, Visit&& visit) const;

  double cell_m_;
  double cell_deg_;
  std::unordered_map<cell, std::vector<resident>, cell_hash> cells_;
  std::unordered_map<partner_id, place> places_;
};

template <class Visit>
void partner_index::visit_ring(cell centre, std::int32_t ring, Visit&& visit) const {
  auto visit_cell = [&](std::int32_t row, std::int32_t column) {
    if (auto found = cells_.find({row, column}); found != cells_.end())
      for (const auto& who : found->second) visit(who);
  };
  for (auto column = centre.column - ring; column <= centre.column + ring; ++column) {
    visit_cell(centre.row - ring, column);
    if (ring > 0) visit_cell(centre.row + ring, column);
  }
  for (auto row = centre.row - ring + 1; row < centre.row + ring; ++row) {
    visit_cell(row, centre.column - ring);
    visit_cell(row, centre.column + ring);
  }
}

template <class Wanted>
std::vector<neighbour> partner_index::nearest(geo_point centre, metres radius, std::size_t count,
                                              Wanted&& wanted) const {
  std::vector<neighbour> best;
  if (count == 0) return best;
  auto home = cell_of(centre);
  auto rings = static_cast<std::int32_t>(radius.value / cell_m_) + 1;
  // Columns narrow towards the poles: as many more rings as it takes to span the radius east to west.
  double width = column_width(home.row, rings);
  rings = std::max(rings, static_cast<std::int32_t>(radius.value / width) + 1);
  // Nearly everybody is too far away, which the straight line tells without trigonometry. The slack is for rounding.
  constexpr double slack_m = 1e-3;
  auto here = spot_of(centre);
  auto worth_a_look = [](metres away) { return (away.value + slack_m) * (away.value + slack_m); };
  double limit = worth_a_look(radius);
  auto consider = [&](const resident& who) {
    if (straight_squared(here, who.on_sphere) > limit) return;
    auto away = distance(centre, who.at);
    if (away > radius) return;
    if (best.size() == count && away >= best.back().distance_m) return;
    if (!wanted(who.partner)) return;
    offer(best, count, who, away);
    if (best.size() == count) limit = worth_a_look(best.back().distance_m);
  };
  // Near the poles, or with few partners, looking at everybody is less work than looking at all the cells; and the grid
  // ends at the 180th meridian.
  bool crosses_the_end = std::abs(centre.lon_deg) + (rings + 1) * cell_deg_ > 180;
  if (crosses_the_end || 4.0 * rings * rings > 64 + 8.0 * static_cast<double>(places_.size())) {
    for (const auto& [where, residents] : cells_)
      for (const auto& who : residents) consider(who);
    return best;
  }
  for (std::int32_t ring = 0; ring <= rings; ++ring) {
    // Whoever is in this ring or beyond is at least this far away.
    double at_least = (ring - 1) * std::min(cell_m_, width);
    if (best.size() == count && best.back().distance_m.value <= at_least) break;
    visit_ring(home, ring, consider);
  }
  return best;
}

}  // namespace dabba
