#include <algorithm>

#include <fmt/format.h>

#include "bench/city/partner.hpp"

namespace dabba::city {

namespace {

constexpr auto as_long_as_the_day_lasts = std::chrono::hours{24};

}  // namespace

void partner::offered(const offer_view& offer) {
  if (!seen_offers_.insert(offer.id).second) return;
  ++world_.counts.offers;
  offers_.push_back(offer);
  offers_changed_.notify_all();
}

void partner::withdrawn(const std::string& offer_id) {
  ++world_.counts.withdrawn;
  std::erase_if(offers_, [&](const offer_view& o) { return o.id == offer_id; });
}

/// One offer after the other: never two accepts in flight.
asio::awaitable<void> partner::answer_offers() {
  while (!finished_) {
    if (offers_.empty()) {
      co_await offers_changed_.wait();
      continue;
    }
    const auto offer = offers_.front();
    offers_.pop_front();
    if (world_.clock.day_of(offer.expires_at) <= world_.now()) continue;
    co_await answer(offer);
  }
}

/// Restaurants are quick: an offer may be here before the answer to the customer who placed the order.
asio::awaitable<void> partner::await_orders_of(const offer_view& offer) {
  const auto is_unknown = [this](const std::string& id) { return !world_.order_with_id(id); };
  while (!finished_ && std::ranges::any_of(offer.orders, is_unknown) &&
         world_.clock.day_of(offer.expires_at) > world_.now())
    co_await world_.pause(limits::unknown_order_pause);
}

asio::awaitable<void> partner::answer(offer_view offer) {
  co_await await_orders_of(offer);
  if (const char* why = reason_to_decline(offer)) {
    co_await decline(std::move(offer), why);
    co_return;
  }
  accepting_ = true;
  co_await accept(std::move(offer));
  accepting_ = false;
  working_.poke();
}

const char* partner::reason_to_decline(const offer_view& offer) {
  const auto now = world_.now();
  if (!online_ || world_.over() || now >= shift_.off) return "shift ends";
  if (busy() && !offer.next) return "busy";
  accepted_job job;
  for (const auto& id : offer.orders) {
    const auto order = world_.order_with_id(id);
    if (!order) return "unknown order";
    job.orders.push_back({*order, id, false, false, {}, {}});
  }
  if (job.orders.empty()) return "empty";
  const auto& from = busy() ? plan_ : body_;
  if (from.earliest_pickup(restaurant_of(job).at, world_.clock.day_of(offer.ready_by), now) > shift_.off)
    return "shift ends";
  return random_.uniform() < world_.options.accept_share ? nullptr : "not now";
}

asio::awaitable<void> partner::accept(offer_view offer) {
  ++world_.counts.accepts;
  const auto fields = fmt::format(R"("offerId":"{}")", offer.id);
  for (int attempt = 1; !finished_ && world_.clock.day_of(offer.expires_at) > world_.now(); ++attempt) {
    world_.log.command(name_, "offer.accept", offer.id, {});
    const auto answer = co_await stream_.request("offer.accept", fields);
    std::vector<std::string> orders;
    for (const auto& d : answer.deliveries) orders.push_back(d.order);
    awarded(orders);
    if (!orders.empty()) co_return;
    if (answer.is == stream_answer::outcome::refused) {
      world_.log.refused(name_, "offer.accept", offer.id, 0, answer.code);
      if (!is_transient(answer.code)) {
        lost_race(offer, answer.code);
        co_return;
      }
    }
    // Perhaps it was awarded, perhaps not (yet): the platform's own list tells.
    co_await reconcile();
    if (answer.is != stream_answer::outcome::refused || carried(offer.orders.front()) != nullptr) co_return;
    co_await world_.pause(world_.backoff_before(attempt));
  }
}

void partner::lost_race(const offer_view& offer, const std::string& code) {
  ++world_.counts.too_late;
  // A partner that the platform has just taken off the road learns of it by an event that may come after this.
  if (code != "offer-no-longer-available" && code != "partner-offline")
    world_.log.error(name_, fmt::format("accepting {}: {}", offer.id, code));
}

asio::awaitable<void> partner::decline(offer_view offer, std::string why) {
  ++world_.counts.declines;
  world_.log.command(name_, "offer.decline", offer.id, why);
  const auto fields = fmt::format(R"("offerId":"{}","reason":"{}")", offer.id, why);
  const auto answer = co_await stream_.request("offer.decline", fields);
  // An offer that has gone meanwhile, or a lost connection: declined either way.
  if (answer.is == stream_answer::outcome::refused)
    world_.log.refused(name_, "offer.decline", offer.id, 0, answer.code);
}

/// Learns what a lost connection may have hidden: deliveries awarded, offers still open.
asio::awaitable<void> partner::reconcile() {
  const command list{"deliveries", "GET", "/v1/partners/me/deliveries", {}, {}, account_, name_};
  const auto deliveries = co_await world_.insist(list, as_long_as_the_day_lasts);
  if (!deliveries.succeeded()) co_return;
  // In the planned order; those of one job are neighbours.
  std::string job;
  std::vector<std::string> unknown;
  for (const auto& d : parse_deliveries(deliveries.body)) {
    if (d.job != job) awarded(std::exchange(unknown, {}));
    job = d.job;
    unknown.push_back(d.order);
  }
  awarded(unknown);

  const command open{"offers", "GET", "/v1/partners/me/offers", {}, {}, account_, name_};
  const auto offers = co_await world_.insist(open, as_long_as_the_day_lasts);
  if (!offers.succeeded()) co_return;
  for (const auto& offer : parse_offers(offers.body)) offered(offer);
}

/// The platform gave this partner a job. Orders it carries already, or has delivered, are passed over.
void partner::awarded(const std::vector<std::string>& order_ids) {
  auto job = std::make_shared<accepted_job>();
  for (const auto& id : order_ids) {
    if (carried(id) != nullptr || finished_orders_.contains(id)) continue;
    const auto order = world_.order_with_id(id);
    if (!order) {
      world_.log.error(name_, fmt::format("was given order {}, which nobody here placed", id));
      continue;
    }
    job->orders.push_back({*order, id, false, false, {}, {}});
    acknowledged_transition won{
        name_, id, "order.partner_assigned", world_.tokens.uuid(account_), std::nullopt, {}, {}};
    world_.log.acknowledged(std::move(won));
  }
  if (job->orders.empty()) return;
  ++world_.counts.awards;
  job->assigned = world_.now();
  job->number = ++jobs_taken_;
  plan_ = after(busy() ? plan_ : body_, *job);
  jobs_.push_back(std::move(job));
  working_.poke();
}

/// A partner that has handed over its last order is free to take the next job, though it may still be at the door.
bool partner::busy() const {
  for (const auto& job : jobs_)
    for (const auto& o : job->orders)
      if (!o.lost && !o.ending) return true;
  return false;
}

carried_order* partner::carried(const std::string& order_id) {
  for (const auto& job : jobs_)
    for (auto& o : job->orders)
      if (o.id == order_id && !o.lost) return &o;
  return nullptr;
}

void partner::on_delivery_ended(const std::string& order_id) {
  auto* o = carried(order_id);
  if (o != nullptr && !o->ending) world_.spawn(name_, look_after(order_id));
}

/// The platform ended a delivery that this partner did not end itself.
asio::awaitable<void> partner::look_after(std::string order_id) {
  const auto answer = co_await reports_.look_at(order_id);
  auto* o = carried(order_id);
  if (o == nullptr || o->ending || (!answer.succeeded() && answer.status != 404)) co_return;
  if (answer.succeeded()) {
    const auto view = parse_order(answer.body);
    if (!view.ended() && view.partner == world_.tokens.uuid(account_)) co_return;
  }
  world_.log.note(name_, fmt::format("order {} is no longer its to carry", order_id));
  ++world_.counts.lost_jobs;
  o->lost = true;
  working_.poke();
}

}  // namespace dabba::city
