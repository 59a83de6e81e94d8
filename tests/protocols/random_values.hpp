/// Fills anything that has an `inspect` function with random values, drawn from rapidcheck within a property.
#pragma once

#include <rapidcheck.h>
#include <caf/load_inspector_base.hpp>

#include "protocols/message_fields.hpp"

namespace dabba {

/// Text as people and attackers write it: any Unicode but control characters, with what JSON must escape made likely.
inline std::string random_text() {
  static const std::vector<std::string> hostile{
      "\"",      "\\",   "\\\"", "\\u0000",    "{\"a\":1}", "</script>", "'; drop table journal; --",
      "\n",      "\r\n", "\t",   "मसाला दोसा", "🍛",         "\u202e",    "\u2028",
      "e\u0301", "\x7f", "null", "%s%n",       "\ufeff",    "/*",        "//",
      "]]>",     ","};
  std::string out;
  auto parts = *rc::gen::inRange(0, 6);
  for (int i = 0; i < parts; ++i) {
    if (*rc::gen::arbitrary<bool>())
      out += *rc::gen::elementOf(hostile);
    else
      out += *rc::gen::container<std::string>(rc::gen::inRange<char>(0x20, 0x7f));
  }
  return out;
}

class random_values final : public caf::load_inspector_base<random_values> {
 public:
  [[nodiscard]] bool has_human_readable_format() const noexcept { return false; }

  bool fetch_next_object_type(caf::type_id_t&) { return false; }
  bool begin_object(caf::type_id_t, caf::string_view) { return true; }
  bool end_object() { return true; }
  bool begin_field(caf::string_view) { return true; }
  bool begin_field(caf::string_view, bool& is_present) { return value(is_present); }
  bool begin_field(caf::string_view, caf::span<const caf::type_id_t>, size_t&) { return false; }
  bool begin_field(caf::string_view, bool&, caf::span<const caf::type_id_t>, size_t&) { return false; }
  bool end_field() { return true; }
  bool begin_tuple(size_t) { return true; }
  bool end_tuple() { return true; }
  bool begin_key_value_pair() { return true; }
  bool end_key_value_pair() { return true; }
  bool begin_sequence(size_t& size) {
    size = *rc::gen::inRange<size_t>(0, 4);
    return true;
  }
  bool end_sequence() { return true; }
  bool begin_associative_array(size_t& size) { return begin_sequence(size); }
  bool end_associative_array() { return true; }

  bool value(bool& x) { return draw(x); }
  bool value(caf::byte& x) {
    x = static_cast<caf::byte>(*rc::gen::arbitrary<std::uint8_t>());
    return true;
  }
  template <std::integral T>
  bool value(T& x) {
    return draw(x);
  }
  /// Counters of the journal are bigint columns.
  bool value(std::uint64_t& x) {
    x = *rc::gen::arbitrary<std::uint64_t>() >> 1;
    return true;
  }
  /// What is not a position is a distance, an angle or a speed: to a quarter, because CAF's reader may miss the last
  /// bit of others. (Positions are quantised when they are read.)
  bool value(double& x) {
    x = *rc::gen::inRange(-1'000'000'000, 1'000'000'000) / 4.0;
    return true;
  }
  bool value(float&) { return false; }
  bool value(long double&) { return false; }
  bool value(std::string& x) {
    x = random_text();
    return true;
  }
  bool value(std::u16string&) { return false; }
  bool value(std::u32string&) { return false; }
  bool value(caf::span<caf::byte>) { return false; }

 private:
  template <class T>
  static bool draw(T& x) {
    x = *rc::gen::arbitrary<T>();
    return true;
  }
};

template <named_enum E>
bool inspect(random_values&, E& x) {
  x = static_cast<E>(*rc::gen::inRange<std::size_t>(0, enum_names<E>.size()));
  return true;
}

inline bool inspect(random_values&, local_date& x) {
  x = {*rc::gen::inRange(0, 2'932'897)};  // up to the end of year 9999
  return true;
}

inline bool inspect(random_values&, geo_point& x) {
  x = quantised(
      {*rc::gen::inRange(-900'000'000, 900'000'001) / 1e7, *rc::gen::inRange(-1'800'000'000, 1'800'000'001) / 1e7});
  return true;
}

template <class T>
T random_value() {
  T out;
  random_values source;
  if (!source.apply(out)) throw std::logic_error{"no random value can be made of this type"};
  return out;
}

}  // namespace dabba
