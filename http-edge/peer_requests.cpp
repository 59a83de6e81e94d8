/// The requests of a WebSocket that wait for actors: subscriptions and answers to offers.
#include "http-edge/deliveries.hpp"
#include "http-edge/peer.hpp"
#include "protocols/model/limits.hpp"

namespace dabba::http {
namespace {

/// `text` between `before` and `after`, when it has both.
std::optional<std::string_view> between(std::string_view text, std::string_view before, std::string_view after) {
  if (text.size() < before.size() + after.size() || !text.starts_with(before) || !text.ends_with(after))
    return std::nullopt;
  return text.substr(before.size(), text.size() - before.size() - after.size());
}

/// The zone of the topic `city/<zone>`.
std::optional<zone_id> zone_of_topic(std::string_view topic) {
  auto token = between(topic, "city/", "");
  auto zone = token ? parse_zone(*token) : std::nullopt;
  return zone && is_zone(*zone) ? zone : std::nullopt;
}

bool is_operator(const std::optional<verified_token>& token) {
  return token && (token->who.role == user_role::support || token->who.role == user_role::admin);
}

}  // namespace

asio::awaitable<outcome_of<std::shared_ptr<topic_follower>>> peer::make_topic(std::string name) {
  using kind = topic_follower::kind;
  auto make = [this](kind what, entity_ref entity, viewer reader) {
    return std::make_shared<topic_follower>(shared_, executor_, session_->actor(), sink_, what, entity, reader);
  };
  std::optional<principal> who;
  if (token_) who = token_->who;
  if (name == "partners/me") {
    if (!who || who->role != user_role::partner) co_return tl::unexpected{errc::not_found};
    co_return make(kind::partner, ref(partner_id{who->id.value}), viewer{audience::partner});
  }
  if (auto text = between(name, "restaurants/", "/orders")) {
    auto id = parse_uuid(*text);
    if (!id || !who) co_return tl::unexpected{errc::restaurant_not_found};
    auto owner = co_await owner_of(shared_, restaurant_id{*id});
    if (!owner) co_return tl::unexpected{owner.error()};
    bool is_owner = who->role == user_role::restaurant && *owner == who->id;
    if (!is_owner && who->role != user_role::admin) co_return tl::unexpected{errc::restaurant_not_found};
    co_return make(
        kind::restaurant_feed, ref(restaurant_id{*id}), viewer{is_owner ? audience::restaurant : audience::staff});
  }
  if (auto text = between(name, "orders/", "")) {
    auto id = parse_uuid(*text);
    if (!id) co_return tl::unexpected{errc::order_not_found};
    auto state = co_await read_entity<order>(shared_, ref(order_id{*id}));
    if (!state) co_return tl::unexpected{state.error()};
    auto to = co_await audience_of(shared_, who, *state);
    if (!to) co_return tl::unexpected{to.error()};
    if (!*to) co_return tl::unexpected{errc::order_not_found};
    co_return make(kind::order, ref(order_id{*id}), viewer_of(*state, **to));
  }
  co_return tl::unexpected{errc::not_found};
}

std::size_t peer::most_subscriptions() const {
  return token_ ? limits::subscriptions_per_session : limits::subscriptions_per_guest;
}

bool peer::has_room() {
  std::erase_if(topics_, [](const auto& each) { return !each.second->is_open(); });
  return topics_.size() + cities_.size() < most_subscriptions();
}

void peer::refuse_another(std::optional<std::uint64_t> id) {
  writer_->send({error_frame(id, "too-many-subscriptions",
                             "this socket may hold " + std::to_string(most_subscriptions()) + " subscriptions"),
                 false});
}

asio::awaitable<void> peer::subscribe_to(subscribe_frame frame) {
  if (auto zone = zone_of_topic(frame.topic)) co_return co_await subscribe_to_city(std::move(frame), *zone);
  if (!topics_.contains(frame.topic) && !has_room()) co_return refuse_another(frame.id);
  auto topic = co_await make_topic(frame.topic);
  if (!writer_) co_return;
  if (!topic) co_return refuse(frame.id, topic.error());
  // Others may have come in meanwhile.
  if (!topics_.contains(frame.topic) && !has_room()) co_return refuse_another(frame.id);
  // Known from here on: what is published while the answer is on its way must be kept. Subscribing again starts over.
  auto& place = topics_[frame.topic];
  if (place) place->close();
  place = *topic;
  auto seq = co_await (*topic)->open(frame.since);
  if (!writer_) co_return;
  if (!seq) {
    (*topic)->close();
    if (auto found = topics_.find(frame.topic); found != topics_.end() && found->second == *topic) topics_.erase(found);
    co_return refuse(frame.id, seq.error());
  }
  writer_->send({ack_frame(frame.id, *seq), false});
  (*topic)->go();
}

asio::awaitable<void> peer::subscribe_to_city(subscribe_frame frame, zone_id zone) {
  if (!is_operator(token_) && !shared_.options.open_city) co_return refuse(frame.id, errc::not_found);
  if (!cities_.contains(zone) && !has_room()) co_return refuse_another(frame.id);
  cities_[zone] = {0, std::chrono::steady_clock::now()};
  routed question = subscribe{session_->actor(), !token_};
  auto got = co_await shared_.actors.ask(board_ref(zone), std::move(question));
  if (!writer_) co_return;
  if (got) co_return writer_->send({ack_frame(frame.id), false});
  cities_.erase(zone);
  refuse(frame.id, got.error());
}

void peer::unsubscribe_from(const unsubscribe_frame& frame) {
  if (auto found = topics_.find(frame.topic); found != topics_.end()) {
    found->second->close();
    topics_.erase(found);
  } else if (auto zone = zone_of_topic(frame.topic); zone && cities_.erase(*zone)) {
    shared_.actors.tell(board_ref(*zone), unsubscribe{session_->actor()});
  }
  writer_->send({ack_frame(frame.id), false});
}

asio::awaitable<void> peer::answer_offer(answer_offer_frame frame) {
  if (!token_ || token_->who.role != user_role::partner) co_return refuse(frame.id, errc::offer_no_longer_available);
  partner_id me{token_->who.id.value};
  command_meta meta;
  meta.command = command_id::make(shared_.services.time.now());
  partner_command what = decline_offer{frame.offer, std::move(frame.reason)};
  if (frame.accepts) what = accept_offer{frame.offer};
  partner_request request{std::move(meta), me, std::move(what)};
  auto got = co_await shared_.actors.ask(ref(me), std::move(request));
  if (!writer_) co_return;
  if (!got) co_return refuse(frame.id, got.error());
  std::string deliveries;
  if (auto* award = std::get_if<awarded_job>(&*got); award && frame.accepts)
    deliveries = co_await deliveries_json(shared_, std::move(award->deliveries));
  if (writer_) writer_->send({ack_frame(frame.id, frame.offer, deliveries), false});
}

}  // namespace dabba::http
