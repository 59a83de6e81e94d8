/// The card gateway's settings and secrets, looked at before a node's parts are made.
#pragma once

#include <functional>
#include <optional>
#include <string>
#include <tl/expected.hpp>
#include <vector>

#include "cluster-config/options.hpp"
#include "http-edge/stripe/gateway.hpp"

namespace dabba::program {

struct payment_settings {
  stripe::gateway_options gateway;
  std::vector<outbound::secret_text> webhook_secrets;  ///< at least one
};

/// Nothing without a gateway; a sentence for the operator, which holds no secret, when something is missing or would
/// send the key over a network in the clear. `lookup` is getenv in the program.
tl::expected<std::optional<payment_settings>, std::string> load_payments(
    const payment_options& options, const std::function<const char*(const char*)>& lookup);

}  // namespace dabba::program
