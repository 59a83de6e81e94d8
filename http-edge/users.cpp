/// A user's own account.
#include "http-edge/account_commands.hpp"
#include "http-edge/account_views.hpp"
#include "http-edge/user_deletion.hpp"

namespace dabba::http {
namespace {

handled shown(const call& c, const account& x, bool to_staff) {
  return versioned_response(c.in, x.version, account_json(x, to_staff));
}

asio::awaitable<handled> read_me(call& c) {
  auto me = co_await account_of(c, c.who->id);
  if (!me) co_return tl::unexpected{std::move(me.error())};
  co_return shown(c, *me, false);
}

asio::awaitable<handled> change_me(call& c) {
  auto wanted = read_profile_change(c.body);
  if (!wanted) co_return refused(std::move(wanted.error()));
  if (wanted->fields.email || wanted->password) {
    auto known = co_await check_own_password(c, std::move(wanted->current_password));
    if (!known) co_return tl::unexpected{std::move(known.error())};
    wanted->fields.compared_hash = std::move(known->password_hash);
  }
  if (wanted->password) {
    auto hash = co_await c.shared.passwords.hash(std::move(*wanted->password));
    if (!hash) co_return refused(hash.error());
    wanted->fields.password_hash = std::move(*hash);
  }
  auto version = expected_version(c.in).value_or(std::nullopt);
  auto change = [who = c.who->id, fields = std::move(wanted->fields), version](account_stores& s) {
    return s.identity->change_account(who, fields, version);
  };
  auto changed = co_await c.shared.accounts.use(change);
  if (!changed) co_return refused(changed.error());
  co_return shown(c, *changed, false);
}

asio::awaitable<handled> read_one(call& c) {
  auto which = c.id<user_id>(0, errc::not_found);
  if (!which) co_return tl::unexpected{std::move(which.error())};
  bool to_staff = is_staff(c.who->role);
  if (!to_staff && *which != c.who->id) co_return refused(errc::not_found);
  auto found = co_await account_of(c, *which);
  if (!found) co_return tl::unexpected{std::move(found.error())};
  co_return shown(c, *found, to_staff);
}

constexpr auto signed_in = access::signed_in();

constexpr std::array routes{
    route{verb::get, "/v1/users/me", signed_in, key_rule::ignored, body_rule::none, read_me},
    route{verb::patch, "/v1/users/me", signed_in, key_rule::ignored, body_rule::required, change_me},
    route{verb::del, "/v1/users/me", signed_in, key_rule::ignored, body_rule::required, delete_me, surface::api,
          pace::bulk},
    route{verb::get, "/v1/users/{}", signed_in, key_rule::ignored, body_rule::none, read_one},
};

}  // namespace

std::span<const route> user_routes() { return routes; }

}  // namespace dabba::http
