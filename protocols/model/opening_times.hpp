/// When opening hours are open: from the wall clock of a time zone to instants, daylight saving included. Pure.
///
/// A time that the clock skips is the moment of the skip. Of a time that it shows twice, what opens then opens at the
/// first, and what closes then closes at the last: nobody shuts the door for the hour that is repeated. Who closes when
/// that hour begins does so the first time.
#pragma once

#include "protocols/model/instant.hpp"
#include "protocols/model/opening_hours.hpp"

namespace dabba {

/// True for a name of the IANA database as this machine has it.
bool is_time_zone(const std::string& name) noexcept;

/// False for hours in a time zone that there is not.
bool is_open_at(const opening_hours& hours, instant now);

/// When it opens next, later than `now`; nothing when that is not within `limits::days_looked_ahead`, or it is open all
/// the time. Hours that follow each other without a pause are one opening.
std::optional<instant> opens_next(const opening_hours& hours, instant now);

}  // namespace dabba
