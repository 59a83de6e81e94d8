/// Refusals as the API shows them: one status and code for each, application/problem+json (RFC 9457).
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "http-edge/message.hpp"
#include "protocols/model/errors.hpp"
#include "protocols/model/instant.hpp"

namespace dabba::http {

/// What is wrong with one field of a request's body, or with one parameter of its query.
struct field_error {
  std::string pointer;  ///< RFC 6901
  std::string_view code;
  std::string message;
  std::string_view parameter{};  ///< of the query; then there is no pointer
};

struct problem {
  unsigned status = 500;
  std::string code = "internal";
  std::string detail;
  std::vector<field_error> fields;
  std::vector<std::pair<std::string_view, std::string>> headers;
  std::optional<instant> opens_at{};  ///< of a closed restaurant
};

unsigned status_of(errc code) noexcept;
/// A sentence for people: what the code says when nothing more is known.
std::string_view detail_of(errc code) noexcept;
/// True when the same request may succeed a moment later.
bool is_passing(errc code) noexcept;

/// Without a detail it gets the one of its code.
problem to_problem(errc code, std::string detail = {});
/// A refusal that no actor makes, only the edge.
problem make_problem(unsigned status, std::string_view code, std::string detail);
problem invalid_fields(std::vector<field_error> fields);
problem wrong_method(std::string allowed);
problem invalid_parameter(std::string_view name, std::string message);

response render(const problem& what, const request& to);

}  // namespace dabba::http
