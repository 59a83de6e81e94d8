/// What a benchmark says at its end: a table for people, then one line of JSON for programs.
#pragma once

#include <optional>
#include <string>
#include <vector>

namespace dabba::bench {

struct spread {
  double median = 0;
  double low = 0;
  double high = 0;
};
/// Of at least one value.
spread spread_of(std::vector<double> values);

struct target {
  double value = 0;
  bool at_least = true;  ///< else: at most
};

class report {
 public:
  report(std::string benchmark, std::string title) : benchmark_{std::move(benchmark)}, title_{std::move(title)} {}

  /// A figure with one value for each round.
  void add(std::string name, std::string unit, const std::vector<double>& values, std::optional<target> goal = {});
  /// Shown below the table.
  void note(std::string text) { notes_.push_back(std::move(text)); }

  /// To stdout. The JSON is the last line.
  void print() const;

 private:
  struct row {
    std::string name;
    std::string unit;
    spread figure;
    std::size_t rounds = 0;
    std::optional<target> goal;

    [[nodiscard]] bool is_met() const;
  };

  [[nodiscard]] std::string json() const;

  std::string benchmark_;
  std::string title_;
  std::vector<row> rows_;
  std::vector<std::string> notes_;
};

}  // namespace dabba::bench
