#include "bench/sandbox-gateway/chance.hpp"

#include <openssl/rand.h>

#include <array>
#include <stdexcept>

namespace dabba::sandbox {

namespace {

template <class Unit>
std::int64_t since_epoch() {
  return std::chrono::duration_cast<Unit>(std::chrono::system_clock::now().time_since_epoch()).count();
}

}  // namespace

unix_seconds now_seconds() { return since_epoch<std::chrono::seconds>(); }
unix_millis now_millis() { return since_epoch<std::chrono::milliseconds>(); }

std::string make_id(std::string_view prefix, std::size_t length) {
  constexpr std::string_view letters = "0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz";
  std::array<unsigned char, 64> bytes{};
  if (length > bytes.size() || RAND_bytes(bytes.data(), static_cast<int>(length)) != 1)
    throw std::runtime_error{"the system gives no random bytes"};
  std::string id{prefix};
  for (std::size_t i = 0; i < length; ++i) id += letters[bytes[i] % letters.size()];
  return id;
}

}  // namespace dabba::sandbox
