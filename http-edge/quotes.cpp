#include "http-edge/quotes.hpp"

#include "http-edge/commands.hpp"

namespace dabba::http {
namespace {

problem refusal_by(const not_sold& x) {
  std::string detail;
  if (x.opens_at) detail = std::string{detail_of(x.why)} + ": it opens at " + time_text(*x.opens_at);
  auto made = to_problem(x.why, std::move(detail));
  made.opens_at = x.opens_at;
  if (!x.line) return made;
  auto pointer = "/items/" + std::to_string(*x.line);
  if (x.why == errc::invalid_choices) pointer += "/choices";
  made.fields.push_back({std::move(pointer), name(x.why), std::string{detail_of(x.why)}});
  return made;
}

}  // namespace

asio::awaitable<answer_or_problem<quote>> quote_of(core& shared, restaurant_id from, price_lines wanted) {
  routed question = std::move(wanted);
  auto answer = co_await shared.actors.ask(ref(from), std::move(question));
  if (!answer) co_return refused(answer.error());
  if (const auto* refusal = std::get_if<not_sold>(&*answer)) co_return tl::unexpected{refusal_by(*refusal)};
  if (auto* offered = std::get_if<quote>(&*answer)) co_return std::move(*offered);
  co_return refused(errc::internal);
}

}  // namespace dabba::http
