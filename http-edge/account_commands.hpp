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

/// Whose failures count for an attempt to sign in.
login_subjects subjects_of(const call& c, std::string_view email);

/// The account of the e-mail address when the password is its own. Counted beforehand, for account and network; takes
/// as long when there is none.
asio::awaitable<answer_or_problem<credentials>> check_password(call& c, std::string email, std::string password);

/// 404 for a caller whose token is good but who has no account (any more).
asio::awaitable<answer_or_problem<account>> account_of(const call& c, user_id who);

}  // namespace dabba::http
