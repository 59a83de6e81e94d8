#include "persistence/postgres/answers.hpp"

namespace dabba::postgres {
namespace {

constexpr statement insert_answer{"keep_answer", R"(
insert into messaging.idempotency (caller, key, request_hash, body, at) values ($1, $2, $3, $4, $5)
on conflict do nothing)"};
constexpr statement delete_answers{"forget_answers_to", "delete from messaging.idempotency where caller = $1"};
constexpr statement delete_answer{"forget_answer", "delete from messaging.idempotency where caller = $1 and body = $2"};

}  // namespace

result_of<void> keep_answer(transaction& within, const std::optional<idempotent_answer>& answer, instant now) {
  if (!answer) return {};
  auto kept = within.run(insert_answer, {encode(answer->caller.value), encode(answer->key),
                                         encode(answer->request_hash), encode(answer->body), encode(now)});
  if (!kept) return within.failed();
  if (kept->affected() == 0) return tl::unexpected{errc::idempotency_key_exists};
  return {};
}

result_of<void> forget_answers_to(transaction& within, user_id caller) {
  if (!within.run(delete_answers, {encode(caller.value)})) return within.failed();
  return {};
}

result_of<void> forget_answer(transaction& within, user_id caller, const std::string& body) {
  if (!within.run(delete_answer, {encode(caller.value), encode(body)})) return within.failed();
  return {};
}

}  // namespace dabba::postgres
