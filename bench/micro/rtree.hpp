/// The same questions answered by Boost.Geometry's R-tree. Points are put on the sphere in three dimensions, where the
/// straight distance grows with the distance along the ground: exact, and cheaper than trigonometry at every node.
#pragma once

#include <algorithm>
#include <boost/geometry.hpp>
#include <boost/geometry/index/rtree.hpp>
#include <boost/iterator/function_output_iterator.hpp>
#include <cmath>
#include <cstdint>
#include <numbers>
#include <vector>

#include "protocols/model/geo.hpp"

namespace dabba::bench {

class rtree_index {
 public:
  using key = std::uint32_t;

  explicit rtree_index(const std::vector<geo_point>& points) {
    std::vector<entry> all;
    all.reserve(points.size());
    for (key i = 0; i < points.size(); ++i) all.emplace_back(on_sphere(points[i]), i);
    tree_ = tree{std::move(all)};
  }

  void move(key which, geo_point from, geo_point to) {
    tree_.remove(entry{on_sphere(from), which});
    tree_.insert(entry{on_sphere(to), which});
  }

  /// The nearest within `radius`, nearest first, at most `count`.
  [[nodiscard]] std::vector<key> nearest(geo_point centre, metres radius, unsigned count) const {
    auto here = on_sphere(centre);
    auto chord = 2 * earth_radius_m * std::sin(radius.value / 2 / earth_radius_m);
    std::vector<std::pair<double, key>> found;
    auto keep = [&](const entry& x) {
      auto away = boost::geometry::comparable_distance(here, x.first);
      if (away <= chord * chord) found.emplace_back(away, x.second);
    };
    tree_.query(boost::geometry::index::nearest(here, count), boost::make_function_output_iterator(keep));
    std::ranges::sort(found);
    std::vector<key> out(found.size());
    std::ranges::transform(found, out.begin(), &std::pair<double, key>::second);
    return out;
  }

 private:
  using point = boost::geometry::model::point<double, 3, boost::geometry::cs::cartesian>;
  using entry = std::pair<point, key>;
  using tree = boost::geometry::index::rtree<entry, boost::geometry::index::quadratic<16>>;

  static constexpr double earth_radius_m = 6'371'008.8;  // as `distance` has it

  static point on_sphere(geo_point at) {
    auto lat = at.lat_deg * std::numbers::pi / 180;
    auto lon = at.lon_deg * std::numbers::pi / 180;
    return {earth_radius_m * std::cos(lat) * std::cos(lon), earth_radius_m * std::cos(lat) * std::sin(lon),
            earth_radius_m * std::sin(lat)};
  }

  tree tree_;
};

}  // namespace dabba::bench
