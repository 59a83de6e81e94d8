/// Commands with their idempotency: looked up before, stored with the effect, replayed after.
#pragma once

#include "http-edge/router.hpp"

namespace dabba::http {

/// The version an If-Match names; a problem when it is malformed.
answer_or_problem<std::optional<std::uint64_t>> expected_version(const request& in);

/// What the same request was answered before: nothing when it is new; a problem when its key was used for another body.
asio::awaitable<answer_or_problem<std::optional<reply>>> earlier_answer(const call& c);

/// Under what an Idempotency-Key is kept: it is one caller's, for one method and path. There is a key.
std::string claim_key(const call& c);

/// Id, expected version and idempotency of the command that this call is. The If-Match has been checked.
command_meta meta_of(const call& c);

/// The reply to `body`, or the earlier reply to the same request. Reads wait for the actor, never for the store.
asio::awaitable<answer_or_problem<reply>> command(call& c, entity_ref to, routed body);

/// `command` for those who expect a `T`.
template <class T>
asio::awaitable<answer_or_problem<T>> command_for(call& c, entity_ref to, routed body) {
  auto got = co_await command(c, to, std::move(body));
  if (!got) co_return tl::unexpected{std::move(got.error())};
  if (auto* value = std::get_if<T>(&*got)) co_return std::move(*value);
  co_return tl::unexpected{to_problem(errc::internal)};
}

inline tl::unexpected<problem> refused(errc code, std::string detail = {}) {
  return tl::unexpected{to_problem(code, std::move(detail))};
}
inline tl::unexpected<problem> refused(std::vector<field_error> errors) {
  return tl::unexpected{invalid_fields(std::move(errors))};
}

/// 200 (or another status) with a body.
response json_response(std::string body, unsigned status = 200);
/// The same with the version as ETag; 304 when the caller has that version.
response versioned_response(const request& in, std::uint64_t version, std::string body, unsigned status = 200);
/// The same with this ETag: a version in quotes, and after a dash what else the answer depends on.
response tagged(const request& in, std::string etag, response out);

}  // namespace dabba::http
