/// A refusal in Stripe's form: {"error": {"type", "code", "message", "param", ..}}.
#pragma once

#include <stdexcept>
#include <string>

#include <nlohmann/json.hpp>

namespace dabba::sandbox {

struct api_error : std::runtime_error {
  api_error(unsigned status, std::string type, const std::string& message)
      : std::runtime_error{message}, status{status}, type{std::move(type)} {}

  unsigned status;
  std::string type;  ///< invalid_request_error, card_error, idempotency_error, api_error
  std::string code = {};
  std::string param = {};
  std::string decline_code = {};
  std::string charge = {};  ///< of a card_error
  nlohmann::json payment_intent = nullptr;
};

inline api_error invalid_request(const std::string& message, const std::string& code = {},
                                 const std::string& param = {}) {
  api_error made{400, "invalid_request_error", message};
  made.code = code;
  made.param = param;
  return made;
}

inline api_error missing_resource(const std::string& kind, const std::string& id, const std::string& param) {
  auto made = invalid_request("No such " + kind + ": '" + id + "'", "resource_missing", param);
  made.status = 404;
  return made;
}

/// What a client reads.
nlohmann::json body_of(const api_error& why);

}  // namespace dabba::sandbox
