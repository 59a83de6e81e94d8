#include "bench/sandbox-gateway/parameters.hpp"

#include <algorithm>
#include <charconv>

#include "bench/sandbox-gateway/api_error.hpp"
#include "bench/sandbox-gateway/limits.hpp"

namespace dabba::sandbox {

using nlohmann::json;

std::int64_t integer_of(const std::string& text, const std::string& name) {
  std::int64_t value = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), value);
  if (error != std::errc{} || end != text.data() + text.size())
    throw invalid_request("Invalid integer: " + text, "parameter_invalid_integer", name);
  return value;
}

const json* parameters::find(const std::string& name) {
  read_.insert(name);
  const auto it = form_.find(name);
  return it == form_.end() ? nullptr : &*it;
}

std::optional<std::string> parameters::text(const std::string& name) {
  const auto* value = find(name);
  if (!value) return std::nullopt;
  if (!value->is_string()) throw invalid_request("Invalid string: {}", {}, name);
  auto text = value->get<std::string>();
  if (text.size() > limits::text_chars)
    throw invalid_request("Invalid string: it is too long.", "parameter_invalid_string_too_long", name);
  if (text.empty()) return std::nullopt;
  return text;
}

bool parameters::is_text(const std::string& name) const {
  const auto it = form_.find(name);
  return it != form_.end() && it->is_string() && *it != "";
}

std::optional<std::int64_t> parameters::integer(const std::string& name) {
  const auto value = text(name);
  if (!value) return std::nullopt;
  return integer_of(*value, name);
}

std::optional<bool> parameters::truth(const std::string& name) {
  const auto value = text(name);
  if (!value) return std::nullopt;
  if (*value == "true") return true;
  if (*value == "false") return false;
  throw invalid_request("Invalid boolean: " + *value, {}, name);
}

std::optional<std::string> parameters::choice(const std::string& name, const std::vector<std::string>& allowed) {
  auto value = text(name);
  if (!value || std::find(allowed.begin(), allowed.end(), *value) != allowed.end()) return value;
  std::string names;
  for (const auto& each : allowed) names += (names.empty() ? "" : ", ") + each;
  throw invalid_request("Invalid " + name + ": must be one of " + names, {}, name);
}

std::vector<std::string> parameters::list(const std::string& name) {
  std::vector<std::string> out;
  const auto* value = find(name);
  if (!value) return out;
  if (!value->is_object()) throw invalid_request("Invalid array", {}, name);
  for (const auto& each : *value) {
    if (!each.is_string()) throw invalid_request("Invalid array", {}, name);
    out.push_back(each.get<std::string>());
  }
  return out;
}

metadata_map parameters::metadata() {
  metadata_map out;
  const auto* value = find("metadata");
  if (!value || *value == "") return out;
  if (!value->is_object()) throw invalid_request("Invalid object", {}, "metadata");
  if (value->size() > limits::metadata_keys)
    throw invalid_request("Metadata can have at most 50 keys.", {}, "metadata");
  for (const auto& [key, text] : value->items()) {
    if (!text.is_string()) throw invalid_request("Metadata values must be strings.", {}, "metadata[" + key + "]");
    if (key.size() > limits::metadata_key_chars)
      throw invalid_request("Metadata keys can have at most 40 characters.", {}, "metadata");
    if (text.get_ref<const std::string&>().size() > limits::metadata_value_chars)
      throw invalid_request("Metadata values can have up to 500 characters.", {}, "metadata[" + key + "]");
    out.emplace(key, text.get<std::string>());
  }
  return out;
}

json parameters::object(const std::string& name) {
  const auto* value = find(name);
  if (!value) return json::object();
  if (!value->is_object()) throw invalid_request("Invalid object", {}, name);
  return *value;
}

std::int64_t parameters::required_integer(const std::string& name) { return integer_of(required_text(name), name); }

std::string parameters::required_text(const std::string& name) {
  auto value = text(name);
  if (!value) throw invalid_request("Missing required param: " + name + ".", "parameter_missing", name);
  return std::move(*value);
}

void parameters::pass_over(const std::vector<std::string>& names) { read_.insert(names.begin(), names.end()); }

void parameters::refuse_others() const {
  for (const auto& [name, value] : form_.items())
    if (!read_.contains(name)) throw invalid_request("Received unknown parameter: " + name, "parameter_unknown", name);
}

}  // namespace dabba::sandbox
