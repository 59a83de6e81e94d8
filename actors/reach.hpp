/// The matchmakers a partner is known to: those of every zone it could serve from where it is.
#pragma once

#include <chrono>
#include <optional>
#include <vector>

#include "protocols/actors.hpp"

namespace dabba {

/// Some moves at once, and one more with each second of real time.
class move_allowance {
 public:
  bool take();

 private:
  static constexpr double most = 8;

  double left_ = most;
  std::chrono::steady_clock::time_point counted_at_ = std::chrono::steady_clock::now();
};

class zone_reach {
 public:
  zone_reach(region_actor region, metres reach) : region_{std::move(region)}, reach_{reach} {}

  /// Tells every zone within reach of the partner's position; leaves the zones that are no longer. One that jumps about
  /// the globe is followed to a new place only so often.
  void tell(partner_actor::pointer self, const partner_seen& partner);
  /// Leaves all zones.
  void leave(partner_actor::pointer self, partner_id partner);
  /// Somebody is gone: true when it was one of the matchmakers, which will be asked for anew.
  bool forget(const caf::actor_addr& gone);

 private:
  struct known_zone {
    zone_id zone;
    matchmaker_actor matchmaker;  ///< watched, and told directly when it is on this node; null: not known
  };

  void move_to(partner_actor::pointer self, const partner_seen& partner);
  void leave(partner_actor::pointer self, const known_zone& known, partner_id partner);
  void find(partner_actor::pointer self, zone_id zone);

  region_actor region_;
  metres reach_;
  std::vector<known_zone> zones_;
  std::optional<geo_point> computed_at_;
  move_allowance moves_;
};

}  // namespace dabba
