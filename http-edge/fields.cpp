#include "http-edge/fields.hpp"

#include <charconv>
#include <chrono>
#include <cmath>

#include "protocols/model/limits.hpp"

namespace dabba::http {
namespace {

/// Characters, not bytes; the parser has checked that it is UTF-8.
std::size_t characters(std::string_view text) {
  std::size_t count = 0;
  for (char c : text) count += (static_cast<unsigned char>(c) & 0xC0) != 0x80;
  return count;
}

bool has_control(std::string_view text) {
  for (char c : text) {
    auto byte = static_cast<unsigned char>(c);
    if ((byte < 0x20 && c != '\n' && c != '\t') || byte == 0x7f) return true;
  }
  return false;
}

template <class T>
std::optional<T> parse_whole(std::string_view text) {
  T value{};
  auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), value);
  if (error != std::errc{} || end != text.data() + text.size()) return std::nullopt;
  return value;
}

bool is_digits(std::string_view text) { return text.find_first_not_of("0123456789") == std::string_view::npos; }

/// The two-digit (or longer) number at `from`; -1 when there is none.
int digits_at(std::string_view text, std::size_t from, std::size_t count) {
  if (from + count > text.size() || !is_digits(text.substr(from, count))) return -1;
  return parse_whole<int>(text.substr(from, count)).value_or(-1);
}

/// Minutes east of UTC of `Z`, `+hh:mm` or `-hh:mm`.
std::optional<int> parse_offset(std::string_view text) {
  if (text == "Z" || text == "z") return 0;
  if (text.size() != 6 || (text[0] != '+' && text[0] != '-') || text[3] != ':') return std::nullopt;
  int hours = digits_at(text, 1, 2);
  int minutes = digits_at(text, 4, 2);
  if (hours < 0 || hours > 23 || minutes < 0 || minutes > 59) return std::nullopt;
  return (text[0] == '-' ? -1 : 1) * (hours * 60 + minutes);
}

}  // namespace

std::optional<instant> parse_time(std::string_view text) noexcept {
  using namespace std::chrono;
  // yyyy-mm-ddThh:mm:ss[.fraction]offset
  if (text.size() < 20 || text.size() > 40 || text[4] != '-' || text[7] != '-' ||
      (text[10] != 'T' && text[10] != 't') || text[13] != ':' || text[16] != ':')
    return std::nullopt;
  int y = digits_at(text, 0, 4), mo = digits_at(text, 5, 2), d = digits_at(text, 8, 2);
  int h = digits_at(text, 11, 2), mi = digits_at(text, 14, 2), s = digits_at(text, 17, 2);
  year_month_day date{year{y}, month{static_cast<unsigned>(mo)}, day{static_cast<unsigned>(d)}};
  if (y < 1970 || mo < 1 || d < 1 || !date.ok() || h < 0 || h > 23 || mi < 0 || mi > 59 || s < 0 || s > 60)
    return std::nullopt;
  std::size_t at = 19;
  std::int64_t fraction = 0;
  if (text[at] == '.') {
    std::int64_t unit = 1'000'000;
    std::size_t first = ++at;
    for (; at < text.size() && text[at] >= '0' && text[at] <= '9'; ++at)
      if ((unit /= 10) > 0) fraction += (text[at] - '0') * unit;
    if (at == first) return std::nullopt;
  }
  auto offset = parse_offset(text.substr(at));
  if (!offset) return std::nullopt;
  auto t = sys_days{date} + hours{h} + minutes{mi - *offset} + seconds{s} + microseconds{fraction};
  return instant{duration_cast<microseconds>(t.time_since_epoch()).count()};
}

