/// Position messages as a partner's app sends them, ready for the socket: WebSocket frames, masked (RFC 6455).
#pragma once

#include <string>

#include "protocols/model/geo.hpp"

namespace dabba::bench {

/// The text of one `location` message; always of the same length.
std::string position_text(geo_point at, int step);

/// One masked text frame of 126 to 65,535 bytes.
std::string masked_frame(const std::string& text, std::uint32_t mask);

/// `count` frames of a partner that wanders about `around`, one behind the other, each of the same size.
std::string wandering_frames(geo_point around, std::size_t count, std::uint32_t seed);

}  // namespace dabba::bench
