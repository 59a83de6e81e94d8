/// A key or a password: no log line, no message and no comparison takes it by accident.
#pragma once

#include <string>
#include <utility>

namespace dabba::outbound {

class secret_text {
 public:
  secret_text() = default;
  explicit secret_text(std::string text) : text_{std::move(text)} {}

  [[nodiscard]] bool is_empty() const noexcept { return text_.empty(); }
  /// For the one place that has to have it.
  [[nodiscard]] const std::string& reveal() const noexcept { return text_; }

 private:
  std::string text_;
};

}  // namespace dabba::outbound