std::optional<minor_units> parse_money(std::string_view digits) noexcept {
  bool negative = digits.starts_with('-');
  if (negative) digits.remove_prefix(1);
  auto point = digits.find('.');
  auto whole = digits.substr(0, point);
  auto decimals = point == std::string_view::npos ? std::string_view{} : digits.substr(point + 1);
  // 350.000 says no more than 350.00; an exponent is refused with everything else that is no digit.
  while (decimals.size() > 2 && decimals.ends_with('0')) decimals.remove_suffix(1);
  if (whole.empty() || whole.size() > 15 || decimals.size() > 2 || !is_digits(whole) || !is_digits(decimals))
    return std::nullopt;
  std::int64_t minor = *parse_whole<std::int64_t>(whole) * 100;
  if (!decimals.empty()) minor += (decimals[0] - '0') * 10;
  if (decimals.size() == 2) minor += decimals[1] - '0';
  return minor_units{negative ? -minor : minor};
}

fields::fields(const json_value& object, std::string pointer, std::vector<field_error>& errors)
    : object_{&object}, pointer_{std::move(pointer)}, errors_{&errors} {
  if (object.what != json_value::kind::object) errors.push_back({pointer_, "wrong-type", "must be an object"});
}

void fields::refuse(std::string_view key, std::string_view code, std::string message) {
  errors_->push_back({pointer_ + '/' + std::string{key}, code, std::move(message)});
}

const json_value* fields::find(std::string_view key, json_value::kind what, presence wanted) {
  const json_value* found = object_->find(key);
  if (!found || found->what == json_value::kind::null) {
    // A body that is no object has been refused as such.
    if (wanted == presence::required && object_->what == json_value::kind::object)
      refuse(key, "missing", "is required");
    return nullptr;
  }
  if (found->what == what) return found;
  refuse(key, "wrong-type", "has the wrong JSON type");
  return nullptr;
}

std::optional<std::string_view> fields::string(std::string_view key, presence wanted) {
  const json_value* found = find(key, json_value::kind::string, wanted);
  if (!found) return std::nullopt;
  return found->text;
}

std::string fields::text(std::string_view key, std::size_t most, presence wanted) {
  auto found = string(key, wanted);
  if (!found) return {};
  if (wanted == presence::required && found->find_first_not_of(" \t\n") == std::string_view::npos)
    refuse(key, "empty", "must not be empty");
  else if (characters(*found) > most)
    refuse(key, "too-long", "must have at most " + std::to_string(most) + " characters");
  else if (has_control(*found))
    refuse(key, "control-character", "must not hold control characters");
  return std::string{*found};
}

std::optional<double> fields::number(std::string_view key, double least, double most, presence wanted) {
  const json_value* found = find(key, json_value::kind::number, wanted);
  if (!found) return std::nullopt;
  auto value = parse_whole<double>(found->text);
  if (value && *value >= least && *value <= most) return value;
  refuse(key, "out-of-range", "is out of range");
  return std::nullopt;
}

std::optional<std::int64_t> fields::integer(std::string_view key, std::int64_t least, std::int64_t most,
                                            presence wanted) {
  const json_value* found = find(key, json_value::kind::number, wanted);
  if (!found) return std::nullopt;
  auto value = parse_whole<std::int64_t>(found->text);
  if (value && *value >= least && *value <= most) return value;
  refuse(key, "out-of-range", "must be a whole number from " + std::to_string(least) + " to " + std::to_string(most));
  return std::nullopt;
}

std::optional<minor_units> fields::money(std::string_view key, minor_units least, presence wanted) {
  const json_value* found = find(key, json_value::kind::number, wanted);
  if (!found) return std::nullopt;
  auto value = parse_money(found->text);
  if (!value) {
    refuse(key, "invalid-amount", "must be an amount with at most two decimals");
  } else if (*value < least || value->value > limits::amount_minor) {
    refuse(key, "out-of-range", "is out of range");
    value.reset();
  }
  return value;
}

std::optional<bool> fields::boolean(std::string_view key) {
  const json_value* found = find(key, json_value::kind::boolean, presence::optional);
  if (!found) return std::nullopt;
  return found->truth;
}

