#include "http-edge/requests.hpp"

#include <algorithm>

#include "http-edge/pricing.hpp"
#include "protocols/model/limits.hpp"

namespace dabba::http {
namespace {

constexpr std::size_t pin_chars = 16;

std::vector<price_lines::wanted> read_lines(fields& in) {
  std::vector<price_lines::wanted> made;
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
    made.push_back(std::move(wanted));
  }
  return made;
}

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
    made.lines = read_lines(in);
    made.dropoff = read_address(in);
    made.payment = in.one_of<payment_method>("paymentMethod", presence::required).value_or(made.payment);
    made.tip = in.money("tip", minor_units{0}, presence::optional).value_or(minor_units{});
    made.note = in.text("note", limits::text_chars, presence::optional);
    made.coupon = in.text("coupon", limits::code_chars, presence::optional);
    return made;
  });
}

read_result<coupon_question> read_coupon_question(const json_value& body) {
  return read_object(body, [](fields& in) {
    coupon_question made;
    made.code = in.text("code", limits::code_chars);
    made.restaurant = in.identifier<restaurant_id>("restaurantId");
    made.lines = read_lines(in);
    if (auto where = in.object("address", presence::optional)) made.dropoff = where->position(presence::required);
    made.tip = in.money("tip", minor_units{0}, presence::optional).value_or(minor_units{});
    return made;
  });
}

namespace {

food_selection read_selection(fields& in) {
  return {in.identifiers<item_id>("items", limits::foods_per_selection),
          in.texts("categories", limits::foods_per_selection, limits::name_chars)};
}

std::int32_t read_count(fields& in, std::string_view key, std::int32_t most, presence wanted) {
  return static_cast<std::int32_t>(in.integer(key, 1, most, wanted).value_or(1));
}

promotion_effect read_effect(fields& in) {
  auto kind = in.one_of<promotion_kind>("kind", presence::required).value_or(promotion_kind::percentage);
  auto times = [&in] { return read_count(in, "times", limits::rounds_per_promotion, presence::optional); };
  switch (kind) {
    case promotion_kind::percentage: {
      // Two decimals of a percentage are basis points, as those of an amount are minor units.
      auto percent = in.money("percent", minor_units{1}, presence::required).value_or(minor_units{1});
      if (percent.value > all_of_it.value) in.refuse("percent", "out-of-range", "must not be more than 100");
      return percentage_off{{static_cast<std::int32_t>(std::min<std::int64_t>(percent.value, all_of_it.value))},
                            in.money("atMost", minor_units{1}, presence::optional),
                            read_selection(in)};
    }
    case promotion_kind::amount:
      return amount_off{
          in.money("amount", minor_units{1}, presence::required).value_or(minor_units{}), read_selection(in)};
    case promotion_kind::free_delivery: return free_delivery{in.money("atMost", minor_units{1}, presence::optional)};
    case promotion_kind::buy_and_get:
      return buy_and_get{
          read_count(in, "buy", limits::pieces_per_promotion, presence::required),
          read_count(in, "get", limits::pieces_per_promotion, presence::required), times(), read_selection(in)};
    case promotion_kind::combo: break;
  }
  combo made{{}, in.money("price", minor_units{0}, presence::required).value_or(minor_units{}), times()};
  for (auto& part : in.list("parts", 1, limits::parts_per_combo))
    made.parts.push_back(
        {read_selection(part), read_count(part, "count", limits::pieces_per_promotion, presence::optional)});
  return made;
}

/// In capitals: letters, digits, hyphens.
std::string read_code(fields& in) {
  auto code = capitals(in.text("code", limits::code_chars, presence::optional));
  auto is_usual = [](char c) { return (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '-'; };
  if (!std::ranges::all_of(code, is_usual))
    in.refuse("code", "invalid-code", "must be made of letters, digits and hyphens");
  return code;
}

}  // namespace

read_result<promotion> read_promotion(const json_value& body) {
  return read_object(body, [](fields& in) {
    promotion made;
    made.name = in.text("name", limits::name_chars);
    made.code = read_code(in);
    made.effect = read_effect(in);
    made.funded_by = in.one_of<promotion_funding>("fundedBy", presence::required).value_or(made.funded_by);
    made.money = in.one_of<currency>("currency", presence::required).value_or(made.money);
    made.minimum = in.money("minimum", minor_units{0}, presence::optional).value_or(minor_units{});
    made.starts_at = in.time("startsAt", presence::required).value_or(instant{});
    made.ends_at = in.time("endsAt", presence::required).value_or(instant::max());
    if (made.ends_at <= made.starts_at) in.refuse("endsAt", "out-of-order", "must be after startsAt");
    made.restaurants = in.identifiers<restaurant_id>("restaurants", limits::restaurants_per_promotion);
    made.total_limit = in.integer("totalLimit", 1, limits::redemptions, presence::optional);
    if (auto limit = in.integer("perCustomerLimit", 1, limits::uses_per_customer, presence::optional))
      made.per_customer_limit = static_cast<std::int32_t>(*limit);
    made.is_first_order_only = in.boolean("firstOrderOnly").value_or(false);
    made.is_combinable = in.boolean("combinable").value_or(false);
    made.is_active = in.boolean("isActive").value_or(true);
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
