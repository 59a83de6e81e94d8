/// Refusals as CAF errors, and back.
#pragma once

#include <caf/error.hpp>

#include "protocols/type_ids.hpp"

namespace dabba {

/// What a caller is told about `x`: our own codes as they are; an actor that is gone, a timeout and the rest of CAF's
/// errors as the refusal that may be retried, or `internal`.
errc to_errc(const caf::error& x) noexcept;

/// Registers the types of every message. Once, before an actor system is made.
void register_message_types();

}  // namespace dabba
