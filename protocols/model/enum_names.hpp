/// Names of enumerators, written once beside each enum: for the journal, the API, logs and metrics.
#pragma once

#include <array>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <type_traits>

namespace dabba {

/// Specialised beside each enum, in the order of its enumerators, which count from 0.
template <class E>
inline constexpr std::array<std::string_view, 0> enum_names{};

template <class E>
concept named_enum = std::is_enum_v<E> &&(enum_names<E>.size() > 0);

template <named_enum E>
constexpr std::string_view name(E x) noexcept {
  return enum_names<E>[static_cast<std::size_t>(x)];
}

template <named_enum E>
std::string to_string(E x) {
  return std::string{name(x)};
}

template <named_enum E>
constexpr std::optional<E> parse_enum(std::string_view text) noexcept {
  for (std::size_t i = 0; i < enum_names<E>.size(); ++i)
    if (enum_names<E>[i] == text) return static_cast<E>(i);
  return std::nullopt;
}

/// Readable formats hold the name, binary ones the number. Unknown values are refused, never wrapped.
template <class Inspector, named_enum E>
bool inspect(Inspector& f, E& x) {
  if (f.has_human_readable_format()) {
    auto get = [&x] { return std::string{name(x)}; };
    auto set = [&x](const std::string& text) {
      auto parsed = parse_enum<E>(text);
      if (parsed) x = *parsed;
      return parsed.has_value();
    };
    return f.apply(get, set);
  }
  auto get = [&x] { return static_cast<std::uint8_t>(x); };
  auto set = [&x](std::uint8_t number) {
    if (number >= enum_names<E>.size()) return false;
    x = static_cast<E>(number);
    return true;
  };
  return f.apply(get, set);
}

}  // namespace dabba
