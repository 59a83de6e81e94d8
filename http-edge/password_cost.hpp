/// How hard a password is to try.
#pragma once

#include <cstddef>

namespace dabba {

/// What one hash costs whoever makes it. Stored with each hash; a stored one of another cost is made anew when its
/// owner signs in. Three times the memory that OWASP's cheat sheet asks for with two passes (19 MiB), and libsodium's
/// own choice for people who wait: an attacker pays for the memory, a node with some tens of milliseconds.
struct password_cost {
  unsigned long long passes = 2;
  std::size_t memory_bytes = std::size_t{64} << 20;
};

}  // namespace dabba
