#include "actors/award.hpp"

#include <algorithm>
#include <memory>

#include "protocols/errors.hpp"
#include "protocols/model/limits.hpp"

namespace dabba {
namespace {

struct award_in_progress {
  std::size_t open = 0;
  std::vector<active_delivery> won;
  errc refused = errc::offer_no_longer_available;
  std::function<void(std::vector<active_delivery>&&, errc)> done;

  void answered() {
    if (--open > 0) return;
    std::ranges::sort(won, {}, &active_delivery::sequence);
    done(std::move(won), refused);
  }
};

}  // namespace

active_delivery to_delivery(const order& x) {
  const auto& by = *x.carried_by;
  return {.order = x.id,
          .offer = by.offer,
          .job = by.job,
          .slot = by.slot,
          .sequence = by.sequence,
          .restaurant = x.restaurant,
          .restaurant_name = x.restaurant_name,
          .pickup = x.pickup,
          .dropoff = x.dropoff.at,
          .address_line = x.dropoff.line,
          .ready_by = x.ready_at.value_or(x.ready_by.value_or(x.placed_at))};
}

std::string outcome_of(const order& x) { return is_terminal(x.status) ? to_string(x.status) : "RELEASED"; }

void request_award(partner_actor::pointer self, const region_actor& region, command_id command, partner_id partner,
                   const offer& accepted, const std::vector<std::uint8_t>& slots,
                   std::function<void(std::vector<active_delivery>&&, errc)> done) {
  auto progress = std::make_shared<award_in_progress>();
  progress->open = accepted.offered.stops.size();
  progress->done = std::move(done);
  for (std::size_t i = 0; i < accepted.offered.stops.size(); ++i) {
    auto order_to_ask = accepted.offered.stops[i].order;
    command_meta meta{{derive_uuid(command.value, to_string(order_to_ask))}, {}, {}};
    carrier by{partner, accepted.id, accepted.offered.id, slots[i], static_cast<std::uint8_t>(i)};
    order_request ask{std::move(meta), order_to_ask, assign_partner{by}};
    self->request(region, limits::request_deadline, envelope{ref(order_to_ask), 0, 0, routed{std::move(ask)}})
        .then(
            [progress, partner](const reply& answer) {
              const auto* taken = std::get_if<order>(&answer);
              bool is_ours = taken && taken->carried_by && taken->carried_by->partner == partner;
              if (is_ours) progress->won.push_back(to_delivery(*taken));
              progress->answered();
            },
            [progress](const caf::error& why) {
              progress->refused = to_errc(why);
              progress->answered();
            });
  }
}

}  // namespace dabba
