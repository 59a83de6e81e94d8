#include "http-edge/account_commands.hpp"

#include "http-edge/account_views.hpp"
#include "http-edge/base64url.hpp"
#include "http-edge/secrets.hpp"
#include "protocols/codec.hpp"

namespace dabba::http {
namespace {

using found_account = result_of<std::optional<credentials>>;

handled created(const call& c, const account& x) {
  auto out = versioned_response(c.in, x.version, account_json(x, false), 201);
  out.headers.emplace_back("Location", "/v1/users/" + to_string(x.id));
  return out;
}

/// What makes two registrations the same, besides the password: that one is only ever compared as passwords are. Keyed,
/// so that nobody who reads it can try who it was.
std::string hash_of(const call& c, const registration& x) {
  return base64url(keyed_hash(c.shared.services.shared_secret, json_text_of([&](json_object& out) {
                                out.put("role", x.role)
                                    .put("email", x.email)
                                    .put("name", x.name)
                                    .put("phone", x.phone)
                                    .put("language", x.language);
                              })));
}

account to_account(const call& c, const registration& x) {
  auto now = c.shared.services.time.now();
  account made;
  made.id = user_id::make(now);
  made.role = x.role;
  made.email = x.email;
  made.name = x.name;
  made.phone = x.phone;
  made.language = x.language;
  made.approval = x.approval;
  made.created_at = now;
  return made;
}

/// Whose failures count for an attempt to sign in.
login_subjects subjects_of(const call& c, std::string_view email) {
  // Short enough for an index, too long to be met by chance.
  auto subject = [&](std::string_view kind, std::string_view text) {
    auto hashed = keyed_hash(c.shared.services.shared_secret, std::string{kind} + ' ' + std::string{text});
    return base64url(std::string_view{hashed}.substr(0, 16));
  };
  const auto& from = c.in.from;
  std::string network{from.begin(), from.end()};
  return {subject("pair", network + std::string{email}), subject("account", email), subject("network", network)};
}

problem too_many_logins(std::chrono::seconds wait) {
  auto refusal =
      make_problem(429, to_string(errc::too_many_attempts), "too many attempts to sign in: wait, then try again");
  refusal.headers.emplace_back("Retry-After", std::to_string(wait.count()));
  return refusal;
}

problem wrong_credentials() {
  auto refusal = make_problem(401, "wrong-credentials", "there is no account with this e-mail address and password");
  refusal.headers.emplace_back("WWW-Authenticate", "Bearer");  // RFC 9110, 15.5.2: every 401 says how to authenticate
  return refusal;
}

/// A password that is right but was hashed at another cost is hashed anew. False when the stored hash is another one by
/// now; when it can't be renewed for another reason, the next sign-in does it.
asio::awaitable<bool> renew_hash(call& c, credentials& whose, std::string password) {
  auto fresh = co_await c.shared.passwords.hash(std::move(password));
  if (!fresh) co_return true;
  auto renew = [who = whose.who.id, before = whose.password_hash, after = *fresh](account_stores& s) {
    return s.identity->renew_hash(who, before, after);
  };
  auto done = co_await c.shared.accounts.use(renew);
  if (!done) co_return true;
  if (*done) whose.password_hash = std::move(*fresh);
  co_return *done;
}

asio::awaitable<found_account> find_by_id(const call& c, user_id who) {
  auto find = [who](account_stores& s) { return s.identity->account_by_id(who); };
  co_return co_await c.shared.accounts.use(find);
}

/// `whose` as it is stored now when the password is its own; else wrong_credentials.
asio::awaitable<answer_or_problem<credentials>> compare(call& c, std::optional<credentials> whose,
                                                        const std::string& password) {
  while (true) {
    auto stored = whose ? std::optional{whose->password_hash} : std::nullopt;
    auto fits = co_await c.shared.passwords.verify(password, std::move(stored));
    if (!fits) co_return refused(fits.error());
    if (!fits->fits) co_return tl::unexpected{wrong_credentials()};
    if (!fits->is_outdated) co_return std::move(*whose);
    auto is_ours = co_await renew_hash(c, *whose, password);
    if (is_ours) co_return std::move(*whose);
    // Somebody else has renewed it at the same time, or it is another password.
    auto again = co_await find_by_id(c, whose->who.id);
    if (!again) co_return refused(again.error());
    whose = std::move(*again);
  }
}

/// The same, counted. Only what was found wrong counts, and is not told before it does.
asio::awaitable<answer_or_problem<credentials>> compare_counted(
    call& c, std::string email, std::optional<credentials> whose, std::string password) {
  auto who = subjects_of(c, email);
  login_slots::slot place{c.shared.logins, who.pair};
  if (!place) co_return tl::unexpected{too_many_logins(std::chrono::seconds{1})};
  auto look = [who](account_stores& s) { return s.identity->login_wait(who); };
  auto wait = co_await c.shared.accounts.use(look);
  if (!wait) co_return refused(wait.error());
  if (*wait) co_return tl::unexpected{too_many_logins(**wait)};
  auto known = co_await compare(c, std::move(whose), password);
  if (!known && known.error().status == 401) {
    auto count = [who](account_stores& s) { return s.identity->count_failed_login(who); };
    auto counted = co_await c.shared.accounts.use(count);
    if (!counted) co_return refused(counted.error());
  } else if (known) {
    auto forgive = [who](account_stores& s) { return s.identity->forgive_logins(who); };
    // When it is not forgiven, it is some minutes later.
    (void)co_await c.shared.accounts.use(forgive);
  }
  co_return known;
}

/// The account that the same request has made, as it is now.
asio::awaitable<handled> repeat_opening(call& c, const registration& wanted, const std::string& kept) {
  auto id = parse_uuid(kept);
  if (!id) co_return refused(errc::internal);
  auto found = co_await find_by_id(c, {*id});
  if (!found) co_return refused(found.error());
  if (!*found) co_return refused(errc::unavailable);  // deleted just now, and the answer with it
  auto known = co_await compare_counted(c, wanted.email, std::move(*found), wanted.password);
  if (!known && known.error().status == 401) co_return refused(errc::idempotency_key_reused);
  if (!known) co_return tl::unexpected{std::move(known.error())};
  c.replayed = true;
  co_return created(c, known->who);
}

}  // namespace

asio::awaitable<answer_or_problem<std::optional<std::string>>> kept_answer(const call& c, user_id scope,
                                                                           std::string hashed) {
  if (!c.in.idempotency_key) co_return std::nullopt;
  auto query = [scope, key = claim_key(c)](entity_reader& reader) { return reader.answer(scope, key); };
  auto found = co_await c.shared.reads.read(query);
  if (!found) co_return refused(found.error());
  if (!*found) co_return std::nullopt;
  if ((*found)->request_hash != hashed) co_return refused(errc::idempotency_key_reused);
  co_return std::move((*found)->body);
}

std::optional<idempotent_answer> to_keep(const call& c, user_id scope, const std::string& hashed, std::string text) {
  if (!c.in.idempotency_key) return std::nullopt;
  return idempotent_answer{scope, claim_key(c), hashed, std::move(text)};
}

asio::awaitable<handled> open_account(call& c, registration wanted, user_id scope) {
  auto hashed = hash_of(c, wanted);
  auto earlier = co_await kept_answer(c, scope, hashed);
  if (!earlier) co_return tl::unexpected{std::move(earlier.error())};
  if (*earlier) co_return co_await repeat_opening(c, wanted, **earlier);
  auto hash = co_await c.shared.passwords.hash(wanted.password);
  if (!hash) co_return refused(hash.error());
  auto who = to_account(c, wanted);
  new_account made{who, std::move(*hash), to_keep(c, scope, hashed, to_string(who.id))};
  auto create = [made](account_stores& s) { return s.identity->create_account(made); };
  auto done = co_await c.shared.accounts.use(create);
  if (done) co_return created(c, who);
  if (done.error() != errc::idempotency_key_exists) co_return refused(done.error());
  // The same request ran beside this one and won.
  auto winner = co_await kept_answer(c, scope, hashed);
  if (!winner) co_return tl::unexpected{std::move(winner.error())};
  if (!*winner) co_return refused(errc::unavailable);
  co_return co_await repeat_opening(c, wanted, **winner);
}

asio::awaitable<answer_or_problem<credentials>> check_password(call& c, std::string email, std::string password) {
  auto find = [email](account_stores& s) { return s.identity->account_by_email(email); };
  found_account found = co_await c.shared.accounts.use(find);
  if (!found) co_return refused(found.error());
  co_return co_await compare_counted(c, std::move(email), std::move(*found), std::move(password));
}

asio::awaitable<answer_or_problem<credentials>> check_own_password(call& c, std::string password) {
  auto found = co_await find_by_id(c, c.who->id);
  if (!found) co_return refused(found.error());
  if (!*found) co_return refused(errc::not_found);
  auto email = (*found)->who.email;
  auto known = co_await compare_counted(c, std::move(email), std::move(*found), std::move(password));
  if (!known && known.error().status == 401) co_return refused(errc::wrong_password);
  co_return known;
}

asio::awaitable<answer_or_problem<account>> account_of(const call& c, user_id who) {
  auto found = co_await find_by_id(c, who);
  if (!found) co_return refused(found.error());
  if (!*found) co_return refused(errc::not_found);
  co_return std::move((*found)->who);
}

result_of<std::vector<restaurant>> restaurants_of(const account_stores& s, user_id owner) {
  auto states = s.orders->owned_restaurants(owner);
  if (!states) return tl::unexpected{states.error()};
  std::vector<restaurant> all;
  for (const auto& each : *states) {
    auto decoded = decode_restaurant(each);
    if (!decoded) return tl::unexpected{decoded.error()};
    all.push_back(std::move(*decoded));
  }
  return all;
}

asio::awaitable<answer_or_problem<std::optional<account>>> confirmed_account(const call& c) {
  auto found = co_await find_by_id(c, c.who->id);
  if (!found) co_return refused(found.error());
  if (!*found && c.shared.options.trust_unknown_callers) co_return std::nullopt;
  if (!*found || (*found)->who.status != account_status::active || (*found)->who.role != c.who->role)
    co_return tl::unexpected{make_problem(403, "forbidden", "your account may not do this, or not any more")};
  co_return std::move((*found)->who);
}

}  // namespace dabba::http
