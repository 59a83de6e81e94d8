/// Statements that take effect together, sent one after the other where what one finds decides about the next.
#pragma once

#include "persistence/postgres/connection.hpp"
#include "persistence/store.hpp"
#include "protocols/model/limits.hpp"

namespace dabba::postgres {

class transaction {
 public:
  transaction(connection& on, deadline until) : on_{on}, until_{until} {}

  /// Nothing when it failed: then the transaction is over, and `failed` is what to answer.
  std::optional<rows> run(const statement& what, std::vector<parameter> values = {});
  [[nodiscard]] tl::unexpected<errc> failed() const;
  /// Says what the error means to whoever asked; that is what `failed` gives from then on.
  tl::unexpected<errc> failed_as(errc meaning);
  [[nodiscard]] const std::optional<db_error>& error() const noexcept { return error_; }
  /// Of a statement that failed: nothing was written, and the same again may go better at once.
  [[nodiscard]] bool may_be_repeated() const noexcept {
    return error_ && (error_->what == db_error::kind::lost || error_->is_conflict());
  }
  void roll_back() { on_.roll_back(until_); }
  /// What went wrong, for the log, unless it is known what it means: without the server's words, which may hold what is
  /// in a row.
  [[nodiscard]] std::string trouble() const;

 private:
  connection& on_;
  deadline until_;
  const statement* last_ = nullptr;
  std::optional<db_error> error_;
  std::optional<errc> meaning_;
};

/// Runs `work(transaction&)`, which gives a result_of<T>, and commits if that is a value. Waits for a connection until
/// limits::store_patience after `asked_at`. `outcome_unknown` when the connection broke at the commit.
template <class F>
auto in_transaction(session& on, deadline asked_at, F work) -> std::invoke_result_t<F, transaction&> {
  auto to_wait = asked_at + limits::store_patience;
  while (true) {
    auto conn = on.ready(to_wait);
    if (!conn) return tl::unexpected{errc::unavailable};
    transaction now{**conn, std::chrono::steady_clock::now() + limits::store_patience};
    std::invoke_result_t<F, transaction&> result = tl::unexpected{errc::unavailable};
    if (now.run(begin_statement)) result = work(now);
    bool is_done = result.has_value() && !now.error();
    if (is_done && now.run(commit_statement)) return result;
    if (auto trouble = now.trouble(); !trouble.empty()) on.report(trouble);
    if (is_done && now.error()->what == db_error::kind::lost) return tl::unexpected{errc::outcome_unknown};
    now.roll_back();
    if (!now.error()) return result;  // what was found forbids it
    if (!now.may_be_repeated() || !session::pause(to_wait)) return now.failed();
  }
}

}  // namespace dabba::postgres
