/// Every ceiling of the sandbox in one place.
#pragma once

#include <chrono>
#include <cstddef>
#include <cstdint>

namespace dabba::sandbox::limits {

using namespace std::chrono_literals;

// What is kept. Payments are never forgotten to make room: beyond these numbers new ones are refused.
inline constexpr std::size_t payments = 100'000;
inline constexpr std::size_t refunds = 100'000;
inline constexpr std::size_t events = 100'000;  ///< the oldest that have been delivered go first
inline constexpr std::size_t keys = 100'000;    ///< idempotency keys; the oldest go first, and all after their time
inline constexpr auto key_lifetime = 24h;
inline constexpr std::size_t endpoints = 16;
inline constexpr std::size_t secrets_per_endpoint = 4;
static_assert(keys >= payments, "a full sandbox still answers repeats");

// Requests.
inline constexpr std::size_t connections = 1024;
inline constexpr std::size_t header_bytes = 16 * 1024;
inline constexpr std::size_t body_bytes = 64 * 1024;
inline constexpr std::size_t form_pairs = 512;
inline constexpr std::size_t form_depth = 5;
inline constexpr auto idle_timeout = 120s;
inline constexpr auto write_timeout = 30s;
inline constexpr std::size_t key_chars = 255;
inline constexpr std::size_t metadata_keys = 50;
inline constexpr std::size_t metadata_key_chars = 40;
inline constexpr std::size_t metadata_value_chars = 500;
inline constexpr std::size_t text_chars = 1000;
inline constexpr std::int64_t page = 100;
inline constexpr std::int64_t page_default = 10;
inline constexpr std::int64_t amount_minor = 99'999'999;

// Webhooks.
inline constexpr std::size_t deliveries_at_once = 8;  ///< per endpoint
inline constexpr auto delivery_timeout = 10s;
inline constexpr std::size_t answer_bytes = 64 * 1024;
inline constexpr auto retry_first = 500ms;
inline constexpr auto retry_longest = 30s;
static_assert(retry_first < retry_longest);

// Faults.
inline constexpr std::int64_t fault_millis = 3'600'000;
inline constexpr std::int64_t copies = 10;

// The file: written anew when it has grown this large, or to a multiple of what it was when last written anew.
inline constexpr std::uint64_t file_bytes = 64 << 20;
inline constexpr std::uint64_t file_growth = 4;

}  // namespace dabba::sandbox::limits
