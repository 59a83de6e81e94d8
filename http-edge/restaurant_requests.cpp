#include "http-edge/restaurant_requests.hpp"

#include <algorithm>

#include "protocols/model/limits.hpp"
#include "protocols/model/opening_times.hpp"

namespace dabba::http {
namespace {

constexpr std::size_t code_chars = 64;  ///< licence numbers, tax numbers, phone numbers
constexpr std::size_t time_zone_chars = 64;

contact read_contact(fields& in) {
  contact made;
  if (auto reach = in.object("contact", presence::required)) {
    made.phone = reach->text("phone", code_chars);
    made.email = reach->text("email", limits::email_chars, presence::optional);
  }
  return made;
}

/// What closes at or before the time it opened at does so on the next day.
opening_span read_span(fields& in) {
  using std::chrono::hours;
  opening_span made;
  auto opens = in.time_of_day("opens", presence::required);
  auto closes = in.time_of_day("closes", presence::required);
  if (!opens || !closes) return made;
  if (*opens == hours{24}) in.refuse("opens", "out-of-range", "must be before 24:00");
  if (*opens == *closes) in.refuse("closes", "out-of-range", "must not be the time it opens at");
  made.from = *opens;
  made.to = *closes;
  if (made.to <= made.from) made.to += hours{24};
  return made;
}

std::optional<std::int32_t> read_count(fields& in, std::string_view key, std::int32_t least, std::int32_t most) {
  auto found = in.integer(key, least, most, presence::optional);
  if (!found) return std::nullopt;
  return static_cast<std::int32_t>(*found);
}

/// Left alone when it is not there, taken away when it is null.
setting_change<std::int32_t> read_setting(fields& in, std::string_view key, std::int32_t least, std::int32_t most) {
  return {in.has(key) || in.is_null(key), read_count(in, key, least, most)};
}

}  // namespace

read_result<restaurant_profile> read_profile(const json_value& body) {
  return read_object(body, [](fields& in) {
    restaurant_profile made;
    made.name = in.text("name", limits::name_chars);
    made.description = in.text("description", limits::text_chars, presence::optional);
    made.where = read_address(in);
    made.reach = read_contact(in);
    made.license_number = in.text("licenseNumber", code_chars);
    made.gst = in.text("gst", code_chars, presence::optional);
    return made;
  });
}

read_result<change_profile> read_restaurant_change(const json_value& body) {
  return read_object(body, [](fields& in) {
    change_profile made;
    if (in.has("name")) made.name = in.text("name", limits::name_chars);
    if (in.has("description")) made.description = in.text("description", limits::text_chars, presence::optional);
    if (in.has("address")) made.where = read_address(in);
    if (in.has("contact")) made.reach = read_contact(in);
    if (in.has("licenseNumber")) made.license_number = in.text("licenseNumber", code_chars);
    if (in.has("gst")) made.gst = in.text("gst", code_chars, presence::optional);
    return made;
  });
}

read_result<verify_restaurant> read_verification(const json_value& body) {
  return read_object(body, [](fields& in) {
    verify_restaurant made;
    made.decision = in.one_of<verification_decision>("decision", presence::required).value_or(made.decision);
    bool is_against =
        made.decision == verification_decision::reject || made.decision == verification_decision::deactivate;
    made.reason = in.text("reason", limits::text_chars, is_against ? presence::required : presence::optional);
    return made;
  });
}

read_result<restaurant_status> read_restaurant_status(const json_value& body) {
  return read_object(body, [](fields& in) {
    return in.one_of<restaurant_status>("status", presence::required).value_or(restaurant_status::offline);
  });
}

read_result<restaurant_document> read_document(const json_value& body) {
  return read_object(body, [](fields& in) {
    restaurant_document made;
    made.kind = in.one_of<document_kind>("kind", presence::required).value_or(made.kind);
    made.number = in.text("number", code_chars);
    made.reference = in.text("reference", limits::document_text_chars, presence::optional);
    made.note = in.text("note", limits::document_text_chars, presence::optional);
    made.expires_on = in.date("expiresOn", presence::optional);
    return made;
  });
}

read_result<opening_hours> read_hours(const json_value& body) {
  return read_object(body, [](fields& in) {
    opening_hours made;
    made.time_zone = in.text("timeZone", time_zone_chars);
    if (!made.time_zone.empty() && !is_time_zone(made.time_zone))
      in.refuse("timeZone", "unknown-time-zone", "must be a name of the IANA database, as in Asia/Kolkata");
    for (auto& each : in.list("weekly", 0, limits::weekly_spans)) {
      auto day = each.one_of<weekday>("day", presence::required).value_or(weekday::monday);
      made.weekly.push_back({day, read_span(each)});
    }
    for (auto& each : in.list("holidays", 0, limits::holidays, presence::optional)) {
      holiday one;
      one.date = each.date("date", presence::required).value_or(local_date{});
      one.name = each.text("name", limits::holiday_name_chars, presence::optional);
      for (auto& span : each.list("open", 0, limits::spans_per_holiday, presence::optional))
        one.open.push_back(read_span(span));
      if (std::ranges::find(made.holidays, one.date, &holiday::date) != made.holidays.end())
        each.refuse("date", "repeated", "is the date of an entry above it");
      made.holidays.push_back(std::move(one));
    }
    return made;
  });
}

read_result<change_kitchen> read_kitchen(const json_value& body) {
  return read_object(body, [](fields& in) {
    change_kitchen made;
    made.preparation_minutes = read_setting(in, "preparationMinutes", 1, limits::preparation_minutes);
    made.busy_until = {in.has("busyUntil") || in.is_null("busyUntil"), in.time("busyUntil", presence::optional)};
    made.busy_minutes = read_count(in, "busyMinutes", 0, limits::busy_minutes);
    made.accepts_itself = in.boolean("autoAccept");
    made.accept_minutes = read_setting(in, "acceptMinutes", 1, limits::accept_minutes);
    made.orders_per_slot = read_setting(in, "ordersPerSlot", 1, limits::orders_per_slot);
    made.slot_minutes = read_count(in, "slotMinutes", 1, limits::slot_minutes);
    // So that each day has the same slots.
    if (made.slot_minutes && limits::slot_minutes % *made.slot_minutes != 0)
      in.refuse("slotMinutes", "out-of-range", "must divide a day into equal parts");
    return made;
  });
}

read_result<delivery_area> read_area(const json_value& body) {
  return read_object(body, [](fields& in) {
    delivery_area made;
    if (in.has("radiusMetres") == in.has("polygon")) {
      in.refuse("radiusMetres", "missing", "a radius or else a polygon is required");
      return made;
    }
    if (auto radius = in.integer("radiusMetres", 1, static_cast<std::int64_t>(limits::area_metres), presence::optional))
      made.radius = metres{static_cast<double>(*radius)};
    for (auto& each : in.list("polygon", 3, limits::area_corners, presence::optional))
      made.corners.push_back(each.position(presence::required).value_or(geo_point{}));
    return made;
  });
}

}  // namespace dabba::http
