#include "http-edge/json_writer.hpp"

#include <array>
#include <charconv>
#include <chrono>
#include <cmath>

namespace dabba::http {
namespace {

/// `value` in decimal with at least `width` digits.
void append_padded(std::string& out, std::int64_t value, std::size_t width) {
  auto digits = std::to_string(value);
  if (digits.size() < width) out.append(width - digits.size(), '0');
  out += digits;
}

void append_escaped(std::string& out, char c) {
  switch (c) {
    case '"': out += "\\\""; return;
    case '\\': out += "\\\\"; return;
    case '\n': out += "\\n"; return;
    case '\r': out += "\\r"; return;
    case '\t': out += "\\t"; return;
    default: break;
  }
  constexpr std::string_view digits = "0123456789abcdef";
  auto byte = static_cast<unsigned char>(c);
  out += "\\u00";
  out += digits[byte >> 4];
  out += digits[byte & 15];
}

}  // namespace

void append_time(std::string& out, instant x) {
  using namespace std::chrono;
  sys_time<microseconds> t{microseconds{x.micros}};
  auto day = floor<days>(t);
  year_month_day date{day};
  auto millis = floor<milliseconds>(t - day).count();
  append_padded(out, static_cast<int>(date.year()), 4);
  out += '-';
  append_padded(out, static_cast<unsigned>(date.month()), 2);
  out += '-';
  append_padded(out, static_cast<unsigned>(date.day()), 2);
  out += 'T';
  append_padded(out, millis / 3'600'000, 2);
  out += ':';
  append_padded(out, millis / 60'000 % 60, 2);
  out += ':';
  append_padded(out, millis / 1000 % 60, 2);
  out += '.';
  append_padded(out, millis % 1000, 3);
  out += 'Z';
}

std::string time_text(instant x) {
  std::string out;
  append_time(out, x);
  return out;
}

void append_json(std::string& out, std::string_view text) {
  out += '"';
  for (char c : text) {
    if (static_cast<unsigned char>(c) < 0x20 || c == '"' || c == '\\' || c == 0x7f)
      append_escaped(out, c);
    else
      out += c;
  }
  out += '"';
}

void append_json(std::string& out, double x) {
  if (!std::isfinite(x)) {
    out += "null";
    return;
  }
  std::array<char, 32> text{};
  auto end = std::to_chars(text.data(), text.data() + text.size(), x).ptr;
  out.append(text.data(), end);
}

void append_json(std::string& out, bool x) { out += x ? "true" : "false"; }

void append_json(std::string& out, const uuid& x) {
  out += '"';
  out += to_string(x);
  out += '"';
}

void append_json(std::string& out, instant x) {
  out += '"';
  append_time(out, x);
  out += '"';
}

void append_json(std::string& out, minor_units x) {
  auto value = x.value;
  if (value < 0) {
    out += '-';
    value = -value;
  }
  out += std::to_string(value / 100);
  out += '.';
  append_padded(out, value % 100, 2);
}

}  // namespace dabba::http