std::optional<instant> fields::time(std::string_view key, presence wanted) {
  auto found = string(key, wanted);
  if (!found) return std::nullopt;
  auto value = parse_time(*found);
  if (!value) refuse(key, "invalid-time", "must be an RFC 3339 time");
  return value;
}

std::optional<geo_point> fields::position(presence wanted) {
  bool any = object_->find("latitude") || object_->find("longitude");
  if (!any && wanted == presence::optional) return std::nullopt;
  auto latitude = number("latitude", -90, 90, presence::required);
  auto longitude = number("longitude", -180, 180, presence::required);
  if (!latitude || !longitude) return std::nullopt;
  return quantised({*latitude, *longitude});
}

std::optional<fields> fields::object(std::string_view key, presence wanted) {
  const json_value* found = find(key, json_value::kind::object, wanted);
  if (!found) return std::nullopt;
  return fields{*found, pointer_ + '/' + std::string{key}, *errors_};
}

const json_value* fields::array(std::string_view key, std::size_t least, std::size_t most, presence wanted) {
  const json_value* found = find(key, json_value::kind::array, wanted);
  if (!found || (found->items.size() >= least && found->items.size() <= most)) return found;
  refuse(key, "wrong-size", "must have " + std::to_string(least) + " to " + std::to_string(most) + " entries");
  return nullptr;
}

std::vector<std::string> fields::texts(std::string_view key, std::size_t most, std::size_t most_chars) {
  std::vector<std::string> out;
  const json_value* found = find(key, json_value::kind::array, presence::optional);
  if (!found) return out;
  if (found->items.size() > most) {
    refuse(key, "wrong-size", "must have at most " + std::to_string(most) + " entries");
    return out;
  }
  for (const auto& each : found->items) {
    bool is_text = each.what == json_value::kind::string && !each.text.empty() && !has_control(each.text) &&
                   characters(each.text) <= most_chars;
    if (is_text) {
      out.push_back(each.text);
      continue;
    }
    refuse(key, "invalid-entry", "must hold texts of 1 to " + std::to_string(most_chars) + " characters");
    break;
  }
  return out;
}

std::vector<fields> fields::list(std::string_view key, std::size_t least, std::size_t most, presence wanted) {
  std::vector<fields> items;
  const json_value* found = array(key, least, most, wanted);
  if (!found) return items;
  auto base = pointer_ + '/' + std::string{key} + '/';
  for (std::size_t i = 0; i < found->items.size(); ++i)
    items.emplace_back(found->items[i], base + std::to_string(i), *errors_);
  return items;
}

std::vector<uuid> fields::uuids(std::string_view key, std::size_t most, presence wanted) {
  std::vector<uuid> made;
  const json_value* found = array(key, 0, most, wanted);
  if (!found) return made;
  for (std::size_t i = 0; i < found->items.size(); ++i) {
    const auto& each = found->items[i];
    auto parsed = each.what == json_value::kind::string ? parse_uuid(each.text) : std::nullopt;
    if (!parsed) refuse(std::string{key} + '/' + std::to_string(i), "invalid-id", "must be a UUID");
    made.push_back(parsed.value_or(uuid{}));
  }
  return made;
}

std::optional<local_date> fields::date(std::string_view key, presence wanted) {
  auto found = string(key, wanted);
  if (!found) return std::nullopt;
  auto value = parse_date(*found);
  if (!value) refuse(key, "invalid-date", "must be a date as in 2026-12-25");
  return value;
}

std::optional<day_minutes> fields::time_of_day(std::string_view key, presence wanted) {
  auto found = string(key, wanted);
  if (!found) return std::nullopt;
  auto value = parse_time_of_day(*found);
  if (!value) refuse(key, "invalid-time", "must be a time of day from 00:00 to 24:00");
  return value;
}

bool fields::has(std::string_view key) const {
  const json_value* found = object_->find(key);
  return found && found->what != json_value::kind::null;
}

bool fields::is_null(std::string_view key) const {
  const json_value* found = object_->find(key);
  return found && found->what == json_value::kind::null;
}

}  // namespace dabba::http
