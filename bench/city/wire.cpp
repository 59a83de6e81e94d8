#include "bench/city/wire.hpp"

#include <fmt/format.h>
#include <nlohmann/json.hpp>

namespace dabba::city {

namespace {

using nlohmann::json;

json parse_object(std::string_view text) {
  auto value = json::parse(text, nullptr, false);
  if (!value.is_object()) throw wire_error{fmt::format("not a JSON object: {:.120}", text)};
  return value;
}

const json& member(const json& object, const char* name) {
  const auto it = object.find(name);
  if (it == object.end()) throw wire_error{fmt::format("'{}' is missing in {:.200}", name, object.dump())};
  return *it;
}

std::string text_of(const json& object, const char* name) {
  const auto& value = member(object, name);
  if (!value.is_string()) throw wire_error{fmt::format("'{}' is not a string in {:.200}", name, object.dump())};
  return value.get<std::string>();
}

std::string text_or_empty(const json& object, const char* name) {
  const auto it = object.find(name);
  return it != object.end() && it->is_string() ? it->get<std::string>() : std::string{};
}

std::int64_t integer_of(const json& object, const char* name) {
  const auto& value = member(object, name);
  if (!value.is_number_integer())
    throw wire_error{fmt::format("'{}' is not an integer in {:.200}", name, object.dump())};
  return value.get<std::int64_t>();
}

std::int64_t integer_or_zero(const json& object, const char* name) {
  const auto it = object.find(name);
  return it != object.end() && it->is_number_integer() ? it->get<std::int64_t>() : 0;
}

platform_time time_of(const json& object, const char* name) {
  const auto time = from_rfc3339(text_of(object, name));
  if (!time) throw wire_error{fmt::format("'{}' is not a time in {:.200}", name, object.dump())};
  return *time;
}

const json& array_of(const json& object, const char* name) {
  const auto& value = member(object, name);
  if (!value.is_array()) throw wire_error{fmt::format("'{}' is not an array in {:.200}", name, object.dump())};
  return value;
}

order_view order_of(const json& o) {
  return {text_of(o, "orderId"),          integer_of(o, "version"),      text_of(o, "status"),
          text_of(o, "deliveryStatus"),   text_or_empty(o, "partnerId"), text_or_empty(o, "note"),
          text_or_empty(o, "deliveryPin")};
}

delivery_view delivery_of(const json& d) {
  return {text_of(d, "orderId"), text_or_empty(d, "jobId"), text_of(d, "status"), text_of(d, "orderStatus"),
          static_cast<int>(integer_or_zero(d, "sequence"))};
}

offer_view offer_of(const json& o) {
  offer_view offer{text_of(o, "offerId"), {}, time_of(o, "readyBy"), time_of(o, "expiresAt"), false};
  for (const auto& order : array_of(o, "orders")) offer.orders.push_back(text_of(order, "orderId"));
  if (const auto next = o.find("next"); next != o.end() && next->is_boolean()) offer.next = next->get<bool>();
  return offer;
}

ack_message ack_of(const json& m) {
  ack_message ack{integer_or_zero(m, "id"), std::nullopt, {}};
  if (m.contains("seq")) ack.seq = integer_of(m, "seq");
  if (m.contains("deliveries"))
    for (const auto& d : array_of(m, "deliveries")) ack.deliveries.push_back(delivery_of(d));
  return ack;
}

/// `partner.delivery_assigned` tells of a whole delivery, other events of an order only.
std::string order_of_data(const json& data) {
  const auto delivery = data.find("delivery");
  return delivery != data.end() && delivery->is_object()
             ? text_or_empty(*delivery, "orderId")
             : text_or_empty(data, "orderId");
}

event_message event_of(const json& m) {
  event_message event{text_of(m, "topic"), integer_of(m, "seq"), text_of(m, "event"), text_of(m, "at"), {}};
  if (const auto data = m.find("data"); data != m.end() && data->is_object()) event.order = order_of_data(*data);
  return event;
}

template <class Read>
auto items_of(std::string_view text, Read read) {
  const auto body = parse_object(text);
  std::vector<decltype(read(body))> items;
  for (const auto& item : array_of(body, "items")) items.push_back(read(item));
  return items;
}

}  // namespace

bool order_view::ended() const {
  return status == "DELIVERED" || status == "CANCELLED" || status == "REJECTED" || status == "UNDELIVERABLE" ||
         status == "PAYMENT_FAILED";
}

server_message parse_server_message(std::string_view text) {
  // Positions are by far the most frequent; nobody in the city looks at them.
  constexpr std::string_view location = R"({"type":"location")";
  if (text.starts_with(location)) return other_message{};
  const auto m = parse_object(text);
  const auto type = text_of(m, "type");
  if (type == "event") return event_of(m);
  if (type == "ack") return ack_of(m);
  if (type == "offer") return offer_of(m);
  if (type == "offer.withdrawn") return offer_withdrawn_message{text_of(m, "offerId"), text_of(m, "reason")};
  if (type == "order.new") return order_new_message{text_of(m, "restaurantId"), order_of(member(m, "order"))};
  if (type == "error") return refusal_message{integer_or_zero(m, "id"), text_of(m, "code"), text_or_empty(m, "detail")};
  return other_message{};
}

order_view parse_order(std::string_view text) { return order_of(parse_object(text)); }
std::vector<order_view> parse_orders(std::string_view text) { return items_of(text, order_of); }
delivery_view parse_delivery(std::string_view text) { return delivery_of(parse_object(text)); }
std::vector<delivery_view> parse_deliveries(std::string_view text) { return items_of(text, delivery_of); }
std::vector<offer_view> parse_offers(std::string_view text) { return items_of(text, offer_of); }
std::string parse_member(std::string_view text, const char* name) { return text_of(parse_object(text), name); }

clock_view parse_clock(std::string_view text) {
  const auto clock = parse_object(text);
  const auto& scale = member(clock, "scale");
  if (!scale.is_number()) throw wire_error{"the clock's scale is not a number"};
  return {time_of(clock, "now"), scale.get<double>()};
}

std::string problem_code(unsigned status, std::string_view body) {
  const auto problem = json::parse(body, nullptr, false);
  if (problem.is_object())
    if (auto code = text_or_empty(problem, "code"); !code.empty()) return code;
  return fmt::format("http-{}", status);
}

bool is_transient(std::string_view code) {
  return code == "overloaded" || code == "unavailable" || code == "moved" || code == "deadline-exceeded" ||
         code == "outcome-unknown";
}

std::string json_string(std::string_view text) {
  return json(text).dump(-1, ' ', false, json::error_handler_t::replace);
}

}  // namespace dabba::city
