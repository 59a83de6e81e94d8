#include "http-edge/router.hpp"

#include <algorithm>

namespace dabba::http {
namespace {

/// Takes the first segment off `path`, which begins with a slash.
std::string_view take_segment(std::string_view& path) {
  path.remove_prefix(1);
  auto segment = path.substr(0, path.find('/'));
  path.remove_prefix(segment.size());
  return segment;
}

bool fits(std::string_view pattern, std::string_view path, std::array<std::string_view, 3>& parameters) {
  std::size_t next = 0;
  while (!pattern.empty() && !path.empty()) {
    auto wanted = take_segment(pattern);
    auto given = take_segment(path);
    if (wanted == "{}" && !given.empty())
      parameters[next++] = given;
    else if (wanted != given)
      return false;
  }
  return pattern.empty() && path.empty();
}

std::string_view name_of(verb method) {
  switch (method) {
    case verb::get: return "GET, HEAD";
    case verb::post: return "POST";
    case verb::put: return "PUT";
    case verb::patch: return "PATCH";
    case verb::del: return "DELETE";
    case verb::other: return "";
  }
  return "";
}

}  // namespace

std::span<const std::span<const route>> route_groups() {
  // Where two patterns fit, the first one is meant: `me` is nobody's id.
  static const std::array groups{
      restaurant_routes(), settings_routes(), menu_routes(),    order_routes(), partner_routes(),
      delivery_routes(),   operator_routes(), promotion_routes(), cluster_routes(), auth_routes(),  user_routes(),
      address_routes(),    history_routes(),  user_admin_routes(), health_routes(),
      reference_routes()};
  return groups;
}

matched match(verb method, std::string_view path, bool serves_api, bool serves_admin) {
  matched result;
  if (!path.starts_with('/')) return result;
  for (const auto& group : route_groups()) {
    for (const auto& each : group) {
      std::array<std::string_view, 3> parameters;
      bool is_served = each.on == surface::admin ? serves_admin : serves_api;
      if (!is_served || !fits(each.pattern, path, parameters)) continue;
      if (each.method == method) return {&each, parameters, {}};
      if (result.allow.find(name_of(each.method)) != std::string::npos) continue;
      if (!result.allow.empty()) result.allow += ", ";
      result.allow += name_of(each.method);
    }
  }
  return result;
}

}  // namespace dabba::http
