#include "persistence/postgres/connection.hpp"

#include <libpq-fe.h>
#include <poll.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <charconv>
#include <stdexcept>
#include <thread>

#include "protocols/model/limits.hpp"

namespace dabba::postgres {
namespace {

using namespace std::chrono_literals;
using steady = std::chrono::steady_clock;

constexpr auto pause_between_attempts = 50ms;
constexpr auto quick_attempt = 200ms;

// A statement waits less for a lock than a command waits for the store (limits::lock_patience), and a transaction whose
// client fell silent gives its locks back soon. The server looks after its clients too: it can't read their minds when
// a cable is cut.
constexpr std::string_view common_settings =
    "-c statement_timeout=5000 -c idle_in_transaction_session_timeout=5000"
    " -c client_connection_check_interval=1000 -c tcp_user_timeout=5000 -c tcp_keepalives_idle=5"
    " -c tcp_keepalives_interval=1 -c tcp_keepalives_count=3 -c timezone=UTC -c client_min_messages=warning";

bool wait_for(int socket, short events, deadline until) {
  for (;;) {
    auto left = std::chrono::ceil<std::chrono::milliseconds>(until - steady::now()).count();
    pollfd p{socket, events, 0};
    int ready = ::poll(&p, 1, static_cast<int>(std::clamp<decltype(left)>(left, 0, 60'000)));
    if (ready > 0) return true;
    if (ready < 0 && errno != EINTR) return false;
    if (steady::now() >= until) return false;
  }
}

std::string trimmed(std::string_view text) {
  while (!text.empty() && (text.back() == '\n' || text.back() == ' ')) text.remove_suffix(1);
  return std::string{text};
}

std::string_view diagnostic(const pg_result* r, int field) {
  const char* text = PQresultErrorField(r, field);
  return text != nullptr ? text : "";
}

bool is_error(const pg_result* r) {
  switch (PQresultStatus(r)) {
    case PGRES_BAD_RESPONSE:
    case PGRES_FATAL_ERROR: return true;
    default: return false;  // libpq's enum, not ours: it may grow
  }
}

/// The end of the connection, or an answer made by libpq because there was none from the server.
bool is_fatal(const pg_result* r) {
  auto severity = diagnostic(r, PG_DIAG_SEVERITY_NONLOCALIZED);
  return severity != "ERROR" || diagnostic(r, PG_DIAG_SQLSTATE).empty();
}

}  // namespace

bool db_error::is_about_data() const noexcept {
  return what == kind::refused &&
         (sqlstate.starts_with("22") || sqlstate.starts_with("23") || sqlstate.starts_with("54"));
}

// PostgreSQL's appendix A, by what a repetition can hope for. Resources (53) are freed and operators (57) let go; a
// lock is given back (55P03), an object released (55006); a server that only reads (25006) is a standby about to lead,
// or a leader that is being replaced. Everything else, also the server's own faults (58, XX: a broken page, say) and
// what no list knows, may well be about the one row: who takes it for a passing state makes others wait for nothing.
bool db_error::is_transient() const noexcept {
  if (what == kind::lost || is_conflict()) return true;
  return sqlstate.starts_with("53") || sqlstate.starts_with("57") || sqlstate == "55P03" || sqlstate == "55006" ||
         sqlstate == "25006";
}

// The rest of class 40 are a constraint's violation and what no statement of ours can meet.
bool db_error::is_conflict() const noexcept {
  return what == kind::refused && (sqlstate == "40001" || sqlstate == "40P01");
}

void rows::clearer::operator()(pg_result* r) const noexcept { PQclear(r); }
void connection::closer::operator()(pg_conn* c) const noexcept { PQfinish(c); }

rows::rows(pg_result* result) : result_(result) {}

std::size_t rows::size() const noexcept { return static_cast<std::size_t>(PQntuples(result_.get())); }

std::size_t rows::affected() const noexcept {
  std::string_view text = PQcmdTuples(result_.get());
  std::size_t n = 0;
  std::from_chars(text.data(), text.data() + text.size(), n);
  return n;
}

std::string_view rows::tag() const noexcept { return PQcmdStatus(result_.get()); }

bool rows::is_null(std::size_t row, int column) const noexcept {
  return PQgetisnull(result_.get(), static_cast<int>(row), column) != 0;
}

std::string_view rows::field(std::size_t row, int column, std::uint32_t oid, std::size_t size) const {
  auto line = static_cast<int>(row);
  if (PQftype(result_.get(), column) != oid || is_null(row, column))
    throw std::logic_error{"a result has another type than the code that reads it"};
  std::string_view bytes{
      PQgetvalue(result_.get(), line, column), static_cast<std::size_t>(PQgetlength(result_.get(), line, column))};
  if (size != 0 && bytes.size() != size) throw std::logic_error{"a result has another size than its type"};
  return bytes;
}

expected<connection> connection::open(const connect_options& options, deadline until) {
  auto lock_timeout = std::to_string(std::chrono::milliseconds{limits::lock_patience}.count());
  auto settings = std::string{common_settings} + " -c lock_timeout=" + lock_timeout + " " + options.settings;
  std::array keywords{
      "dbname",
      "application_name",
      "client_encoding",
      "options",
      "tcp_user_timeout",
      "keepalives_idle",
      "keepalives_interval",
      "keepalives_count",
      static_cast<const char*>(nullptr)};
  std::array values{
      options.url.c_str(),
      options.application_name.c_str(),
      "UTF8",
      settings.c_str(),
      "5000",
      "5",
      "1",
      "3",
      static_cast<const char*>(nullptr)};
  handle conn{PQconnectStartParams(keywords.data(), values.data(), 1)};
  if (!conn) return tl::unexpected{db_error{db_error::kind::lost, "", "out of memory"}};
  auto lost = [&conn](std::string_view why) {
    return tl::unexpected{db_error{db_error::kind::lost, "", trimmed(why.empty() ? PQerrorMessage(conn.get()) : why)}};
  };
  if (PQstatus(conn.get()) == CONNECTION_BAD) return lost("");
  for (auto step = PGRES_POLLING_WRITING; step != PGRES_POLLING_OK; step = PQconnectPoll(conn.get())) {
    if (step == PGRES_POLLING_FAILED) return lost("");
    short events = step == PGRES_POLLING_READING ? POLLIN : POLLOUT;
    if (!wait_for(PQsocket(conn.get()), events, until)) return lost("no connection to PostgreSQL in time");
  }
  if (PQsetnonblocking(conn.get(), 1) != 0) return lost("");
  // Details quote rows, and rows hold what people wrote: they don't belong into logs.
  PQsetErrorVerbosity(conn.get(), PQERRORS_TERSE);
  PQsetNoticeProcessor(
      conn.get(), [](void*, const char*) {}, nullptr);
  return connection{std::move(conn)};
}

bool connection::is_open() {
  // A server that ends a connection may say why before it closes: read on until there is nothing, or the end. While
  // nobody asks, a server says little: the bound is for one that would not stop.
  for (int i = 0; i < 8 && is_usable(); ++i) {
    pollfd p{PQsocket(conn_.get()), POLLIN, 0};
    if (::poll(&p, 1, 0) == 0) return true;
    if (PQconsumeInput(conn_.get()) == 0) (void)lose("");
  }
  return is_usable();
}

db_error connection::lose(std::string_view why) {
  db_error error{db_error::kind::lost, "", trimmed(why)};
  if (conn_ && error.message.empty()) error.message = trimmed(PQerrorMessage(conn_.get()));
  conn_.reset();
  prepared_.clear();
  return error;
}

/// Flushes and reads until the next result is there, or the time is up.
bool connection::await_result(deadline until) {
  auto* c = conn_.get();
  for (;;) {
    int unsent = PQflush(c);
    if (unsent < 0) return false;
    if (unsent == 0 && PQisBusy(c) == 0) return true;
    auto events = static_cast<short>(unsent > 0 ? POLLIN | POLLOUT : POLLIN);
    if (!wait_for(PQsocket(c), events, until)) return false;
    // While there is more to send, the server may already be answering: read, or both sides wait for ever.
    if (PQconsumeInput(c) == 0) return false;
  }
}

/// The next result, which must exist; refused and lost are told apart here.
expected<rows> connection::next(deadline until) {
  if (!await_result(until)) {
    bool late = steady::now() >= until;
    return tl::unexpected{lose(late ? "no answer from PostgreSQL in time" : "")};
  }
  rows result{PQgetResult(conn_.get())};
  const auto* raw = result.raw();
  if (raw == nullptr) return tl::unexpected{lose("")};
  if (!is_error(raw)) return result;
  if (is_fatal(raw)) return tl::unexpected{lose(PQresultErrorMessage(raw))};
  return tl::unexpected{db_error{
      db_error::kind::refused, std::string{diagnostic(raw, PG_DIAG_SQLSTATE)}, trimmed(PQresultErrorMessage(raw))}};
}

bool connection::send(const call& what) {
  std::vector<const char*> values;
  std::vector<int> lengths;
  std::vector<int> formats(what.values.size(), 1);
  values.reserve(what.values.size());
  lengths.reserve(what.values.size());
  for (const auto& v : what.values) {
    values.push_back(v.is_null ? nullptr : v.bytes.data());
    lengths.push_back(static_cast<int>(v.bytes.size()));
  }
  return PQsendQueryPrepared(conn_.get(), what.what->name, static_cast<int>(values.size()), values.data(),
                             lengths.data(), formats.data(), 1) == 1;
}

answers connection::run(std::span<const call> calls, deadline until) {
  auto failed = [this](std::string_view why) { return answers{{}, lose(why)}; };
  if (!is_usable()) return failed("the connection was lost before");
  if (PQenterPipelineMode(conn_.get()) != 1) return failed("");
  std::vector<bool> prepares;
  std::set<std::string_view> sent;
  for (const auto& c : calls) {
    prepares.push_back(!prepared_.contains(c.what->name) && sent.insert(c.what->name).second);
    if (prepares.back()) {
      std::vector<Oid> types;
      for (const auto& v : c.values) types.push_back(v.type);
      if (PQsendPrepare(conn_.get(), c.what->name, c.what->sql, static_cast<int>(types.size()), types.data()) != 1)
        return failed("");
    }
    if (!send(c)) return failed("");
  }
  if (PQpipelineSync(conn_.get()) != 1) return failed("");
  return collect(calls, prepares, until);
}

answers connection::collect(std::span<const call> calls, const std::vector<bool>& prepares, deadline until) {
  answers a;
  auto take = [&](bool keep) {
    auto result = next(until);
    if (!result) {
      // What follows an error is skipped by the server; the first one is the reason.
      if (!a.error || !is_usable()) a.error = std::move(result.error());
      if (!is_usable()) return false;
    } else if (keep && !a.error) {
      a.results.push_back(std::move(*result));
    }
    // Each answer in a pipeline is followed by a null.
    if (!await_result(until) || PQgetResult(conn_.get()) != nullptr) {
      a.error = lose("");
      return false;
    }
    return true;
  };
  for (std::size_t i = 0; i < calls.size(); ++i) {
    if (prepares[i]) {
      if (!take(false)) return a;
      if (!a.error) prepared_.insert(calls[i].what->name);
    }
    if (!take(true)) return a;
  }
  auto sync = next(until);
  if (!sync || PQexitPipelineMode(conn_.get()) != 1) a.error = sync ? lose("") : std::move(sync.error());
  return a;
}

expected<rows> connection::run(const call& one, deadline until) {
  auto a = run(std::span{&one, 1}, until);
  if (a.error) return tl::unexpected{std::move(*a.error)};
  return std::move(a.results.front());
}

void connection::roll_back(deadline until) {
  if (is_usable() && !run(call{&rollback_statement, {}}, until)) close();
}

expected<void> connection::execute(const std::string& script, deadline until) {
  if (!is_usable()) return tl::unexpected{lose("the connection was lost before")};
  if (PQsendQuery(conn_.get(), script.c_str()) != 1) return tl::unexpected{lose("")};
  std::optional<db_error> first;
  for (;;) {
    if (!await_result(until)) return tl::unexpected{lose("no answer from PostgreSQL in time")};
    rows result{PQgetResult(conn_.get())};
    if (result.raw() == nullptr) break;
    if (!is_error(result.raw()) || first) continue;
    if (is_fatal(result.raw())) return tl::unexpected{lose(PQresultErrorMessage(result.raw()))};
    first = db_error{db_error::kind::refused, std::string{diagnostic(result.raw(), PG_DIAG_SQLSTATE)},
                     trimmed(PQresultErrorMessage(result.raw()))};
  }
  if (first) return tl::unexpected{std::move(*first)};
  return {};
}

bool session::pause(deadline until) {
  auto now = steady::now();
  if (now >= until) return false;
  std::this_thread::sleep_for(std::min<steady::duration>(pause_between_attempts, until - now));
  return true;
}

expected<connection*> session::ready(deadline until) {
  if (conn_ && conn_->is_open()) return &*conn_;
  for (;;) {
    // The pauses are between the attempts of all calls. Many may come out of time at once: they hear what became of the
    // latest attempt, and don't each make one of their own.
    if (failed_) {
      auto next = std::max(failed_->at + pause_between_attempts, steady::now());
      if (next > until) return tl::unexpected{failed_->why};
      std::this_thread::sleep_until(next);
    }
    auto opened = connection::open(options_, failed_ ? until : std::max(until, steady::now() + quick_attempt));
    if (opened) {
      failed_.reset();
      return &conn_.emplace(std::move(*opened));
    }
    if (!failed_ || failed_->why.message != opened.error().message)
      report("PostgreSQL can't be reached: " + opened.error().message);
    failed_ = failure{steady::now(), std::move(opened.error())};
  }
}

expected<rows> session::read(const call& one, deadline to_wait, deadline to_run) {
  for (;;) {
    auto conn = ready(to_wait);
    if (!conn) return tl::unexpected{std::move(conn.error())};
    auto result = (*conn)->run(one, to_run);
    if (result) return result;
    report("PostgreSQL did not answer " + std::string{one.what->name} + ": " + result.error().message);
    if (result.error().what == db_error::kind::refused || !pause(to_wait)) return result;
  }
}

}  // namespace dabba::postgres
