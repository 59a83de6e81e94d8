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
    case errc::invalid_argument: return 400;
    case errc::not_found:
    case errc::order_not_found:
    case errc::restaurant_not_found:
    case errc::item_not_found:
    case errc::search_not_found:
    case errc::no_location: return 404;
    case errc::illegal_transition:
    case errc::offer_no_longer_available:
    case errc::restaurant_not_active:
    case errc::restaurant_closed:
    case errc::licence_number_taken:
    case errc::partner_at_capacity:
    case errc::partner_offline:
    case errc::idempotency_key_exists: return 409;
    case errc::item_unavailable: return 410;
    case errc::stale_version: return 412;
    case errc::wrong_pin:
    case errc::payment_method_unavailable:
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

bool is_passing(errc code) noexcept { return status_of(code) == 503; }

problem to_problem(errc code, std::string detail) {
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

response render(const problem& what, const request& to) {
  response out;
  out.status = what.status;
  out.content_type = "application/problem+json";
  out.headers = what.headers;
  json_object body{out.body};
  body.put("type", "/problems/" + what.code).put("title", title_of(what.status)).put("status", what.status);
  if (!what.detail.empty()) body.put("detail", what.detail);
  body.put("instance", to.path).put("code", what.code).put("requestId", to.id);
  if (!what.fields.empty())
    body.array("errors", what.fields, [](json_object& each, const field_error& x) {
      each.put("pointer", x.pointer).put("code", x.code).put("message", x.message);
    });
  body.close();
  return out;
}

}  // namespace dabba::http
