/// Turning an accepted offer into deliveries: every order of the job decides for itself, and the losers are left out.
#pragma once

#include <caf/typed_event_based_actor.hpp>
#include <functional>

#include "protocols/actors.hpp"

namespace dabba {

/// The delivery of an order that has a carrier, as its partner sees it.
active_delivery to_delivery(const order& x);

/// How a delivery ended for a partner that carries the order no more: the order's last status, or RELEASED.
std::string outcome_of(const order& x);

/// Asks the orders of `accepted` to take `partner` into `slots` (one each). `done` is called once: with the deliveries
/// won, in drop-off sequence, and, when there are none, why.
void request_award(partner_actor::pointer self, const region_actor& region, command_id command, partner_id partner,
                   const offer& accepted, const std::vector<std::uint8_t>& slots,
                   std::function<void(std::vector<active_delivery>&&, errc)> done);

}  // namespace dabba
