#include "http-edge/frames.hpp"

#include <charconv>

#include "protocols/codec.hpp"
#include "protocols/model/limits.hpp"

namespace dabba::http {
namespace {

constexpr std::size_t token_chars = 4096;
constexpr std::size_t topic_chars = 128;
/// Ids travel through JavaScript: whole numbers that a double holds.
constexpr std::int64_t most_id = (std::int64_t{1} << 53) - 1;

std::optional<std::uint64_t> whole(fields& in, std::string_view key) {
  auto value = in.integer(key, 0, most_id, presence::optional);
  if (!value) return std::nullopt;
  return static_cast<std::uint64_t>(*value);
}

client_frame read_subscribe(fields& in, std::optional<std::uint64_t> id) {
  auto topic = in.text("topic", topic_chars);
  return subscribe_frame{id, std::move(topic), whole(in, "since")};
}

client_frame read_answer(fields& in, std::optional<std::uint64_t> id, bool accepts) {
  auto offer = in.identifier<offer_id>("offerId");
  return answer_offer_frame{id, offer, accepts, in.text("reason", limits::text_chars, presence::optional)};
}

client_frame to_positions(read_result<std::vector<location>> points) {
  if (points) return positions_frame{std::move(*points)};
  return invalid_frame{std::nullopt, points.error().front().pointer + ' ' + points.error().front().message};
}

client_frame read_by_type(fields& in, std::string_view type, const json_value& body) {
  if (type == "location")
    return to_positions(read_location_fields(body).map([](location&& x) { return std::vector{std::move(x)}; }));
  if (type == "locations") return to_positions(read_locations(body));
  auto id = whole(in, "id");
  if (type == "subscribe") return read_subscribe(in, id);
  if (type == "unsubscribe") return unsubscribe_frame{id, in.text("topic", topic_chars)};
  if (type == "auth") return auth_frame{id, in.text("token", token_chars)};
  if (type == "ping") return ping_frame{id};
  if (type == "offer.accept") return read_answer(in, id, true);
  if (type == "offer.decline") return read_answer(in, id, false);
  return bad_frame{"unknown type"};
}

}  // namespace

client_frame read_frame(std::string_view text) {
  auto body = parse_json(text);
  if (!body) return bad_frame{body.error().reason};
  const auto* type = body->find("type");
  if (!type || type->what != json_value::kind::string) return bad_frame{"no type"};
  std::vector<field_error> errors;
  fields in{*body, "", errors};
  auto made = read_by_type(in, type->text, *body);
  if (errors.empty() || std::holds_alternative<bad_frame>(made)) return made;
  std::optional<std::uint64_t> id;
  if (const auto* sent = body->find("id"); sent && sent->what == json_value::kind::number) {
    std::uint64_t value = 0;
    auto end = sent->text.data() + sent->text.size();
    if (std::from_chars(sent->text.data(), end, value).ptr == end) id = value;
  }
  return invalid_frame{id, errors.front().pointer + ' ' + errors.front().message};
}

std::string ack_frame(std::optional<std::uint64_t> id, std::optional<std::uint64_t> seq) {
  return json_text_of([&](json_object& out) { out.put("type", "ack").put("id", id).put("seq", seq); });
}

std::string ack_frame(std::optional<std::uint64_t> id, const clock& time) {
  return json_text_of([&](json_object& out) {
    out.put("type", "ack").put("id", id).put("now", time.now()).put("scale", time.scale());
  });
}

std::string ack_frame(std::optional<std::uint64_t> id, offer_id offer, std::string_view deliveries) {
  return json_text_of([&](json_object& out) {
    out.put("type", "ack").put("id", id).put("offerId", offer);
    if (!deliveries.empty()) out.put_raw("deliveries", deliveries);
  });
}

std::string error_frame(std::optional<std::uint64_t> id, std::string_view code, std::string_view detail) {
  return json_text_of([&](json_object& out) {
    out.put("type", "error").put("id", id).put("code", code);
    if (!detail.empty()) out.put("detail", detail);
  });
}

namespace {

std::string topic_name(const topic_follower& topic) {
  switch (topic.what()) {
    case topic_follower::kind::order: return "orders/" + to_string(topic.entity().id);
    case topic_follower::kind::restaurant_feed: return "restaurants/" + to_string(topic.entity().id) + "/orders";
    case topic_follower::kind::partner: return "partners/me";
  }
  return {};
}

}  // namespace

std::string lost_frame(const topic_follower& topic) {
  return json_text_of([&](json_object& out) {
    out.put("type", "error").put("topic", topic_name(topic)).put("code", "forbidden");
    out.put("detail", "the order is no longer yours: this topic has ended");
  });
}

std::vector<std::string> event_frames(const topic_follower& topic, const topic_event& what) {
  bool is_feed = topic.what() == topic_follower::kind::restaurant_feed;
  order_id of{what.entity.id};
  std::vector<std::string> frames;
  frames.push_back(json_text_of([&](json_object& out) {
    out.put("type", "event").put("topic", topic_name(topic)).put("seq", what.seq).put("event", type_of(what.event));
    out.put("at", what.at);
    out.put_raw("data", event_data(what.event, topic.to(), is_feed ? std::optional{of} : std::nullopt));
  }));
  const auto* of_order = std::get_if<order_event>(&what.event);
  const auto* placed = of_order ? std::get_if<order_placed>(of_order) : nullptr;
  if (is_feed && placed)
    frames.push_back(json_text_of([&](json_object& out) {
      out.put("type", "order.new").put("orderId", of).put("restaurantId", placed->restaurant);
      out.put_raw("order", order_json(placed_order(of, *placed, what.at), topic.to()));
    }));
  return frames;
}

std::string moved_frame(const carrier_moved& x) {
  return json_text_of([&](json_object& out) {
    out.put("type", "location").put("orderId", x.order);
    out.put("latitude", x.where.at.lat_deg).put("longitude", x.where.at.lon_deg).put("at", x.where.measured_at);
  });
}

std::string offer_frame(const offer& x) {
  return json_text_of([&](json_object& out) {
    out.put("type", "offer");
    put_offer(out, x);
  });
}

std::string withdrawn_frame(const withdraw_offer& x) {
  return json_text_of([&](json_object& out) {
    out.put("type", "offer.withdrawn").put("offerId", x.what).put("reason", x.why);
  });
}

std::string city_frame(const city_update& x, std::uint64_t seq, double scale) {
  return json_text_of([&](json_object& out) {
    out.put("type", x.snapshot ? "city.snapshot" : "city.delta").put("topic", "city/" + to_string(x.zone));
    out.put("seq", seq);
    put_city(out, x, scale);
  });
}

}  // namespace dabba::http
