/// A user's addresses.
#include <algorithm>

#include "http-edge/account_commands.hpp"
#include "http-edge/account_views.hpp"
#include "http-edge/digest.hpp"

namespace dabba::http {
namespace {

asio::awaitable<answer_or_problem<std::vector<saved_address>>> addresses_of(const call& c) {
  auto list = [who = c.who->id](account_stores& s) { return s.identity->addresses(who); };
  auto found = co_await c.shared.accounts.use(list);
  if (!found) co_return refused(found.error());
  co_return std::move(*found);
}

/// The answer as it is kept: the address's id, and the body behind it.
std::string kept_text(const saved_address& x) { return to_string(x.id) + address_json(x); }

handled added(const std::string& kept) {
  constexpr std::size_t id_chars = 36;
  auto out = json_response(kept.substr(id_chars), 201);
  out.headers.emplace_back("Location", "/v1/users/me/addresses/" + kept.substr(0, id_chars));
  return out;
}

asio::awaitable<handled> add_one(call& c) {
  auto wanted = read_saved_address(c.body);
  if (!wanted) co_return refused(std::move(wanted.error()));
  auto hashed = sha256_hex(c.in.body);
  auto who = c.who->id;
  auto earlier = co_await kept_answer(c, who, hashed);
  if (!earlier) co_return tl::unexpected{std::move(earlier.error())};
  if (*earlier) {
    c.replayed = true;
    co_return added(**earlier);
  }
  auto now = c.shared.services.time.now();
  wanted->id = address_id::make(now);
  auto text = kept_text(*wanted);
  auto add = [who, made = std::move(*wanted), keep = to_keep(c, who, hashed, text), now](account_stores& s) {
    return s.identity->add_address(who, made, keep, now);
  };
  auto done = co_await c.shared.accounts.use(add);
  if (done) co_return added(text);
  if (done.error() != errc::idempotency_key_exists) co_return refused(done.error());
  // The same request ran beside this one and won.
  auto winner = co_await kept_answer(c, who, hashed);
  if (!winner) co_return tl::unexpected{std::move(winner.error())};
  if (!*winner) co_return refused(errc::unavailable);
  c.replayed = true;
  co_return added(**winner);
}

asio::awaitable<handled> list_all(call& c) {
  auto all = co_await addresses_of(c);
  if (!all) co_return tl::unexpected{std::move(all.error())};
  co_return json_response(addresses_json(*all));
}

asio::awaitable<handled> read_one(call& c) {
  auto which = c.id<address_id>(0, errc::not_found);
  if (!which) co_return tl::unexpected{std::move(which.error())};
  auto all = co_await addresses_of(c);
  if (!all) co_return tl::unexpected{std::move(all.error())};
  auto found = std::ranges::find(*all, *which, &saved_address::id);
  if (found == all->end()) co_return refused(errc::not_found);
  co_return json_response(address_json(*found));
}

asio::awaitable<handled> change_one(call& c) {
  auto which = c.id<address_id>(0, errc::not_found);
  if (!which) co_return tl::unexpected{std::move(which.error())};
  auto wanted = read_address_change(c.body);
  if (!wanted) co_return refused(std::move(wanted.error()));
  auto change = [who = c.who->id, which = *which, fields = std::move(*wanted)](account_stores& s) {
    return s.identity->change_address(who, which, fields);
  };
  auto changed = co_await c.shared.accounts.use(change);
  if (!changed) co_return refused(changed.error());
  co_return json_response(address_json(*changed));
}

asio::awaitable<handled> remove_one(call& c) {
  auto which = c.id<address_id>(0, errc::not_found);
  if (!which) co_return tl::unexpected{std::move(which.error())};
  auto remove = [who = c.who->id, which = *which](account_stores& s) { return s.identity->remove_address(who, which); };
  auto done = co_await c.shared.accounts.use(remove);
  if (!done) co_return refused(done.error());
  if (!*done) co_return refused(errc::not_found);
  response out;
  out.status = 204;
  co_return out;
}

constexpr auto signed_in = access::signed_in();

constexpr std::array routes{
    route{verb::post, "/v1/users/me/addresses", signed_in, key_rule::own, body_rule::required, add_one},
    route{verb::get, "/v1/users/me/addresses", signed_in, key_rule::ignored, body_rule::none, list_all},
    route{verb::get, "/v1/users/me/addresses/{}", signed_in, key_rule::ignored, body_rule::none, read_one},
    route{verb::patch, "/v1/users/me/addresses/{}", signed_in, key_rule::ignored, body_rule::required, change_one},
    route{verb::del, "/v1/users/me/addresses/{}", signed_in, key_rule::ignored, body_rule::none, remove_one},
};

}  // namespace

std::span<const route> address_routes() { return routes; }

}  // namespace dabba::http
