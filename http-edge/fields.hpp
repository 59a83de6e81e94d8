/// Reads the fields of a JSON object and collects what is wrong with them, all at once.
#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "http-edge/json_value.hpp"
#include "http-edge/problems.hpp"
#include "protocols/model/geo.hpp"
#include "protocols/model/ids.hpp"
#include "protocols/model/instant.hpp"
#include "protocols/model/local_time.hpp"
#include "protocols/model/money.hpp"

namespace dabba::http {

/// RFC 3339 with an offset or Z; nothing for any other text, or a time outside of years 1970 to 9999.
std::optional<instant> parse_time(std::string_view text) noexcept;
/// An amount with at most two decimals, from its digits; nothing when it has more, or is out of range.
std::optional<minor_units> parse_money(std::string_view digits) noexcept;

enum class presence : std::uint8_t { required, optional };

/// The fields of one object. A reader returns a default value after it noted an error: look at `errors` before using
/// what was read. Unknown fields are ignored; null counts as absent.
class fields {
 public:
  fields(const json_value& object, std::string pointer, std::vector<field_error>& errors);

  /// Text of at most `most` characters, without control characters other than line feed and tab. A required text is
  /// not empty.
  std::string text(std::string_view key, std::size_t most, presence wanted = presence::required);
  std::optional<double> number(std::string_view key, double least, double most, presence wanted);
  std::optional<std::int64_t> integer(std::string_view key, std::int64_t least, std::int64_t most, presence wanted);
  std::optional<minor_units> money(std::string_view key, minor_units least, presence wanted);
  std::optional<bool> boolean(std::string_view key);
  std::optional<instant> time(std::string_view key, presence wanted);
  /// Members `latitude` and `longitude` of this object: both, or neither when optional.
  std::optional<geo_point> position(presence wanted);

  template <named_enum E>
  std::optional<E> one_of(std::string_view key, presence wanted) {
    auto found = string(key, wanted);
    if (!found) return std::nullopt;
    auto parsed = parse_enum<E>(*found);
    if (!parsed) refuse(key, "unknown-value", "is none of the values it may have");
    return parsed;
  }
  template <class Id>
  Id identifier(std::string_view key) {
    auto found = string(key, presence::required);
    if (!found) return {};
    auto parsed = parse_uuid(*found);
    if (!parsed) refuse(key, "invalid-id", "must be a UUID");
    return parsed ? Id{*parsed} : Id{};
  }
  /// The member object `key`; an empty one when it is missing, which is noted when it is required.
  std::optional<fields> object(std::string_view key, presence wanted);
  /// The texts of the list `key`, which may be absent: none is empty, or has more than `most_chars` characters.
  std::vector<std::string> texts(std::string_view key, std::size_t most, std::size_t most_chars);
  template <class Id>
  std::vector<Id> identifiers(std::string_view key, std::size_t most) {
    std::vector<Id> out;
    for (const auto& text : texts(key, most, uuid_chars)) {
      auto parsed = parse_uuid(text);
      if (!parsed) refuse(key, "invalid-id", "must hold UUIDs");
      out.push_back(parsed ? Id{*parsed} : Id{});
    }
    return out;
  }
  /// The objects of the list `key`.
  std::vector<fields> list(std::string_view key, std::size_t least, std::size_t most,
                           presence wanted = presence::required);
  /// The UUIDs of the list `key`.
  template <class Id>
  std::vector<Id> identifiers(std::string_view key, std::size_t most, presence wanted = presence::required) {
    std::vector<Id> made;
    for (const auto& each : uuids(key, most, wanted)) made.push_back(Id{each});
    return made;
  }
  /// yyyy-mm-dd
  std::optional<local_date> date(std::string_view key, presence wanted);
  /// hh:mm, up to 24:00
  std::optional<day_minutes> time_of_day(std::string_view key, presence wanted);

  /// True when it is there, and not null.
  [[nodiscard]] bool has(std::string_view key) const;
  /// True when it is there and null: what it names is to be taken away.
  [[nodiscard]] bool is_null(std::string_view key) const;

  void refuse(std::string_view key, std::string_view code, std::string message);

 private:
  static constexpr std::size_t uuid_chars = 36;

  const json_value* find(std::string_view key, json_value::kind what, presence wanted);
  std::optional<std::string_view> string(std::string_view key, presence wanted);
  const json_value* array(std::string_view key, std::size_t least, std::size_t most, presence wanted);
  std::vector<uuid> uuids(std::string_view key, std::size_t most, presence wanted);

  const json_value* object_;
  std::string pointer_;
  std::vector<field_error>* errors_;
};

}  // namespace dabba::http
