/// Reads the parameters of one request and refuses, in Stripe's words, what is missing, unknown or of another kind.
#pragma once

#include <cstdint>
#include <map>
#include <optional>
#include <set>
#include <string>
#include <vector>

#include <nlohmann/json.hpp>

namespace dabba::sandbox {

using metadata_map = std::map<std::string, std::string>;

/// Each parameter is read once; `refuse_others` then finds what nobody asked for. All of them throw api_error.
class parameters {
 public:
  explicit parameters(nlohmann::json form) : form_(std::move(form)) {}

  /// Empty text counts as absent.
  std::optional<std::string> text(const std::string& name);
  /// It is there, and is no object.
  [[nodiscard]] bool is_text(const std::string& name) const;
  std::optional<std::int64_t> integer(const std::string& name);
  std::optional<bool> truth(const std::string& name);
  /// One of `allowed`.
  std::optional<std::string> choice(const std::string& name, const std::vector<std::string>& allowed);
  std::vector<std::string> list(const std::string& name);
  /// What is given; an empty value stands for one to be taken away.
  metadata_map metadata();
  /// What is inside `name[..]`; an empty object when nothing is.
  nlohmann::json object(const std::string& name);
  std::int64_t required_integer(const std::string& name);
  std::string required_text(const std::string& name);
  /// Taken and not looked at: what has no meaning in a sandbox.
  void pass_over(const std::vector<std::string>& names);
  void refuse_others() const;

 private:
  const nlohmann::json* find(const std::string& name);

  nlohmann::json form_;
  std::set<std::string> read_;
};

/// A whole number, or a refusal that names the parameter.
std::int64_t integer_of(const std::string& text, const std::string& name);

}  // namespace dabba::sandbox
