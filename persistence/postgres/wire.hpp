/// PostgreSQL's binary format of the types we store, for parameters and results: no text is made or parsed on the way.
#pragma once

#include <bit>
#include <concepts>
#include <cstdint>
#include <cstring>
#include <optional>
#include <stdexcept>
#include <string>
#include <string_view>
#include <type_traits>
#include <vector>

#include "protocols/model/ids.hpp"
#include "protocols/model/instant.hpp"

namespace dabba::postgres {

template <std::integral T>
void put_big_endian(std::string& out, T x) {
  auto bits = static_cast<std::make_unsigned_t<T>>(x);
  char bytes[sizeof(T)];
  for (std::size_t i = sizeof(T); i-- > 0; bits = static_cast<decltype(bits)>(static_cast<std::uint64_t>(bits) >> 8))
    bytes[i] = static_cast<char>(bits & 0xFF);
  out.append(bytes, sizeof(T));
}

template <std::integral T>
T get_big_endian(std::string_view bytes) {
  std::uint64_t bits = 0;
  for (std::size_t i = 0; i < sizeof(T); ++i) bits = bits << 8 | static_cast<unsigned char>(bytes[i]);
  return static_cast<T>(bits);
}

/// How a type travels: the object ids of its PostgreSQL type and of an array of it (pg_type.dat; these never change),
/// and its bytes. `size` is 0 when it varies.
template <class T>
struct wire;

template <std::integral T, std::uint32_t Oid, std::uint32_t ArrayOid>
struct integer_wire {
  static constexpr std::uint32_t oid = Oid;
  static constexpr std::uint32_t array_oid = ArrayOid;
  static constexpr std::size_t size = sizeof(T);
  static void put(std::string& out, T x) { put_big_endian(out, x); }
  static T get(std::string_view bytes) { return get_big_endian<T>(bytes); }
};

template <>
struct wire<std::int16_t> : integer_wire<std::int16_t, 21, 1005> {};
template <>
struct wire<std::int32_t> : integer_wire<std::int32_t, 23, 1007> {};
template <>
struct wire<std::int64_t> : integer_wire<std::int64_t, 20, 1016> {};

template <>
struct wire<bool> {
  static constexpr std::uint32_t oid = 16;
  static constexpr std::uint32_t array_oid = 1000;
  static constexpr std::size_t size = 1;
  static void put(std::string& out, bool x) { out.push_back(x ? '\1' : '\0'); }
  static bool get(std::string_view bytes) { return bytes[0] != '\0'; }
};

template <>
struct wire<double> {
  static constexpr std::uint32_t oid = 701;
  static constexpr std::uint32_t array_oid = 1022;
  static constexpr std::size_t size = 8;
  static void put(std::string& out, double x) { put_big_endian(out, std::bit_cast<std::int64_t>(x)); }
  static double get(std::string_view bytes) { return std::bit_cast<double>(get_big_endian<std::int64_t>(bytes)); }
};

template <>
struct wire<std::string> {
  static constexpr std::uint32_t oid = 25;
  static constexpr std::uint32_t array_oid = 1009;
  static constexpr std::size_t size = 0;
  static void put(std::string& out, std::string_view x) { out.append(x); }
  static std::string get(std::string_view bytes) { return std::string{bytes}; }
};

/// The column type json: its text, as it was written.
struct json_text;
template <>
struct wire<json_text> : wire<std::string> {
  static constexpr std::uint32_t oid = 114;
  static constexpr std::uint32_t array_oid = 199;
};

template <>
struct wire<uuid> {
  static constexpr std::uint32_t oid = 2950;
  static constexpr std::uint32_t array_oid = 2951;
  static constexpr std::size_t size = 16;
  static void put(std::string& out, const uuid& x) {
    out.append(reinterpret_cast<const char*>(x.bytes.data()), x.bytes.size());
  }
  static uuid get(std::string_view bytes) {
    uuid x;
    std::memcpy(x.bytes.data(), bytes.data(), x.bytes.size());
    return x;
  }
};

/// timestamptz counts microseconds from 2000-01-01. Instants before the Julian calendar are not representable; the
/// subtraction wraps instead of overflowing, and the server refuses what comes out.
template <>
struct wire<instant> {
  static constexpr std::uint32_t oid = 1184;
  static constexpr std::uint32_t array_oid = 1185;
  static constexpr std::size_t size = 8;
  static constexpr std::uint64_t year_2000_micros = 946'684'800'000'000;
  static void put(std::string& out, instant x) {
    put_big_endian(out, static_cast<std::uint64_t>(x.micros) - year_2000_micros);
  }
  static instant get(std::string_view bytes) {
    return {static_cast<std::int64_t>(get_big_endian<std::uint64_t>(bytes) + year_2000_micros)};
  }
};

/// A one-dimensional array in a result, without nulls, of elements of one size. For parameters there is array_of.
template <class T>
struct wire<std::vector<T>> {
  static_assert(wire<T>::size > 0);
  static constexpr std::uint32_t oid = wire<T>::array_oid;
  static constexpr std::size_t size = 0;
  static std::vector<T> get(std::string_view bytes) {
    constexpr std::size_t dimensions = 12;  // where the first dimension's count is, when there is one
    constexpr std::size_t header = dimensions + 8;
    constexpr std::size_t element = 4 + wire<T>::size;
    std::vector<T> out;
    if (get_big_endian<std::int32_t>(bytes) == 0) return out;
    auto count = static_cast<std::size_t>(get_big_endian<std::int32_t>(bytes.substr(dimensions)));
    if (bytes.size() != header + count * element)
      throw std::logic_error{"an array holds what this program does not read"};
    for (auto rest = bytes.substr(header); !rest.empty(); rest.remove_prefix(element))
      out.push_back(wire<T>::get(rest.substr(4, wire<T>::size)));
    return out;
  }
};

/// One parameter of a statement, encoded.
struct parameter {
  std::uint32_t type = 0;
  bool is_null = false;
  std::string bytes;
};

template <class T>
parameter encode(const T& x) {
  parameter p{wire<T>::oid, false, {}};
  wire<T>::put(p.bytes, x);
  return p;
}

template <class T>
parameter encode(const std::optional<T>& x) {
  return x ? encode(*x) : parameter{wire<T>::oid, true, {}};
}

/// Collects the elements of a one-dimensional array parameter.
template <class T>
class array_of {
 public:
  array_of() {
    put_big_endian<std::int32_t>(bytes_, 1);  // dimensions
    put_big_endian<std::int32_t>(bytes_, 1);  // "may hold nulls", which the server checks by itself
    put_big_endian<std::uint32_t>(bytes_, wire<T>::oid);
    put_big_endian<std::int32_t>(bytes_, 0);  // elements, written by take()
    put_big_endian<std::int32_t>(bytes_, 1);  // index of the first
  }

  void push(const T& x) requires(wire<T>::size > 0) {
    put_big_endian<std::int32_t>(bytes_, wire<T>::size);
    wire<T>::put(bytes_, x);
    ++count_;
  }
  void push(std::string_view x) requires(wire<T>::size == 0) {
    put_big_endian(bytes_, static_cast<std::int32_t>(x.size()));
    bytes_.append(x);
    ++count_;
  }
  void push(const std::optional<T>& x) requires(wire<T>::size > 0) {
    if (x) return push(*x);
    put_big_endian<std::int32_t>(bytes_, -1);
    ++count_;
  }

  [[nodiscard]] std::size_t size() const noexcept { return count_; }

  /// The parameter; leaves the array unusable.
  [[nodiscard]] parameter take() {
    std::string count;
    put_big_endian(count, static_cast<std::int32_t>(count_));
    bytes_.replace(12, count.size(), count);
    return {wire<T>::array_oid, false, std::move(bytes_)};
  }

 private:
  std::string bytes_;
  std::size_t count_ = 0;
};

}  // namespace dabba::postgres
