/// Every ceiling of the city's clients in one place. All of them run on real time unless they say otherwise.
#pragma once

#include <chrono>
#include <cstddef>

#include "bench/city/day_time.hpp"

namespace dabba::city::limits {

using namespace std::chrono_literals;

// Connections.
inline constexpr std::size_t http_connections = 48;
inline constexpr std::size_t answer_bytes = 8 * 1024 * 1024;
inline constexpr std::size_t frame_bytes = 1024 * 1024;
inline constexpr std::size_t queued_frames = 1024;  ///< per socket; beyond: an error, the connection is given up
inline constexpr auto request_timeout = 10s;
inline constexpr auto connect_timeout = 5s;
inline constexpr auto silence_timeout = 60s;  ///< a socket that says nothing, not even pings, that long is dead
inline constexpr auto ping_interval = 20s;
inline constexpr auto token_renewal = 8min;
static_assert(ping_interval < silence_timeout);

// Trying again.
inline constexpr auto backoff_first = 50ms;
inline constexpr auto backoff_longest = 1000ms;
inline constexpr auto start_up_patience = 60s;     ///< for the node to answer, and for each command of the onboarding
inline constexpr auto wrap_up_patience = 20s;      ///< for all clients to finish after the day
inline constexpr auto last_events_patience = 10s;  ///< for a last look at an order whose end was not seen
inline constexpr auto last_events_grace = 1s;      ///< for the last events to reach their subscribers
inline constexpr auto unknown_order_pause = 5ms;
inline constexpr auto tablet_poll_interval = 10s;
inline constexpr auto clock_interval = 1s;
inline constexpr auto handover_check = 20ms;
static_assert(backoff_first < backoff_longest && backoff_longest < wrap_up_patience);
static_assert(request_timeout < wrap_up_patience);

// Positions.
inline constexpr auto position_shortest = 250ms;  ///< at most four a second
inline constexpr auto waiting_position_shortest = 500ms;
inline constexpr milliseconds position_interval = 5s;           ///< platform time, while driving
inline constexpr milliseconds waiting_position_interval = 60s;  ///< platform time, while standing

// People.
inline constexpr std::size_t restaurants_per_owner = 16;
inline constexpr std::size_t orders_per_customer = 8;
inline constexpr std::size_t customers = 256;
inline constexpr std::size_t replayed_checkouts = 10;  ///< every so many-th order is sent twice
inline constexpr std::size_t errors_remembered = 1000;

// The day, in platform time.
inline constexpr milliseconds before_opening = 1s;  ///< from the end of the onboarding to minute 0
inline constexpr milliseconds early_sign_in = 30s;  ///< a partner's app is started that long before the shift
inline constexpr milliseconds drain = 180min;       ///< after the last placement the day is over in any case

}  // namespace dabba::city::limits
