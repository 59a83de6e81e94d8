/// Answers kept for Idempotency-Keys, for those who write them in transactions of their own. The journal writes its
/// with its batches.
#pragma once

#include "persistence/postgres/transaction.hpp"

namespace dabba::postgres {

/// Keeps the answer, if there is one. `idempotency_key_exists` when there is one under its key.
result_of<void> keep_answer(transaction& within, const std::optional<idempotent_answer>& answer, instant now);
/// All that a caller was answered.
result_of<void> forget_answers_to(transaction& within, user_id caller);
/// Of what a caller was answered only what says `body`.
result_of<void> forget_answer(transaction& within, user_id caller, const std::string& body);

}  // namespace dabba::postgres
