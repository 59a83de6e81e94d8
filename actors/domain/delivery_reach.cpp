#include "actors/domain/delivery_reach.hpp"

#include <algorithm>
#include <cmath>

#include "protocols/model/limits.hpp"

namespace dabba {
namespace {

constexpr std::int64_t units_per_turn = 3'600'000'000;
/// Of a polygon in either direction: products of what is narrower fit into 64 bits. Near the poles a circle of
/// `limits::area_metres` is wider in degrees than this.
constexpr std::int64_t widest = 300'000'000;

/// In 1e-7 degrees from a corner of the polygon.
struct plane_point {
  std::int64_t x = 0;
  std::int64_t y = 0;
  friend bool operator==(const plane_point&, const plane_point&) = default;
};

std::int64_t units(double degrees) noexcept { return std::llround(degrees * 1e7); }

/// The short way round the earth.
plane_point relative(geo_point x, geo_point origin) noexcept {
  auto east = (units(x.lon_deg) - units(origin.lon_deg)) % units_per_turn;
  if (east > units_per_turn / 2) east -= units_per_turn;
  if (east < -units_per_turn / 2) east += units_per_turn;
  return {east, units(x.lat_deg) - units(origin.lat_deg)};
}

std::vector<plane_point> to_plane(const std::vector<geo_point>& corners) {
  std::vector<plane_point> out;
  out.reserve(corners.size());
  for (const auto& each : corners) out.push_back(relative(each, corners.front()));
  return out;
}

/// Positive when `c` is to the left of the way from `a` to `b`, 0 when it is on its line.
std::int64_t side(plane_point a, plane_point b, plane_point c) noexcept {
  return (b.x - a.x) * (c.y - a.y) - (b.y - a.y) * (c.x - a.x);
}
int sign(std::int64_t x) noexcept { return (x > 0) - (x < 0); }

bool is_within_box(plane_point a, plane_point b, plane_point c) noexcept {
  return std::min(a.x, b.x) <= c.x && c.x <= std::max(a.x, b.x) && std::min(a.y, b.y) <= c.y &&
         c.y <= std::max(a.y, b.y);
}
bool is_on_side(plane_point a, plane_point b, plane_point c) noexcept {
  return is_within_box(a, b, c) && side(a, b, c) == 0;
}

bool touch(plane_point a, plane_point b, plane_point c, plane_point d) noexcept {
  if (sign(side(a, b, c)) * sign(side(a, b, d)) < 0 && sign(side(c, d, a)) * sign(side(c, d, b)) < 0) return true;
  return is_on_side(a, b, c) || is_on_side(a, b, d) || is_on_side(c, d, a) || is_on_side(c, d, b);
}

bool touches_itself(const std::vector<plane_point>& x) noexcept {
  auto n = x.size();
  auto at = [&](std::size_t i) { return x[i % n]; };
  for (std::size_t i = 0; i < n; ++i) {
    // The next side shares a corner with this one, and must not run back along it.
    if (is_on_side(at(i), at(i + 1), at(i + 2)) || is_on_side(at(i + 1), at(i + 2), at(i))) return true;
    for (std::size_t j = i + 2; j < n; ++j) {
      bool is_neighbour = i == 0 && j == n - 1;
      if (!is_neighbour && touch(at(i), at(i + 1), at(j), at(j + 1))) return true;
    }
  }
  return false;
}

bool is_inside(const std::vector<plane_point>& x, plane_point p) noexcept {
  auto reach = std::ranges::any_of(
      x, [&](plane_point each) { return std::abs(each.x - p.x) <= widest && std::abs(each.y - p.y) <= widest; });
  if (!reach) return false;  // and nothing below can overflow
  bool is_odd = false;
  for (std::size_t i = 0; i < x.size(); ++i) {
    auto a = x[i];
    auto b = x[(i + 1) % x.size()];
    if (is_on_side(a, b, p)) return true;
    // Crossings with the way from `p` to the east; a corner belongs to the side that leaves it upwards.
    if ((a.y > p.y) == (b.y > p.y)) continue;
    bool is_left = side(a, b, p) > 0;
    if (is_left == (b.y > a.y)) is_odd = !is_odd;
  }
  return is_odd;
}

}  // namespace

bool is_valid(const delivery_area& area, geo_point restaurant) {
  if (area.radius.has_value() == !area.corners.empty()) return false;
  if (area.radius) return area.radius->value > 0 && area.radius->value <= limits::area_metres;
  if (area.corners.size() < 3 || area.corners.size() > limits::area_corners) return false;
  auto is_near = [&](geo_point x) { return distance(restaurant, x).value <= limits::area_metres; };
  if (!std::ranges::all_of(area.corners, is_near)) return false;
  auto corners = to_plane(area.corners);
  auto is_narrow = [](plane_point x) { return std::abs(x.x) <= widest / 2 && std::abs(x.y) <= widest / 2; };
  return std::ranges::all_of(corners, is_narrow) && !touches_itself(corners);
}

bool reaches(const delivery_area& area, geo_point restaurant, geo_point to) {
  if (area.radius) return distance(restaurant, to) <= *area.radius;
  return area.corners.size() >= 3 && is_inside(to_plane(area.corners), relative(to, area.corners.front()));
}

}  // namespace dabba
