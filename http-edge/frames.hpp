/// The messages of the WebSocket protocol: read from clients, and written to them.
#pragma once

#include <string>
#include <variant>
#include <vector>

#include "http-edge/requests.hpp"
#include "http-edge/topic.hpp"

namespace dabba::http {

// From clients. `id` is the client's own, sent back as it came; absent: no answer is awaited.

struct auth_frame {
  std::optional<std::uint64_t> id;
  std::string token;
};
struct subscribe_frame {
  std::optional<std::uint64_t> id;
  std::string topic;
  std::optional<std::uint64_t> since;
};
struct unsubscribe_frame {
  std::optional<std::uint64_t> id;
  std::string topic;
};
struct positions_frame {
  std::vector<location> points;
};
struct answer_offer_frame {
  std::optional<std::uint64_t> id;
  offer_id offer;
  bool accepts = false;
  std::string reason;
};
struct ping_frame {
  std::optional<std::uint64_t> id;
};
/// Well-formed, but with fields that can't be: refused with an `error` message.
struct invalid_frame {
  std::optional<std::uint64_t> id;
  std::string detail;
};
/// No message of this protocol: the connection is closed.
struct bad_frame {
  std::string reason;
};

using client_frame = std::variant<auth_frame, subscribe_frame, unsubscribe_frame, positions_frame, answer_offer_frame,
                                  ping_frame, invalid_frame, bad_frame>;

client_frame read_frame(std::string_view text);

/// A `location` message in its usual form, read without building a tree; nothing for anything else (which may still
/// be a location: `read_frame` decides).
std::optional<location> read_plain_location(std::string_view text) noexcept;

// To clients.

std::string ack_frame(std::optional<std::uint64_t> id, std::optional<std::uint64_t> seq = std::nullopt);
std::string ack_frame(std::optional<std::uint64_t> id, const clock& time);
std::string ack_frame(std::optional<std::uint64_t> id, offer_id offer, std::string_view deliveries);
std::string error_frame(std::optional<std::uint64_t> id, std::string_view code, std::string_view detail);
/// The topic has ended: the caller may not read it any more.
std::string lost_frame(const topic_follower& topic);
/// The event, and beside an order that was placed, `order.new` for its restaurant.
std::vector<std::string> event_frames(const topic_follower& topic, const topic_event& what);
std::string moved_frame(const carrier_moved& x);
std::string offer_frame(const offer& x);
std::string withdrawn_frame(const withdraw_offer& x);
std::string city_frame(const city_update& x, std::uint64_t seq, double scale);

}  // namespace dabba::http
