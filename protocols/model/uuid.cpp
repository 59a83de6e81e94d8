#include "protocols/model/uuid.hpp"

#include <sys/random.h>

#include <array>
#include <stdexcept>

namespace dabba {
namespace {

constexpr char hex_digits[] = "0123456789abcdef";

constexpr int hex_value(char c) noexcept {
  if (c >= '0' && c <= '9') return c - '0';
  if (c >= 'a' && c <= 'f') return c - 'a' + 10;
  if (c >= 'A' && c <= 'F') return c - 'A' + 10;
  return -1;
}

constexpr bool is_dash_position(std::size_t i) noexcept { return i == 8 || i == 13 || i == 18 || i == 23; }

void set_version(uuid& x, std::uint8_t version) noexcept {
  x.bytes[6] = static_cast<std::uint8_t>((x.bytes[6] & 0x0f) | version << 4);
  x.bytes[8] = static_cast<std::uint8_t>((x.bytes[8] & 0x3f) | 0x80);
}

void put_big_endian(uuid& x, std::size_t at, std::uint64_t value, std::size_t count) noexcept {
  for (std::size_t i = 0; i < count; ++i) x.bytes[at + i] = static_cast<std::uint8_t>(value >> 8 * (count - 1 - i));
}

/// From the kernel, some at a time: a call for each id would cost more than the rest of it.
std::uint64_t random_bits() {
  thread_local std::array<std::uint64_t, 32> pool;  // 256 bytes are never returned in part
  thread_local std::size_t used = pool.size();
  if (used == pool.size()) {
    if (getrandom(pool.data(), sizeof pool, 0) != sizeof pool)
      throw std::runtime_error{"the kernel gives no randomness"};
    used = 0;
  }
  return pool[used++];
}

std::uint64_t mix(std::uint64_t h) noexcept {  // the finaliser of MurmurHash3 (Appleby, public domain)
  h ^= h >> 33;
  h *= 0xff51afd7ed558ccdULL;
  h ^= h >> 33;
  h *= 0xc4ceb9fe1a85ec53ULL;
  return h ^ h >> 33;
}

}  // namespace

std::string to_string(const uuid& x) {
  std::string out(36, '-');
  std::size_t at = 0;
  for (std::uint8_t byte : x.bytes) {
    if (is_dash_position(at)) ++at;
    out[at++] = hex_digits[byte >> 4];
    out[at++] = hex_digits[byte & 15];
  }
  return out;
}

std::optional<uuid> parse_uuid(std::string_view text) noexcept {
  if (text.size() != 36) return std::nullopt;
  uuid out;
  std::size_t nibble = 0;
  for (std::size_t i = 0; i < text.size(); ++i) {
    if (is_dash_position(i)) {
      if (text[i] != '-') return std::nullopt;
      continue;
    }
    int value = hex_value(text[i]);
    if (value < 0) return std::nullopt;
    auto& byte = out.bytes[nibble / 2];
    byte = static_cast<std::uint8_t>(byte << 4 | value);
    ++nibble;
  }
  return out;
}

uuid make_uuid_v7(instant now) {
  struct previous {
    std::uint64_t millis = 0;
    std::uint64_t low = 0;
    std::uint16_t high = 0;
  };
  thread_local previous last;
  auto millis = static_cast<std::uint64_t>(now.micros / 1000);
  if (millis > last.millis) {
    auto bits = random_bits();
    last = {millis, random_bits(), static_cast<std::uint16_t>(bits & 0x0fff)};
  } else {
    // Same millisecond, or a clock that went back: keep rising from the last one, by a random step so that ids
    // can't be guessed from their neighbours.
    auto step = (random_bits() & 0xffffffffff) + 1;
    auto low = (last.low + step) & 0x3fffffffffffffff;
    if (low < (last.low & 0x3fffffffffffffff) && ++last.high > 0x0fff) {
      last.high = 0;
      ++last.millis;
    }
    last.low = low;
  }
  uuid out;
  put_big_endian(out, 0, last.millis, 6);
  put_big_endian(out, 6, last.high, 2);
  put_big_endian(out, 8, last.low, 8);
  set_version(out, 7);
  return out;
}

uuid derive_uuid(const uuid& space, std::string_view name) {
  // Two FNV-1a streams with different bases, finalised: well spread and stable. Not for secrets.
  std::uint64_t a = 0xcbf29ce484222325ULL;
  std::uint64_t b = 0x84222325cbf29ce4ULL;
  auto feed = [&](std::uint8_t byte) {
    a = (a ^ byte) * 0x100000001b3ULL;
    b = (b ^ static_cast<std::uint8_t>(byte + 0x5b)) * 0x100000001b3ULL;
  };
  for (auto byte : space.bytes) feed(byte);
  for (char c : name) feed(static_cast<std::uint8_t>(c));
  uuid out;
  put_big_endian(out, 0, mix(a), 8);
  put_big_endian(out, 8, mix(b), 8);
  set_version(out, 8);
  return out;
}

}  // namespace dabba
