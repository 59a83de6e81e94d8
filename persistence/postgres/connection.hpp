/// A thin layer over libpq: a connection whose every wait is bounded, prepared statements in pipeline mode, errors as
/// values.
#pragma once

#include <chrono>
#include <functional>
#include <initializer_list>
#include <memory>
#include <optional>
#include <set>
#include <span>
#include <string>
#include <string_view>
#include <tl/expected.hpp>
#include <vector>

#include "persistence/postgres/wire.hpp"

struct pg_conn;  // libpq's own names, so that its header stays out of ours
struct pg_result;

namespace dabba::postgres {

using deadline = std::chrono::steady_clock::time_point;

/// Why something was not done. `lost`: there is no connection (any more); whether the last statement took effect is not
/// known. `refused`: the server answered no, and the connection goes on.
struct db_error {
  enum class kind : std::uint8_t { lost, refused };
  kind what = kind::lost;
  std::string sqlstate;  ///< of a refusal: five characters (PostgreSQL's appendix A)
  std::string message;

  /// The row itself was refused: a constraint (class 23), a value (22) or a size (54). Repeating it can't help.
  [[nodiscard]] bool is_about_data() const noexcept;
  /// It lies in the state of the server or in what others do at the moment, and not in what was asked: the same again
  /// may succeed.
  [[nodiscard]] bool is_transient() const noexcept;
  /// Of the transient ones: the transaction lost against another's, and the server is as well as ever (class 40).
  [[nodiscard]] bool is_conflict() const noexcept;
};

template <class T>
using expected = tl::expected<T, db_error>;

/// A statement with a name of its own, prepared once per connection when it is first used. Made as a constant.
struct statement {
  const char* name;
  const char* sql;
};

inline constexpr statement begin_statement{"begin", "begin"};
inline constexpr statement commit_statement{"commit", "commit"};
inline constexpr statement rollback_statement{"rollback", "rollback"};

/// A statement and its parameters.
struct call {
  const statement* what = nullptr;
  std::vector<parameter> values;
};

/// The rows of one result, in binary.
class rows {
 public:
  explicit rows(pg_result* result);

  [[nodiscard]] std::size_t size() const noexcept;
  /// How many rows the statement inserted, updated or deleted.
  [[nodiscard]] std::size_t affected() const noexcept;
  /// "COMMIT", "INSERT 0 1", ...
  [[nodiscard]] std::string_view tag() const noexcept;
  [[nodiscard]] const pg_result* raw() const noexcept { return result_.get(); }

  /// A field that is not null. Another type than the statement's is a bug: std::logic_error.
  template <class T>
  [[nodiscard]] auto get(std::size_t row, int column) const {
    return wire<T>::get(field(row, column, wire<T>::oid, wire<T>::size));
  }
  template <class T>
  [[nodiscard]] std::optional<T> maybe(std::size_t row, int column) const {
    if (is_null(row, column)) return std::nullopt;
    return get<T>(row, column);
  }

 private:
  [[nodiscard]] bool is_null(std::size_t row, int column) const noexcept;
  [[nodiscard]] std::string_view field(std::size_t row, int column, std::uint32_t oid, std::size_t size) const;

  struct clearer {
    void operator()(pg_result* r) const noexcept;
  };
  std::unique_ptr<pg_result, clearer> result_;
};

/// What became of a pipeline: the results before the first error, and that error.
struct answers {
  std::vector<rows> results;
  std::optional<db_error> error;
};

struct connect_options {
  std::string url;  ///< postgresql://... or "host=... dbname=..."
  std::string application_name = "dabba";
  /// Settings of the session beside those every connection has: "-c name=value -c ...".
  std::string settings;
};

/// One connection. Used by one thread. When it is lost it stays lost: open another.
class connection {
 public:
  static expected<connection> open(const connect_options& options, deadline until);

  [[nodiscard]] bool is_usable() const noexcept { return conn_ != nullptr; }
  void close() noexcept { conn_.reset(); }
  /// False once the other side has closed the connection. Does not wait: it looks at the socket.
  bool is_open();

  /// Sends all calls at once and waits for their answers. A call that fails keeps those after it from being run.
  /// Outside a transaction they are one transaction of their own.
  answers run(std::span<const call> calls, deadline until);
  expected<rows> run(const call& one, deadline until);

  /// Ends a transaction without effect. When that fails the connection is closed, which does the same.
  void roll_back(deadline until);

  /// Runs a script of several statements, as one transaction unless it says otherwise.
  expected<void> execute(const std::string& script, deadline until);

 private:
  struct closer {
    void operator()(pg_conn* c) const noexcept;
  };
  using handle = std::unique_ptr<pg_conn, closer>;

  explicit connection(handle conn) : conn_(std::move(conn)) {}
  bool send(const call& what);
  answers collect(std::span<const call> calls, const std::vector<bool>& prepares, deadline until);
  expected<rows> next(deadline until);
  bool await_result(deadline until);
  db_error lose(std::string_view why);

  handle conn_;
  std::set<std::string_view> prepared_;  ///< names
};

/// A connection that is opened when it is needed, and again when it was lost.
class session {
 public:
  using reporter = std::function<void(const std::string&)>;

  /// `report` is told of lost connections, refused statements and the like; it may be empty.
  session(connect_options options, reporter report) : options_(std::move(options)), report_(std::move(report)) {}

  /// The connection, opened if need be, with short pauses between attempts. One that was seen to end while it was idle
  /// is not handed out. When `until` is past already: one attempt that must succeed quickly, or, while the server is
  /// known not to answer, none.
  expected<connection*> ready(deadline until);

  /// For reads, which may be repeated: runs the call, again on a new connection when it was lost. Waits for one until
  /// `to_wait`; on one that works the call may take until `to_run`.
  expected<rows> read(const call& one, deadline to_wait, deadline to_run);

  void close() noexcept { conn_.reset(); }
  void report(const std::string& what) const {
    if (report_) report_(what);
  }
  /// Waits a little before the next attempt; false when the time is up.
  static bool pause(deadline until);

 private:
  struct failure {
    deadline at;
    db_error why;
  };

  connect_options options_;
  reporter report_;
  std::optional<connection> conn_;
  std::optional<failure> failed_;  ///< the latest attempt to connect, if it did
};

}  // namespace dabba::postgres
