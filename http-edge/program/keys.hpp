/// Keys that are replaced while the node runs.
#pragma once

#include <spdlog/spdlog.h>
#include <chrono>
#include <string>

#include "http-edge/tokens.hpp"

namespace dabba::program {

/// How soon a changed file is noticed (docs/operations.md).
inline constexpr auto between_key_readings = std::chrono::seconds{5};

/// Reads the files again. What is wrong with them is said once, until it is something else.
inline void reload(token_keys& keys, std::string& trouble) {
  auto done = keys.reload();
  if (!done && done.error() != trouble) spdlog::warn("the keys stay as they were: {}", done.error());
  if (done && *done) spdlog::info("other keys are in use: tokens are signed with {}", keys.signing_key_id());
  trouble = done ? std::string{} : done.error();
}

}  // namespace dabba::program
