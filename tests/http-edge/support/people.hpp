/// People who sign up and in.
#pragma once

#include "http-edge/passwords.hpp"
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

inline got delete_me(platform& p, const std::string& token, const std::string& password = good_password) {
  return ask(p.port(), "DELETE", "/v1/users/me", token, json{{"currentPassword", password}}.dump());
}

/// An account of any role, as an administrator makes it, with `good_password`.
inline account add_account(platform& p, user_role role, const std::string& email) {
  account made;
  made.id = user_id::make(real_now());
  made.role = role;
  made.email = email;
  made.name = "Asha Rao";
  std::lock_guard lock{p.world().mutex};
  p.world().people.accounts[made.id] = {made, hash_password(good_password, {1, 8192})};
  return made;
}

/// What happens before the store does something (see account_rows).
inline void set_hook(platform& p, std::function<void()> account_rows::*which, std::function<void()> what) {
  std::lock_guard lock{p.world().mutex};
  p.world().people.*which = std::move(what);
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
