/// People who sign up and in.
#pragma once

#include "tests/http-edge/support/client.hpp"
#include "tests/http-edge/support/platform.hpp"

namespace dabba::test {

inline const std::string good_password = "correct horse battery";

inline json registration_of(const std::string& email, const std::string& role = "CUSTOMER") {
  return {
      {"role", role}, {"email", email}, {"password", good_password}, {"name", "Asha Rao"}, {"phone", "+91 80 1234"}};
}

inline got post(platform& p, const std::string& path, const json& body, const std::string& token = {},
                headers with = {}) {
  return ask(p.port(), "POST", path, token, body.dump(), std::move(with));
}

inline got log_in(platform& p, const std::string& email, const std::string& password = good_password) {
  return post(p, "/v1/auth/login", {{"email", email}, {"password", password}});
}

/// Somebody who has signed up and in.
struct member {
  std::string email;
  std::string id;
  std::string access;
  std::string refresh;

  member(platform& p, const std::string& address, const std::string& role = "CUSTOMER") : email{address} {
    id = post(p, "/v1/auth/register", registration_of(email, role)).parsed().at("userId");
    auto session = log_in(p, email).parsed();
    access = session.at("accessToken");
    refresh = session.at("refreshToken");
  }
  [[nodiscard]] user_id key() const { return {*parse_uuid(id)}; }
};

}  // namespace dabba::test
