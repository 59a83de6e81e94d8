#include "persistence/postgres/transaction.hpp"

namespace dabba::postgres {

std::optional<rows> transaction::run(const statement& what, std::vector<parameter> values) {
  if (error_) return std::nullopt;
  last_ = &what;
  auto result = on_.run(call{&what, std::move(values)}, until_);
  if (result) return std::move(*result);
  error_ = std::move(result.error());
  return std::nullopt;
}

tl::unexpected<errc> transaction::failed() const {
  if (meaning_) return tl::unexpected<errc>{*meaning_};
  if (!error_ || error_->is_transient()) return tl::unexpected<errc>{errc::unavailable};
  return tl::unexpected<errc>{error_->is_about_data() ? errc::invalid_argument : errc::internal};
}

tl::unexpected<errc> transaction::failed_as(errc meaning) {
  meaning_ = meaning;
  return failed();
}

std::string transaction::trouble() const {
  if (!error_ || !last_ || meaning_) return {};
  auto why = error_->what == db_error::kind::lost ? "the connection was lost" : "error " + error_->sqlstate;
  return "PostgreSQL did not do " + std::string{last_->name} + ": " + why;
}

}  // namespace dabba::postgres
