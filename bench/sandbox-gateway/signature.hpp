/// How Stripe signs what it sends: `t=SECONDS,v1=HMAC`, one v1 for each secret that is in use.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "bench/sandbox-gateway/objects.hpp"

namespace dabba::sandbox {

/// The value of the header Stripe-Signature.
std::string signature_header(unix_seconds at, std::string_view payload, const std::vector<std::string>& secrets);

/// SHA-256 in hexadecimal.
std::string fingerprint_of(std::string_view text);

}  // namespace dabba::sandbox
