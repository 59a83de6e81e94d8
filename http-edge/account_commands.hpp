/// What the routes of accounts have alike: accounts being made, passwords being compared, answers kept for keys.
#pragma once

#include "http-edge/account_requests.hpp"
#include "http-edge/commands.hpp"

namespace dabba::http {

/// The answer kept for the same request. `hashed`: what has to be the same; a secret is never part of it. A problem
/// when the key was used for something else.
asio::awaitable<answer_or_problem<std::optional<std::string>>> kept_answer(const call& c, user_id scope,
                                                                           std::string hashed);
/// What to keep for the next time; nothing without a key. `text` must hold no secret.
std::optional<idempotent_answer> to_keep(const call& c, user_id scope, const std::string& hashed, std::string text);

/// Makes the account, or answers as when it was made. Keys are those of `scope`.
asio::awaitable<handled> open_account(call& c, registration wanted, user_id scope);

/// The account of the e-mail address when the password is its own; else 401, counted as failed for account and network.
/// Takes as long when there is none.
asio::awaitable<answer_or_problem<credentials>> check_password(call& c, std::string email, std::string password);
/// The caller's account when the password is its own; else 422, counted in the same way: the caller is signed in, and
/// with a 401 would be sent to sign in again. 404 when there is no account (any more).
asio::awaitable<answer_or_problem<credentials>> check_own_password(call& c, std::string password);

/// 404 for a caller whose token is good but who has no account (any more).
asio::awaitable<answer_or_problem<account>> account_of(const call& c, user_id who);

/// All restaurants that the user ever registered. On a thread of the accounts' pool.
result_of<std::vector<restaurant>> restaurants_of(const account_stores& s, user_id owner);

/// The caller's account, which is active and has the role that the token names; else 403. Nothing: there is none, on a
/// node that trusts unknown callers.
asio::awaitable<answer_or_problem<std::optional<account>>> confirmed_account(const call& c);

}  // namespace dabba::http
