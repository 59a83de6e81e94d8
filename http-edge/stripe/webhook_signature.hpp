/// Whether a webhook comes from the gateway: the header Stripe-Signature, `t=SECONDS,v1=HEX[,v1=HEX]..`, where each v1
/// is an HMAC-SHA256 over "SECONDS.BODY" with one of the endpoint's secrets.
#pragma once

#include <chrono>
#include <span>
#include <string_view>
#include <tl/expected.hpp>

#include "http-edge/outbound/secret_text.hpp"
#include "protocols/model/enum_names.hpp"

namespace dabba::stripe {

/// How old a webhook may be, or how far in the future by a clock that goes wrong: Stripe's own tolerance.
inline constexpr std::chrono::seconds signature_tolerance{300};

enum class signature_flaw : std::uint8_t {
  malformed,     ///< no time, or more than one, or not in this form at all
  no_signature,  ///< nothing with the scheme v1
  no_match,      ///< another body, another secret
  out_of_time    ///< genuine, and sent long ago: somebody repeats it
};

/// `body` is what came, byte for byte. While secrets are replaced there are several, and one of them has to match.
tl::expected<void, signature_flaw> verify_signature(std::string_view header, std::string_view body,
                                                    std::span<const outbound::secret_text> secrets,
                                                    std::chrono::sys_seconds now);

}  // namespace dabba::stripe

namespace dabba {
template <>
inline constexpr auto enum_names<stripe::signature_flaw> =
    std::to_array<std::string_view>({"malformed", "no-signature", "no-match", "out-of-time"});
}  // namespace dabba
