#include "http-edge/requests.hpp"

#include "protocols/model/limits.hpp"

namespace dabba::http {
namespace {

constexpr std::size_t pin_chars = 16;

location read_one_location(fields& in) {
  location made;
  made.at = in.position(presence::required).value_or(geo_point{});
  made.accuracy_m = in.number("accuracy", 0, worst_accuracy_m, presence::optional);
  made.heading_deg = in.number("heading", 0, 360, presence::optional);
  made.speed_mps = in.number("speed", 0, fastest_mps, presence::optional);
  made.measured_at = in.time("at", presence::required).value_or(instant{});
  return made;
}

}  // namespace

address read_address(fields& in) {
  address made;
  if (auto where = in.object("address", presence::required)) {
    made.line = where->text("line", limits::text_chars);
    made.at = where->position(presence::required).value_or(geo_point{});
  }
  return made;
}

read_result<checkout> read_checkout(const json_value& body) {
  return read_object(body, [](fields& in) {
    checkout made;
    made.restaurant = in.identifier<restaurant_id>("restaurantId");
    std::size_t choices = 0;
    for (auto& line : in.list("items", 1, limits::lines_per_order)) {
      price_lines::wanted wanted;
      wanted.item = line.identifier<item_id>("itemId");
      wanted.quantity = static_cast<std::int32_t>(
          line.integer("quantity", 1, limits::quantity_per_line, presence::required).value_or(1));
      wanted.special_instructions = line.text("specialInstructions", limits::text_chars, presence::optional);
      for (auto& choice : line.list("choices", 0, limits::choices_per_line, presence::optional))
        wanted.choices.push_back(choice.identifier<option_id>("optionId"));
      choices += wanted.choices.size();
      if (!wanted.choices.empty() && choices > limits::choices_per_order)
        line.refuse(
            "choices", "wrong-size", "an order has at most " + std::to_string(limits::choices_per_order) + " choices");
      made.lines.push_back(std::move(wanted));
    }
    made.dropoff = read_address(in);
    made.payment = in.one_of<payment_method>("paymentMethod", presence::required).value_or(made.payment);
    made.tip = in.money("tip", minor_units{0}, presence::optional).value_or(minor_units{});
    made.note = in.text("note", limits::text_chars, presence::optional);
    return made;
  });
}

read_result<std::int32_t> read_preparation_minutes(const json_value& body) {
  return read_object(body, [](fields& in) {
    return static_cast<std::int32_t>(
        in.integer("preparationMinutes", 1, limits::preparation_minutes, presence::required).value_or(0));
  });
}

read_result<std::string> read_stage(const json_value& body) {
  return read_object(body, [](fields& in) { return in.text("stage", limits::name_chars, presence::optional); });
}

read_result<std::string> read_reason(const json_value& body, presence wanted) {
  return read_object(body, [wanted](fields& in) { return in.text("reason", limits::text_chars, wanted); });
}

read_result<std::string> read_pin(const json_value& body) {
  return read_object(body, [](fields& in) { return in.text("pin", pin_chars); });
}

read_result<cancellation> read_cancellation(const json_value& body) {
  return read_object(body, [](fields& in) {
    cancellation made;
    made.reason = in.text("reason", limits::text_chars, presence::optional);
    made.liable = in.one_of<party>("liable", presence::optional);
    if (made.liable == party::support) in.refuse("liable", "unknown-value", "is none of the values it may have");
    return made;
  });
}

read_result<availability> read_availability(const json_value& body) {
  return read_object(body, [](fields& in) {
    availability made;
    made.status = in.one_of<shift_status>("status", presence::required).value_or(made.status);
    made.at = in.position(presence::optional);
    made.shift_ends_at = in.time("shiftEndsAt", presence::optional);
    return made;
  });
}

read_result<std::vector<location>> read_locations(const json_value& body) {
  return read_object(body, [](fields& in) {
    std::vector<location> made;
    for (auto& each : in.list("locations", 1, limits::locations_per_batch)) {
      made.push_back(read_one_location(each));
      if (made.size() > 1 && made.back().measured_at < made[made.size() - 2].measured_at)
        each.refuse("at", "out-of-order", "must not be before the entry above it");
    }
    return made;
  });
}

read_result<location> read_location_fields(const json_value& body) { return read_object(body, read_one_location); }

}  // namespace dabba::http
