/// The parameters of a URL's query.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace dabba::http {

class query_string {
 public:
  /// Names and values are percent-decoded; what is malformed stays as it is and fits nothing.
  explicit query_string(std::string_view text);

  [[nodiscard]] std::optional<std::string> text(std::string_view key) const;
  /// The whole number `key`, `otherwise` when there is none, nothing when it is no number from `least` to `most`.
  [[nodiscard]] std::optional<std::uint64_t> number(std::string_view key, std::uint64_t least, std::uint64_t most,
                                                    std::uint64_t otherwise) const;

 private:
  std::vector<std::pair<std::string, std::string>> pairs_;
};

}  // namespace dabba::http
