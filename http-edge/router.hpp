/// The table of routes: what can be asked for, by whom, in which form, and who answers.
#pragma once

#include <array>
#include <initializer_list>
#include <span>

#include "http-edge/core.hpp"
#include "http-edge/json_value.hpp"

namespace dabba::http {

/// One request while it is answered.
struct call {
  core& shared;
  const request& in;
  std::optional<principal> who;  ///< set on every route that wants a token
  std::optional<real_time> token_ends;
  std::array<std::string_view, 3> parameters;
  json_value body;
  /// What the same request (by its Idempotency-Key) was answered before.
  std::optional<reply> earlier;
  bool replayed = false;
  /// How often this caller may ask, when that is counted.
  std::optional<pace_verdict> paced;

  /// The path's parameter as an id, or 404: no such thing can exist.
  template <class Id>
  [[nodiscard]] answer_or_problem<Id> id(std::size_t which, errc missing) const {
    auto parsed = parse_uuid(parameters[which]);
    if (!parsed) return tl::unexpected{to_problem(missing)};
    return Id{*parsed};
  }
};

using handled = answer_or_problem<response>;
using handler = asio::awaitable<handled> (*)(call&);

/// Who may call a route.
class access {
 public:
  static constexpr access anybody() { return access{0, true, false, false}; }
  static constexpr access signed_in() { return access{0xff, false, false, false}; }
  static constexpr access only(std::initializer_list<user_role> roles) {
    unsigned bits = 0;
    for (auto each : roles) bits |= 1U << static_cast<unsigned>(each);
    return access{bits, false, false, false};
  }
  /// On a node with an open city everybody else may too.
  [[nodiscard]] constexpr access or_open_city() const { return access{roles_, needs_no_token_, true, needs_account_}; }
  /// Only while the caller's account is active and has that role. A token says what was so up to 15 minutes ago.
  [[nodiscard]] constexpr access confirmed() const { return access{roles_, needs_no_token_, open_city_, true}; }

  [[nodiscard]] bool needs_token(bool open_city) const { return !needs_no_token_ && !(open_city_ && open_city); }
  [[nodiscard]] bool wants_token() const { return !needs_no_token_; }
  [[nodiscard]] bool needs_account() const { return needs_account_; }
  [[nodiscard]] bool allows(user_role role, bool open_city) const {
    return (roles_ >> static_cast<unsigned>(role) & 1U) != 0 || (open_city_ && open_city);
  }

 private:
  constexpr access(unsigned roles, bool needs_no_token, bool open_city, bool needs_account)
      : roles_{roles}, needs_no_token_{needs_no_token}, open_city_{open_city}, needs_account_{needs_account} {}

  unsigned roles_;
  bool needs_no_token_;
  bool open_city_;
  bool needs_account_;
};

/// What an Idempotency-Key means. `own`: it is taken, and what it means is the handler's business.
enum class key_rule : std::uint8_t { ignored, accepted, required, own };
enum class body_rule : std::uint8_t { none, optional, required };
/// Which listener a route is served on, when health and metrics have a port of their own.
enum class surface : std::uint8_t { api, admin };

/// How requests are counted: per caller with all others, or with those that look through all of a user's orders, or per
/// client network with those that give a password, or not at all.
enum class pace : std::uint8_t { normal, bulk, sign_in, unlimited };

struct route {
  verb method;
  std::string_view pattern;  ///< `{}` stands for one segment
  access allowed;
  key_rule key;
  body_rule body;
  handler run;
  surface on = surface::api;
  pace counted_as = pace::normal;
};

std::span<const route> restaurant_routes();
std::span<const route> settings_routes();
std::span<const route> menu_routes();
std::span<const route> order_routes();
std::span<const route> partner_routes();
std::span<const route> delivery_routes();
std::span<const route> operator_routes();
std::span<const route> promotion_routes();
std::span<const route> cluster_routes();
std::span<const route> health_routes();
std::span<const route> reference_routes();
std::span<const route> auth_routes();
std::span<const route> user_routes();
std::span<const route> address_routes();
std::span<const route> history_routes();
std::span<const route> user_admin_routes();

/// All of them.
std::span<const std::span<const route>> route_groups();

struct matched {
  const route* found = nullptr;
  std::array<std::string_view, 3> parameters;
  std::string allow;  ///< when only the method does not fit: those that do
};
/// Among the routes that are served; HEAD is asked for as GET.
matched match(verb method, std::string_view path, bool serves_api, bool serves_admin);

/// Answers a request, whatever it is: problems become answers. Exceptions do not come out.
asio::awaitable<response> answer(core& shared, const request& in, bool serves_api, bool serves_admin);

}  // namespace dabba::http
