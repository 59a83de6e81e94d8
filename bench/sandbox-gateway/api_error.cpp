#include "bench/sandbox-gateway/api_error.hpp"

namespace dabba::sandbox {

nlohmann::json body_of(const api_error& why) {
  nlohmann::json error{{"type", why.type}, {"message", why.what()}};
  if (!why.code.empty()) {
    error["code"] = why.code;
    error["doc_url"] = "https://stripe.com/docs/error-codes/" + why.code;
  }
  if (!why.param.empty()) error["param"] = why.param;
  if (!why.decline_code.empty()) error["decline_code"] = why.decline_code;
  if (!why.charge.empty()) error["charge"] = why.charge;
  if (!why.payment_intent.is_null()) error["payment_intent"] = why.payment_intent;
  return {{"error", std::move(error)}};
}

}  // namespace dabba::sandbox
