/// Writes compact JSON straight into a string, with money and times as the API shows them.
#pragma once

#include <concepts>
#include <optional>
#include <string>
#include <string_view>

#include "protocols/model/ids.hpp"
#include "protocols/model/instant.hpp"
#include "protocols/model/money.hpp"

namespace dabba::http {

/// RFC 3339 in UTC with milliseconds.
void append_time(std::string& out, instant x);
std::string time_text(instant x);

void append_json(std::string& out, std::string_view text);
/// Shortest text that reads back as the same number; null when it is no number.
void append_json(std::string& out, double x);
void append_json(std::string& out, bool x);
void append_json(std::string& out, const uuid& x);
void append_json(std::string& out, instant x);
/// Major units with two decimals: 350.00.
void append_json(std::string& out, minor_units x);
inline void append_json(std::string& out, const char* text) { append_json(out, std::string_view{text}); }
inline void append_json(std::string& out, const std::string& text) { append_json(out, std::string_view{text}); }
inline void append_json(std::string& out, zone_id x) { append_json(out, to_string(x)); }
template <std::integral T>
requires(!std::same_as<T, bool>) void append_json(std::string& out, T x) { out += std::to_string(x); }
template <class Tag>
void append_json(std::string& out, const id<Tag>& x) {
  append_json(out, x.value);
}
template <named_enum E>
void append_json(std::string& out, E x) {
  append_json(out, name(x));
}

/// An object being written: opened by the constructor, ended by `close`.
class json_object {
 public:
  explicit json_object(std::string& out) : out_{out} { out_ += '{'; }
  void close() { out_ += '}'; }

  template <class T>
  json_object& put(std::string_view key, const T& x) {
    begin(key);
    append_json(out_, x);
    return *this;
  }
  /// Absent: nothing is written.
  template <class T>
  json_object& put(std::string_view key, const std::optional<T>& x) {
    if (x) put(key, *x);
    return *this;
  }
  /// `text` is JSON already.
  json_object& put_raw(std::string_view key, std::string_view text) {
    begin(key);
    out_ += text;
    return *this;
  }
  /// Calls `fill(object)` for a member object.
  template <class F>
  json_object& object(std::string_view key, F fill) {
    begin(key);
    json_object inner{out_};
    fill(inner);
    inner.close();
    return *this;
  }
  /// A list of objects: calls `fill(object, item)` for each.
  template <class Range, class F>
  json_object& array(std::string_view key, const Range& items, F fill) {
    begin(key);
    out_ += '[';
    bool first = true;
    for (const auto& each : items) {
      if (!first) out_ += ',';
      first = false;
      json_object inner{out_};
      fill(inner, each);
      inner.close();
    }
    out_ += ']';
    return *this;
  }

 private:
  void begin(std::string_view key) {
    if (out_.back() != '{') out_ += ',';
    out_ += '"';
    out_ += key;  // keys are ours: nothing to escape
    out_ += "\":";
  }

  std::string& out_;
};

/// A whole object.
template <class F>
std::string json_text_of(F fill) {
  std::string out;
  json_object body{out};
  fill(body);
  body.close();
  return out;
}

}  // namespace dabba::http
