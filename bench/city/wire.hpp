/// What the platform says on the wire, as far as the city's people read it. The JSON library stays in wire.cpp.
#pragma once

#include <cstdint>
#include <optional>
#include <stdexcept>
#include <string>
#include <string_view>
#include <variant>
#include <vector>

#include "bench/city/day_time.hpp"

namespace dabba::city {

/// The platform said something that docs/api.md does not allow.
struct wire_error : std::runtime_error {
  using std::runtime_error::runtime_error;
};

struct order_view {
  std::string id;
  std::int64_t version = 0;
  std::string status;
  std::string delivery_status;
  std::string partner;  ///< empty: none assigned
  std::string note;
  std::string pin;  ///< shown to the customer only

  [[nodiscard]] bool ended() const;
};

struct delivery_view {
  std::string order;
  std::string job;
  std::string status;
  std::string order_status;
  int sequence = 0;
};

struct offer_view {
  std::string id;
  std::vector<std::string> orders;  ///< in drop-off sequence
  platform_time ready_by;
  platform_time expires_at;
  bool next = false;
};

struct clock_view {
  platform_time now;
  double scale = 1;
};

struct ack_message {
  std::int64_t id = 0;
  std::optional<std::int64_t> seq;
  std::vector<delivery_view> deliveries;
};
struct refusal_message {
  std::int64_t id = 0;  ///< 0: of no request in particular
  std::string code;
  std::string detail;
};
struct event_message {
  std::string topic;
  std::int64_t seq = 0;
  std::string type;
  std::string at;
  std::string order;  ///< from `data`, where there is one
};
struct offer_withdrawn_message {
  std::string offer;
  std::string reason;
};
struct order_new_message {
  std::string restaurant;
  order_view order;
};
/// Positions, city deltas and whatever later versions add: nothing anyone here acts on.
struct other_message {};

using server_message = std::variant<ack_message, refusal_message, event_message, offer_view, offer_withdrawn_message,
                                    order_new_message, other_message>;

/// Each throws wire_error when the text is no JSON or lacks what api.md promises.
server_message parse_server_message(std::string_view text);
order_view parse_order(std::string_view text);
std::vector<order_view> parse_orders(std::string_view text);
delivery_view parse_delivery(std::string_view text);
std::vector<delivery_view> parse_deliveries(std::string_view text);
std::vector<offer_view> parse_offers(std::string_view text);
clock_view parse_clock(std::string_view text);
/// The value of a string member of an object.
std::string parse_member(std::string_view text, const char* name);

/// The `code` of a problem+json body; `http-<status>` when the body is none.
std::string problem_code(unsigned status, std::string_view body);

/// Whether a refusal with this code says nothing of the command itself: it may be repeated, and may have been done.
bool is_transient(std::string_view code);

/// `text` as a JSON string, quotes included.
std::string json_string(std::string_view text);

}  // namespace dabba::city
