/// Jobs and the offers of them.
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "protocols/model/geo.hpp"
#include "protocols/model/ids.hpp"
#include "protocols/model/instant.hpp"
#include "protocols/model/limits.hpp"
#include "protocols/model/money.hpp"

namespace dabba {

/// One drop-off of a job.
struct job_stop {
  order_id order;
  geo_point dropoff;
  std::string address_line;
};

/// What is offered: orders of one restaurant, in drop-off sequence, picked up together.
struct job {
  job_id id;
  restaurant_id restaurant;
  std::string restaurant_name;
  geo_point pickup;
  std::vector<job_stop> stops;
  instant ready_by;   ///< when the last of its orders is announced to be ready
  instant depart_at;  ///< when the partner is to leave for the restaurant, as planned
  minor_units pay;
  currency pay_currency = currency::INR;
  bool follows_current = false;  ///< the partner's next job, after the one under way
};

/// One job offered to several partners at once under one id; the first accept wins.
struct offer {
  offer_id id;
  job offered;
  instant sent_at;
  instant expires_at;
  zone_id zone;  ///< whose matchmaker made it
};

enum class withdrawal : std::uint8_t { taken, expired, cancelled, offline, busy };
template <>
inline constexpr auto enum_names<withdrawal> =
    std::to_array<std::string_view>({"taken", "expired", "cancelled", "offline", "busy"});

/// What became of an offer to one partner.
enum class offer_outcome : std::uint8_t { pending, accepted, declined, expired, withdrawn, refused };
template <>
inline constexpr auto enum_names<offer_outcome> =
    std::to_array<std::string_view>({"PENDING", "ACCEPTED", "DECLINED", "EXPIRED", "WITHDRAWN", "REFUSED"});

/// Why a partner nearby was not asked.
enum class pass_reason : std::uint8_t {
  busy,
  asked_before,
  declined_before,
  too_many_offers,
  out_of_radius,
  shift_ends,
  not_needed
};
template <>
inline constexpr auto enum_names<pass_reason> = std::to_array<std::string_view>(
    {"BUSY", "ASKED_BEFORE", "DECLINED_BEFORE", "TOO_MANY_OFFERS", "OUT_OF_RADIUS", "SHIFT_ENDS", "NOT_NEEDED"});

struct asked_partner {
  partner_id partner;
  metres distance_m;
  offer_outcome outcome = offer_outcome::pending;
  instant at;
};

struct passed_over {
  partner_id partner;
  metres distance_m;
  pass_reason reason = pass_reason::not_needed;
};

/// One wave of a search: who was asked, and why the others nearby were not.
struct search_wave {
  std::uint32_t number = 0;
  instant at;
  metres radius_m;
  std::optional<offer_id> offer;
  std::vector<asked_partner> asked;
  std::vector<passed_over> passed;
};

enum class search_state : std::uint8_t { open, taken, ended };
template <>
inline constexpr auto enum_names<search_state> = std::to_array<std::string_view>({"OPEN", "TAKEN", "ENDED"});

/// The decisions of one order's search, for operators. The latest `limits::waves_remembered` waves are kept.
struct search_record {
  order_id order;
  zone_id zone;
  search_state state = search_state::open;
  instant started_at;
  std::vector<search_wave> waves;
  std::optional<partner_id> partner;
};

template <class Inspector>
bool inspect(Inspector& f, job_stop& x) {
  return f.object(x).fields(
      f.field("orderId", x.order), f.field("dropoff", x.dropoff), f.field("addressLine", x.address_line));
}

template <class Inspector>
bool inspect(Inspector& f, job& x) {
  return f.object(x).fields(
      f.field("jobId", x.id), f.field("restaurantId", x.restaurant), f.field("restaurantName", x.restaurant_name),
      f.field("pickup", x.pickup), f.field("stops", x.stops), f.field("readyBy", x.ready_by),
      f.field("departAt", x.depart_at), f.field("pay", x.pay), f.field("currency", x.pay_currency),
      f.field("followsCurrent", x.follows_current));
}

template <class Inspector>
bool inspect(Inspector& f, offer& x) {
  return f.object(x).fields(f.field("offerId", x.id), f.field("job", x.offered), f.field("sentAt", x.sent_at),
                            f.field("expiresAt", x.expires_at), f.field("zone", x.zone));
}

template <class Inspector>
bool inspect(Inspector& f, asked_partner& x) {
  return f.object(x).fields(f.field("partnerId", x.partner), f.field("distance", x.distance_m),
                            f.field("outcome", x.outcome), f.field("at", x.at));
}

template <class Inspector>
bool inspect(Inspector& f, passed_over& x) {
  return f.object(x).fields(
      f.field("partnerId", x.partner), f.field("distance", x.distance_m), f.field("reason", x.reason));
}

template <class Inspector>
bool inspect(Inspector& f, search_wave& x) {
  return f.object(x).fields(f.field("number", x.number), f.field("at", x.at), f.field("radius", x.radius_m),
                            f.field("offerId", x.offer), f.field("asked", x.asked), f.field("passed", x.passed));
}

template <class Inspector>
bool inspect(Inspector& f, search_record& x) {
  return f.object(x).fields(
      f.field("orderId", x.order), f.field("zone", x.zone), f.field("state", x.state),
      f.field("startedAt", x.started_at), f.field("waves", x.waves), f.field("partnerId", x.partner));
}

}  // namespace dabba
