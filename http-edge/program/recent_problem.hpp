/// For /readyz.
#pragma once

#include <chrono>
#include <optional>
#include <string>

#include "persistence/postgres/cluster.hpp"

namespace dabba::program {

/// What the database says of itself, at most so old: whoever asks /readyz without end asks nothing of it.
class recent_problem {
 public:
  explicit recent_problem(postgres::cluster& tables) : tables_{tables} {}

  /// Blocks. One thread at a time.
  std::optional<std::string> now() {
    auto time = std::chrono::steady_clock::now();
    if (asked_at_ && time - *asked_at_ < fresh_for) return problem_;
    problem_ = tables_.problem();
    asked_at_ = std::chrono::steady_clock::now();
    return problem_;
  }

 private:
  static constexpr auto fresh_for = std::chrono::milliseconds{250};

  postgres::cluster& tables_;
  std::optional<std::chrono::steady_clock::time_point> asked_at_;
  std::optional<std::string> problem_;
};

}  // namespace dabba::program
