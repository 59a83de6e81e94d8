/// The bodies of requests, read into the vocabulary of the model.
#pragma once

#include "http-edge/fields.hpp"
#include "protocols/messages.hpp"

namespace dabba::http {

template <class T>
using read_result = tl::expected<T, std::vector<field_error>>;

/// Calls `read(fields)` and gives back its result, or all errors that were found.
template <class F>
auto read_object(const json_value& body, F read) -> read_result<decltype(read(std::declval<fields&>()))> {
  std::vector<field_error> errors;
  fields in{body, "", errors};
  auto made = read(in);
  if (!errors.empty()) return tl::unexpected{std::move(errors)};
  return made;
}

/// The member `address`, which is required.
address read_address(fields& in);

/// What a position may say of itself; beyond, a sensor is broken.
inline constexpr double fastest_mps = 500;
inline constexpr double worst_accuracy_m = 100'000;

struct checkout {
  restaurant_id restaurant;
  std::vector<price_lines::wanted> lines;
  address dropoff;
  payment_method payment = payment_method::cash_on_delivery;
  minor_units tip;
  std::string note;
  std::string coupon;  ///< empty: none
};
read_result<checkout> read_checkout(const json_value& body);

/// An order that a coupon might be used for.
struct coupon_question {
  std::string code;
  restaurant_id restaurant;
  std::vector<price_lines::wanted> lines;
  std::optional<geo_point> dropoff;
  minor_units tip;
};
read_result<coupon_question> read_coupon_question(const json_value& body);

/// A whole definition. Id and version are filled in by the handler.
read_result<promotion> read_promotion(const json_value& body);

read_result<std::int32_t> read_preparation_minutes(const json_value& body);
read_result<std::string> read_stage(const json_value& body);
read_result<std::string> read_reason(const json_value& body, presence wanted);
read_result<std::string> read_pin(const json_value& body);

struct cancellation {
  std::string reason;
  std::optional<party> liable;
};
read_result<cancellation> read_cancellation(const json_value& body);

struct availability {
  shift_status status = shift_status::offline;
  std::optional<geo_point> at;
  std::optional<instant> shift_ends_at;
};
read_result<availability> read_availability(const json_value& body);
/// The list `locations`, oldest first.
read_result<std::vector<location>> read_locations(const json_value& body);
/// One position, as in a `location` frame.
read_result<location> read_location_fields(const json_value& body);

}  // namespace dabba::http
