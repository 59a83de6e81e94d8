#include "http-edge/restaurant_views.hpp"

#include <cmath>

namespace dabba::http {
namespace {

void put_span(json_object& out, const opening_span& x) {
  out.put("opens", time_of_day_text(x.from)).put("closes", time_of_day_text(x.to));
}

void put_hours(json_object& out, const opening_hours& x) {
  out.put("timeZone", x.time_zone);
  out.array("weekly", x.weekly, [](json_object& each, const weekly_span& y) {
    each.put("day", y.day);
    put_span(each, y.open);
  });
  out.array("holidays", x.holidays, [](json_object& each, const holiday& y) {
    each.put("date", to_string(y.date));
    put_text(each, "name", y.name);
    each.array("open", y.open, put_span);
  });
}

void put_kitchen(json_object& out, const kitchen_settings& x) {
  out.put("preparationMinutes", x.preparation_minutes).put("busyUntil", x.busy_until);
  out.put("busyMinutes", x.busy_minutes).put("autoAccept", x.accepts_itself).put("acceptMinutes", x.accept_minutes);
  out.put("ordersPerSlot", x.orders_per_slot).put("slotMinutes", x.slot_minutes);
}

void put_area(json_object& out, const delivery_area& x) {
  if (x.radius) out.put("radiusMetres", std::llround(x.radius->value));
  if (!x.corners.empty()) out.array("polygon", x.corners, put_point);
}

void put_availability(json_object& out, const item_availability& x, instant now) {
  bool is_there = x.at(now);
  out.put("isAvailable", is_there);
  if (!is_there) out.put("availableAgainAt", x.back_at);
}

void put_item(json_object& out, const menu_item& x, instant now) {
  out.put("itemId", x.id).put("name", x.name).put("description", x.description).put("category", x.category);
  out.put("type", x.type).put("price", x.price).put("currency", x.money);
  put_availability(out, x.available, now);
  std::string groups;
  for (const auto& each : x.groups) {
    groups += groups.empty() ? "" : ",";
    append_json(groups, each);
  }
  out.put_raw("modifierGroups", '[' + groups + ']');
}

void put_category(json_object& out, const menu_category& x) { out.put("categoryId", x.id).put("name", x.name); }

void put_group(json_object& out, const modifier_group& x, instant now) {
  out.put("groupId", x.id).put("name", x.name).put("minimum", x.least).put("maximum", x.most);
  out.array("options", x.options, [now](json_object& each, const modifier_option& y) {
    each.put("optionId", y.id).put("name", y.name).put("price", y.price);
    put_availability(each, y.available, now);
  });
}

void put_document(json_object& out, const restaurant_document& x) {
  out.put("documentId", x.id).put("kind", x.kind).put("number", x.number);
  put_text(out, "reference", x.reference);
  put_text(out, "note", x.note);
  if (x.expires_on) out.put("expiresOn", to_string(*x.expires_on));
}

}  // namespace

std::string restaurant_json(const restaurant& x, restaurant_audience to, instant now) {
  return json_text_of([&](json_object& out) {
    const auto& profile = x.profile;
    out.put("restaurantId", x.id).put("version", x.version).put("name", profile.name);
    out.put("description", profile.description);
    out.object("address", [&](json_object& where) {
      where.put("line", profile.where.line);
      put_point(where, profile.where.at);
    });
    out.object("contact", [&](json_object& reach) {
      reach.put("phone", profile.reach.phone);
      put_text(reach, "email", profile.reach.email);
    });
    out.put("licenseNumber", profile.license_number).put("gst", profile.gst);
    out.put("verification", x.verification).put("status", x.status);
    put_text(out, "rejectionReason", x.rejection_reason);
    out.put("isOpen", takes_orders(x, now)).put("opensAt", takes_orders_again(x, now));
    if (x.hours) out.object("hours", [&](json_object& each) { put_hours(each, *x.hours); });
    if (x.area) out.object("deliveryArea", [&](json_object& each) { put_area(each, *x.area); });
    if (to == restaurant_audience::its_own)
      out.object("kitchen", [&](json_object& each) { put_kitchen(each, x.kitchen); });
  });
}

std::string restaurant_tag(const restaurant& x, instant now) {
  auto text = '"' + std::to_string(x.version);
  if (x.hours && is_online(x) && !takes_orders(x, now)) {
    auto opens_at = takes_orders_again(x, now).value_or(instant{});
    text += '-' + std::to_string(opens_at.micros / 60'000'000);
  }
  return text + '"';
}

std::string document_json(const restaurant_document& x) {
  return json_text_of([&](json_object& out) { put_document(out, x); });
}

std::string documents_json(const restaurant& x) {
  return json_text_of([&](json_object& out) { out.array("items", x.documents, put_document); });
}

std::string menu_json(const current_menu& x) {
  const auto& offered = **x.content;
  return json_text_of([&](json_object& out) {
    out.put("restaurantId", x.of).put("version", x.stamp.version);
    out.array("categories", offered.categories, put_category);
    out.array("modifierGroups", offered.groups,
              [&](json_object& each, const modifier_group& y) { put_group(each, y, x.now); });
    out.array("items", offered.items, [&](json_object& each, const menu_item& y) { put_item(each, y, x.now); });
  });
}

std::string menu_tag(menu_stamp x) {
  auto text = '"' + std::to_string(x.version);
  if (x.returned > 0) text += '-' + std::to_string(x.returned);
  return text + '"';
}

std::string item_json(const menu_item& x, instant now) {
  return json_text_of([&](json_object& out) { put_item(out, x, now); });
}

std::string category_json(const menu_category& x) {
  return json_text_of([&](json_object& out) { put_category(out, x); });
}

std::string categories_json(const std::vector<menu_category>& x) {
  return json_text_of([&](json_object& out) { out.array("items", x, put_category); });
}

std::string group_json(const modifier_group& x, instant now) {
  return json_text_of([&](json_object& out) { put_group(out, x, now); });
}

}  // namespace dabba::http
