#include "protocols/json_text.hpp"

#include <algorithm>
#include <charconv>
#include <cmath>
#include <cstring>

namespace dabba {
namespace {

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

char* put(char* at, std::string_view text) noexcept {
  std::memcpy(at, text.data(), text.size());
  return at + text.size();
}

}  // namespace

bool json_text::begin_field(caf::string_view name) {
  // A name of ours: nothing in it needs an escape.
  auto* at = begin_value(name.size() + 3);
  *at++ = '"';
  at = put(at, {name.data(), name.size()});
  advance(put(at, "\":"));
  needs_comma_ = false;
  return true;
}

bool json_text::begin_field(caf::string_view name, bool is_present) { return !is_present || begin_field(name); }

bool json_text::begin_field(caf::string_view, caf::span<const caf::type_id_t>, size_t) {
  // The journal names the type of a payload in a column of its own; no stored struct holds a variant.
  return false;
}

bool json_text::begin_field(caf::string_view, bool, caf::span<const caf::type_id_t>, size_t) { return false; }

bool json_text::value(bool x) {
  advance(put(begin_value(5), x ? "true" : "false"));
  return true;
}

bool json_text::value(double x) { return std::isfinite(x) && write_number(x); }

bool json_text::value(caf::string_view x) {
  auto* at = begin_value(2 * x.size() + 2);
  *at++ = '"';
  auto plain = x.begin();  // what is copied as it is, up to the next character that can't be
  for (auto next = x.begin(); next != x.end(); ++next) {
    if (!needs_escape(*next)) continue;
    at = put(std::copy(plain, next, at), escape(*next));
    plain = next + 1;
  }
  at = std::copy(plain, x.end(), at);
  *at++ = '"';
  advance(at);
  return true;
}

bool json_text::open(char bracket) {
  *begin_value(1) = bracket;
  ++size_;
  needs_comma_ = false;
  return true;
}

bool json_text::close(char bracket) {
  needs_comma_ = false;
  *begin_value(1) = bracket;
  ++size_;
  return true;
}

bool json_text::write_signed(std::int64_t x) { return write_number(x); }

bool json_text::write_unsigned(std::uint64_t x) { return write_number(x); }

template <class Number>
bool json_text::write_number(Number x) {
  constexpr std::size_t digits = 32;
  auto* at = begin_value(digits);
  advance(std::to_chars(at, at + digits, x).ptr);
  return true;
}

char* json_text::begin_value(std::size_t most) {
  if (capacity_ - size_ < most + 1) grow(size_ + most + 1);
  if (needs_comma_) buffer_[size_++] = ',';
  needs_comma_ = true;
  return buffer_.get() + size_;
}

void json_text::grow(std::size_t wanted) {
  constexpr std::size_t at_first = 1024;  // most events and states fit
  capacity_ = std::max({wanted, 2 * capacity_, at_first});
  auto bigger = std::unique_ptr<char[]>{new char[capacity_]};
  std::copy_n(buffer_.get(), size_, bigger.get());
  buffer_ = std::move(bigger);
}

}  // namespace dabba
