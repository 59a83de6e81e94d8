#include "http-edge/problems.hpp"

#include "http-edge/json_writer.hpp"
#include "protocols/model/limits.hpp"

namespace dabba::http {
namespace {

std::string_view title_of(unsigned status) {
  switch (status) {
    case 400: return "Bad Request";
    case 401: return "Unauthorized";
    case 403: return "Forbidden";
    case 404: return "Not Found";
    case 405: return "Method Not Allowed";
    case 409: return "Conflict";
    case 410: return "Gone";
    case 412: return "Precondition Failed";
    case 413: return "Content Too Large";
    case 415: return "Unsupported Media Type";
    case 422: return "Unprocessable Content";
    case 426: return "Upgrade Required";
    case 429: return "Too Many Requests";
    case 431: return "Request Header Fields Too Large";
    case 503: return "Service Unavailable";
    default: return "Internal Server Error";
  }
}

}  // namespace

unsigned status_of(errc code) noexcept {
  switch (code) {
    case errc::none: return 200;
    case errc::invalid_argument:
    case errc::invalid_choices:
    case errc::invalid_delivery_area:
    case errc::unknown_time_zone: return 400;
    case errc::partner_not_approved: return 403;
    case errc::not_found:
    case errc::order_not_found:
    case errc::restaurant_not_found:
    case errc::item_not_found:
    case errc::category_not_found:
    case errc::modifier_group_not_found:
    case errc::modifier_option_not_found:
    case errc::document_not_found:
    case errc::search_not_found:
    case errc::promotion_not_found:
    case errc::no_location: return 404;
    case errc::illegal_transition:
    case errc::offer_no_longer_available:
    case errc::restaurant_not_active:
    case errc::restaurant_closed:
    case errc::licence_number_taken:
    case errc::category_name_taken:
    case errc::modifier_group_in_use:
    case errc::limit_reached:
    case errc::currency_mismatch:
    case errc::partner_at_capacity:
    case errc::partner_offline:
    case errc::email_taken:
    case errc::open_orders:
    case errc::too_many_addresses:
    case errc::owns_restaurant:
    case errc::promotion_already_used:
    case errc::promotion_used_up:
    case errc::promotion_code_taken:
    case errc::idempotency_key_exists: return 409;
    case errc::item_unavailable:
    case errc::resume_point_lost: return 410;
    case errc::stale_version: return 412;
    case errc::wrong_pin:
    case errc::wrong_password:
    case errc::outside_delivery_area:
    case errc::payment_method_unavailable:
    case errc::promotion_not_started:
    case errc::promotion_expired:
    case errc::promotion_not_here:
    case errc::promotion_below_minimum:
    case errc::promotion_first_order_only:
    case errc::promotion_not_combinable:
    case errc::promotion_without_effect:
    case errc::idempotency_key_reused: return 422;
    case errc::too_many_attempts: return 429;
    case errc::overloaded:
    case errc::unavailable:
    case errc::deadline_exceeded:
    case errc::moved:
    case errc::outcome_unknown: return 503;
    case errc::internal: return 500;
  }
  return 500;
}

std::string_view detail_of(errc code) noexcept {
  switch (code) {
    case errc::none: return "this was done";
    case errc::invalid_argument: return "the request holds a value that cannot be";
    case errc::invalid_choices: return "the choices of an item are not those that its modifier groups ask for";
    case errc::invalid_delivery_area:
      return "a delivery area has a radius, or 3 to 200 corners whose sides do not cross, within 100 km of the "
             "restaurant";
    case errc::unknown_time_zone: return "the IANA database has no time zone of this name";
    case errc::not_found: return "there is nothing of this name that you may see";
    case errc::order_not_found: return "there is no order of this id that you may see";
    case errc::restaurant_not_found: return "there is no restaurant of this id that is yours to use";
    case errc::item_not_found: return "the restaurant has no such item on its menu";
    case errc::category_not_found: return "the restaurant's menu has no such category";
    case errc::modifier_group_not_found: return "the restaurant's menu has no such modifier group";
    case errc::modifier_option_not_found: return "the modifier group has no such option";
    case errc::document_not_found: return "the restaurant has no such document";
    case errc::search_not_found: return "no search for a partner is known for this order";
    case errc::promotion_not_found: return "there is no such promotion";
    case errc::no_location: return "it is not known where the order's partner is";
    case errc::illegal_transition: return "this cannot be done in the state it is in";
    case errc::stale_version: return "it has changed since the version that If-Match names";
    case errc::offer_no_longer_available: return "this order is no longer available";
    case errc::restaurant_not_active: return "the restaurant has not been approved";
    case errc::restaurant_closed: return "the restaurant takes no orders now";
    case errc::item_unavailable: return "an item of the order is not available now";
    case errc::currency_mismatch: return "this is not the currency of the restaurant's menu";
    case errc::licence_number_taken: return "another restaurant has this licence number";
    case errc::category_name_taken: return "the menu has a category of this name already";
    case errc::modifier_group_in_use: return "items of the menu still ask for this modifier group";
    case errc::limit_reached: return "there are as many of these as there may be";
    case errc::outside_delivery_area: return "the restaurant does not deliver to this address";
    case errc::wrong_pin: return "this is not the customer's PIN";
    case errc::too_many_attempts: return "too many wrong PINs: wait before the next attempt";
    case errc::payment_method_unavailable: return "this way of paying is not available";
    case errc::partner_at_capacity: return "you carry as many orders as you may";
    case errc::partner_offline: return "you are offline: go online first";
    case errc::promotion_not_started: return "this promotion has not begun yet";
    case errc::promotion_expired: return "this promotion is over";
    case errc::promotion_not_here: return "this promotion is not for orders of this restaurant";
    case errc::promotion_below_minimum: return "the order is too small for this promotion";
    case errc::promotion_first_order_only: return "this promotion is for a customer's first order";
    case errc::promotion_already_used: return "you have used this promotion as often as you may";
    case errc::promotion_used_up: return "this promotion has been used up";
    case errc::promotion_not_combinable: return "a better deal applies, and this coupon can't be used with it";
    case errc::promotion_without_effect: return "this promotion takes nothing off this order";
    case errc::promotion_code_taken: return "another promotion has this code";
    case errc::idempotency_key_reused: return "this Idempotency-Key was used for another request";
    case errc::idempotency_key_exists: return "a request with this Idempotency-Key has been made already";
    case errc::resume_point_lost: return "no event has this number yet: read the present state and start from there";
    case errc::overloaded: return "too much is being asked for at the moment: try again shortly";
    case errc::unavailable: return "a part of the system is away at the moment: try again shortly";
    case errc::deadline_exceeded: return "the answer did not come in time: try again";
    case errc::moved: return "it is being taken over by another node: try again shortly";
    case errc::outcome_unknown:
      return "it is not known whether this was done: repeat it with the same Idempotency-Key to find out";
    case errc::internal: return "something went wrong on our side";
    case errc::email_taken: return "another account has this e-mail address";
    case errc::open_orders: return "orders of this account are still under way";
    case errc::too_many_addresses: return "this account has as many addresses as it may";
    case errc::owns_restaurant: return "a restaurant of this account is in business, or waits for approval";
    case errc::wrong_password: return "this is not the account's present password";
    case errc::partner_not_approved: return "nobody has approved you as a partner yet, or you were rejected";
  }
  return {};
}

bool is_passing(errc code) noexcept { return status_of(code) == 503; }

problem to_problem(errc code, std::string detail) {
  if (detail.empty()) detail = detail_of(code);
  problem made{status_of(code), to_string(code), std::move(detail), {}, {}};
  if (is_passing(code)) made.headers.emplace_back("Retry-After", "1");
  if (code == errc::too_many_attempts)
    made.headers.emplace_back("Retry-After", std::to_string(limits::pause_after_wrong_pins.count()));
  return made;
}

problem make_problem(unsigned status, std::string_view code, std::string detail) {
  return {status, std::string{code}, std::move(detail), {}, {}};
}

problem invalid_fields(std::vector<field_error> fields) {
  return {400, to_string(errc::invalid_argument), "some fields are not as they must be", std::move(fields), {}};
}

problem wrong_method(std::string allowed) {
  auto made = make_problem(405, "method-not-allowed", "this path has other methods: " + allowed);
  made.headers.emplace_back("Allow", std::move(allowed));
  return made;
}

problem invalid_parameter(std::string_view name, std::string message) {
  auto detail = "the parameter " + std::string{name} + ' ' + message;
  problem made = to_problem(errc::invalid_argument, std::move(detail));
  made.fields.push_back({{}, "invalid-parameter", std::move(message), name});
  return made;
}

response render(const problem& what, const request& to) {
  response out;
  out.status = what.status;
  out.content_type = "application/problem+json";
  out.headers = what.headers;
  json_object body{out.body};
  body.put("type", "/problems/" + what.code).put("title", title_of(what.status)).put("status", what.status);
  body.put("detail", what.detail).put("instance", to.path).put("code", what.code).put("requestId", to.id);
  body.put("opensAt", what.opens_at);
  if (!what.fields.empty())
    body.array("errors", what.fields, [](json_object& each, const field_error& x) {
      if (x.parameter.empty())
        each.put("pointer", x.pointer);
      else
        each.put("parameter", x.parameter);
      each.put("code", x.code).put("message", x.message);
    });
  body.close();
  return out;
}

}  // namespace dabba::http
