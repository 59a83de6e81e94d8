#include "protocols/json_text.hpp"

#include <charconv>
#include <cmath>

namespace dabba {
namespace {

template <class Number>
void append_number(std::string& out, Number x) {
  char digits[32];
  out.append(digits, std::to_chars(digits, digits + sizeof digits, x).ptr);
}

bool needs_escape(char c) noexcept { return static_cast<unsigned char>(c) < 0x20 || c == '"' || c == '\\'; }

std::string_view escape(char c) noexcept {
  switch (c) {
    case '"': return "\\\"";
    case '\\': return "\\\\";
    case '\n': return "\\n";
    case '\r': return "\\r";
    case '\t': return "\\t";
    default: return " ";  // refused at the edge; one that got here anyway must not spoil the row
  }
}

}  // namespace

bool json_text::begin_field(caf::string_view name) {
  separate();
  // A name of ours: nothing in it needs an escape.
  out_ += '"';
  out_.append(name.data(), name.size());
  out_ += "\":";
  return true;
}

bool json_text::begin_field(caf::string_view name, bool is_present) { return !is_present || begin_field(name); }

bool json_text::begin_field(caf::string_view, caf::span<const caf::type_id_t>, size_t) {
  // The journal names the type of a payload in a column of its own; no stored struct holds a variant.
  return false;
}

bool json_text::begin_field(caf::string_view, bool, caf::span<const caf::type_id_t>, size_t) { return false; }

bool json_text::value(bool x) {
  separate();
  out_ += x ? "true" : "false";
  return true;
}

bool json_text::value(double x) {
  if (!std::isfinite(x)) return false;
  separate();
  append_number(out_, x);
  return true;
}

bool json_text::value(caf::string_view x) {
  separate();
  quote(x);
  return true;
}

bool json_text::open(char bracket) {
  separate();
  out_ += bracket;
  return true;
}

bool json_text::close(char bracket) {
  out_ += bracket;
  return true;
}

bool json_text::write_signed(std::int64_t x) {
  separate();
  append_number(out_, x);
  return true;
}

bool json_text::write_unsigned(std::uint64_t x) {
  separate();
  append_number(out_, x);
  return true;
}

void json_text::separate() {
  if (out_.empty()) return;
  char last = out_.back();
  if (last != '{' && last != '[' && last != ':') out_ += ',';
}

void json_text::quote(caf::string_view text) {
  out_ += '"';
  auto plain = text.begin();  // what is copied as it is, up to the next character that can't be
  for (auto next = text.begin(); next != text.end(); ++next) {
    if (!needs_escape(*next)) continue;
    out_.append(plain, next);
    out_ += escape(*next);
    plain = next + 1;
  }
  out_.append(plain, text.end());
  out_ += '"';
}

}  // namespace dabba
