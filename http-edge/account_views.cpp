#include "http-edge/account_views.hpp"

namespace dabba::http {
namespace {

void put_text(json_object& out, std::string_view key, const std::string& text) {
  if (!text.empty()) out.put(key, text);
}

}  // namespace

void put_account(json_object& out, const account& x, bool to_staff) {
  out.put("userId", x.id).put("version", x.version).put("role", x.role).put("email", x.email).put("name", x.name);
  put_text(out, "phone", x.phone);
  put_text(out, "language", x.language);
  out.put("status", x.status);
  if (x.role == user_role::partner) out.put("approval", x.approval);
  if (to_staff) put_text(out, "statusReason", x.status_reason);
  out.put("createdAt", x.created_at);
}

std::string account_json(const account& x, bool to_staff) {
  return json_text_of([&](json_object& out) { put_account(out, x, to_staff); });
}

void put_address(json_object& out, const saved_address& x) {
  out.put("addressId", x.id);
  put_text(out, "label", x.label);
  out.object("address", [&](json_object& where) {
    where.put("line", x.where.line).put("latitude", x.where.at.lat_deg).put("longitude", x.where.at.lon_deg);
  });
  put_text(out, "instructions", x.instructions);
}

std::string address_json(const saved_address& x) {
  return json_text_of([&](json_object& out) { put_address(out, x); });
}

std::string addresses_json(std::span<const saved_address> all) {
  return json_text_of([&](json_object& out) { out.array("items", all, put_address); });
}

void put_session(json_object& out, const session_facts& x) {
  out.put("createdAt", x.created_at).put("renewedAt", x.renewed_at);
}

}  // namespace dabba::http
