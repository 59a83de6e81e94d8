/// A partner's shift and the slots its deliveries take. Pure.
#pragma once

#include <tl/expected.hpp>

#include "protocols/model/errors.hpp"
#include "protocols/model/partner.hpp"

namespace dabba {

/// No event when the partner's shift is as asked already.
std::vector<partner_event> decide(const partner& state, const go_online& command);
std::vector<partner_event> decide(const partner& state, const go_offline& command);

void apply(partner& state, const partner_event& event);

/// The lowest free slots, as many as asked for; `partner_at_capacity` when there are fewer.
tl::expected<std::vector<std::uint8_t>, errc> free_slots(const partner& state, std::size_t count);
std::size_t free_slot_count(const partner& state) noexcept;

/// The deliveries won with this offer, in drop-off sequence.
std::vector<active_delivery> deliveries_of(const partner& state, offer_id offer);

/// Online, or carrying something still.
bool is_on_duty(const partner& state) noexcept;

const active_delivery* find_delivery(const partner& state, order_id order) noexcept;

}  // namespace dabba
