/// Random and keyed bytes: what tokens, cursors and the names of counters are made of.
#pragma once

#include <cstddef>
#include <string>
#include <string_view>

namespace dabba {

/// Before anything of libsodium's is used; the functions here do it themselves. Safe from many threads.
void ensure_sodium();

std::string random_bytes(std::size_t count);
/// 32 bytes that only who has `key` (of any length) can make of `text`.
std::string keyed_hash(std::string_view key, std::string_view text);
/// In a time that does not depend on where they differ.
bool is_same_secret(std::string_view a, std::string_view b);

}  // namespace dabba
