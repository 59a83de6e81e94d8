/// Signing up, in and out, and the keys that tokens are verified with.
#include <spdlog/spdlog.h>
#include <algorithm>

#include "http-edge/account_commands.hpp"
#include "http-edge/account_views.hpp"
#include "http-edge/base64url.hpp"
#include "http-edge/refresh_tokens.hpp"
#include "http-edge/secrets.hpp"
#include "protocols/model/limits.hpp"

namespace dabba::http {
namespace {

constexpr std::size_t seed_bytes = 32;

response empty_response() {
  response out;
  out.status = 204;
  return out;
}

/// Access and refresh token, and whose they are.
handled session_response(const call& c, const account& who, const refresh_token& refresh) {
  auto access = c.shared.services.keys->sign(
      {who.id, who.role}, c.shared.wall_now(), std::chrono::seconds{limits::token_lifetime});
  if (!access) {
    spdlog::error("no access token can be made: {}", access.error());
    return refused(errc::internal);
  }
  return json_response(json_text_of([&](json_object& out) {
    out.put("accessToken", *access).put("tokenType", "Bearer");
    out.put("expiresIn", std::chrono::seconds{limits::token_lifetime}.count());
    out.put("refreshToken", refresh.text());
    out.object("user", [&](json_object& user) { put_account(user, who, false); });
  }));
}

problem no_session() {
  auto refusal = make_problem(401, "unauthenticated", "this refresh token is none, or none any more: sign in again");
  refusal.headers.emplace_back("WWW-Authenticate", "Bearer");
  return refusal;
}

/// Who is not known yet has keys by the e-mail address: keyed, so that they name nobody.
user_id stranger_named(const call& c, const std::string& email) {
  auto hashed = keyed_hash(c.shared.services.shared_secret, "registration " + email);
  user_id made;
  std::copy_n(hashed.begin(), made.value.bytes.size(), made.value.bytes.begin());
  return made;
}

asio::awaitable<handled> register_one(call& c) {
  auto wanted = read_registration(c.body);
  if (!wanted) co_return refused(std::move(wanted.error()));
  if (is_staff(wanted->role))
    co_return tl::unexpected{make_problem(403, "forbidden", "accounts of this role are made by administrators")};
  if (wanted->role == user_role::partner) wanted->approval = account_approval::pending;
  auto scope = stranger_named(c, wanted->email);
  co_return co_await open_account(c, std::move(*wanted), scope);
}

asio::awaitable<handled> log_in(call& c) {
  auto wanted = read_sign_in(c.body);
  if (!wanted) co_return refused(std::move(wanted.error()));
  auto known = co_await check_password(c, std::move(wanted->email), std::move(wanted->password));
  if (!known) co_return tl::unexpected{std::move(known.error())};
  if (known->who.status != account_status::active)
    co_return tl::unexpected{make_problem(403, "account-deactivated", "this account was deactivated: ask support")};
  auto made = refresh_token::make();
  auto open = [who = known->who.id, hash = known->password_hash, session = new_session{made.session, made.hash()}](
                  account_stores& s) { return s.identity->open_session(who, hash, session); };
  auto done = co_await c.shared.accounts.use(open);
  // Deactivated, deleted or given another password at this very moment: the next attempt will say which.
  if (!done) co_return refused(done.error() == errc::not_found ? errc::unavailable : done.error());
  c.who = principal{known->who.id, known->who.role};
  co_return session_response(c, known->who, made);
}

asio::awaitable<handled> refresh(call& c) {
  auto text = read_refresh_token(c.body);
  if (!text) co_return refused(std::move(text.error()));
  auto presented = refresh_token::parse(*text);
  if (!presented) co_return tl::unexpected{no_session()};
  auto seed = base64url(random_bytes(seed_bytes));
  rotation wanted{presented->session, presented->hash(), presented->next(seed).hash(), seed};
  auto rotate = [wanted](account_stores& s) { return s.identity->rotate_session(wanted); };
  auto done = co_await c.shared.accounts.use(rotate);
  if (!done) co_return refused(done.error());
  if (done->who) c.who = principal{done->who->id, done->who->role};
  switch (done->what) {
    case rotated::outcome::renewed:
    case rotated::outcome::repeated: co_return session_response(c, *done->who, presented->next(done->seed));
    case rotated::outcome::reused:
      spdlog::warn("a refresh token of caller={} was used twice: the session has ended", to_string(c.who->id));
      co_return tl::unexpected{no_session()};
    case rotated::outcome::unknown: co_return tl::unexpected{no_session()};
  }
  co_return refused(errc::internal);
}

/// Also of a session that is none any more: it has ended, as was asked.
asio::awaitable<handled> log_out(call& c) {
  auto text = read_refresh_token(c.body);
  if (!text) co_return refused(std::move(text.error()));
  auto presented = refresh_token::parse(*text);
  if (!presented) co_return empty_response();
  auto close = [which = presented->session](account_stores& s) { return s.identity->close_session(which); };
  auto done = co_await c.shared.accounts.use(close);
  if (!done) co_return refused(done.error());
  co_return empty_response();
}

/// Others may keep it for some minutes: a new key is published that long before it signs (docs/operations.md).
asio::awaitable<handled> read_keys(call& c) {
  auto out = json_response(c.shared.services.keys->key_set());
  out.headers.emplace_back("Cache-Control", "public, max-age=300");
  co_return out;
}

constexpr auto anybody = access::anybody();
constexpr auto api = surface::api;

constexpr std::array routes{
    route{
        verb::post, "/v1/auth/register", anybody, key_rule::own, body_rule::required, register_one, api, pace::sign_in},
    route{verb::post, "/v1/auth/login", anybody, key_rule::own, body_rule::required, log_in, api, pace::sign_in},
    route{verb::post, "/v1/auth/refresh", anybody, key_rule::own, body_rule::required, refresh},
    route{verb::post, "/v1/auth/logout", anybody, key_rule::own, body_rule::required, log_out},
    route{verb::get, "/.well-known/jwks.json", anybody, key_rule::ignored, body_rule::none, read_keys},
};

}  // namespace

std::span<const route> auth_routes() { return routes; }

}  // namespace dabba::http
