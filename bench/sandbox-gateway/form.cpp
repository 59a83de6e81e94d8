#include "bench/sandbox-gateway/form.hpp"

#include <vector>

#include "bench/sandbox-gateway/api_error.hpp"
#include "bench/sandbox-gateway/limits.hpp"

namespace dabba::sandbox {

namespace {

using nlohmann::json;

int digit_of(char c) {
  if (c >= '0' && c <= '9') return c - '0';
  if (c >= 'a' && c <= 'f') return c - 'a' + 10;
  if (c >= 'A' && c <= 'F') return c - 'A' + 10;
  return -1;
}

/// `a[b][c]` as a, b, c.
std::vector<std::string> path_of(const std::string& key) {
  auto opening = key.find('[');
  std::vector<std::string> path{key.substr(0, opening)};
  if (path.front().empty()) throw invalid_request("Invalid request: a parameter has no name.");
  while (opening != std::string::npos) {
    const auto closing = key.find(']', opening);
    if (closing == std::string::npos) throw invalid_request("Invalid request: unbalanced brackets.", {}, key);
    path.push_back(key.substr(opening + 1, closing - opening - 1));
    if (path.size() > limits::form_depth) throw invalid_request("Invalid request: nested too deeply.", {}, key);
    if (closing + 1 == key.size()) break;
    if (key[closing + 1] != '[') throw invalid_request("Invalid request: unbalanced brackets.", {}, key);
    opening = closing + 1;
  }
  return path;
}

void put(json& into, const std::string& key, std::string value) {
  json* place = &into;
  for (const auto& step : path_of(key)) {
    if (place->is_null()) *place = json::object();
    if (!place->is_object()) throw invalid_request("Invalid request: a parameter is text and more.", {}, key);
    // `a[]` stands for the next place of a list.
    place = &(*place)[step.empty() ? std::to_string(place->size()) : step];
  }
  if (place->is_object()) throw invalid_request("Invalid request: a parameter is text and more.", {}, key);
  *place = std::move(value);
}

}  // namespace

std::string decode_component(std::string_view text) {
  std::string out;
  for (std::size_t i = 0; i < text.size(); ++i) {
    if (text[i] == '+') {
      out += ' ';
    } else if (text[i] == '%') {
      const int high = i + 1 < text.size() ? digit_of(text[i + 1]) : -1;
      const int low = i + 2 < text.size() ? digit_of(text[i + 2]) : -1;
      if (high < 0 || low < 0) throw invalid_request("Invalid request: a broken escape.");
      out += static_cast<char>(high * 16 + low);
      i += 2;
    } else {
      out += text[i];
    }
  }
  return out;
}

json parse_form(std::string_view text) {
  json form = json::object();
  std::size_t pairs = 0;
  while (!text.empty()) {
    const auto end = std::min(text.find('&'), text.size());
    const auto pair = text.substr(0, end);
    text.remove_prefix(std::min(end + 1, text.size()));
    if (pair.empty()) continue;
    if (++pairs > limits::form_pairs) throw invalid_request("Invalid request: too many parameters.");
    const auto equals = std::min(pair.find('='), pair.size());
    put(form, decode_component(pair.substr(0, equals)),
        decode_component(pair.substr(std::min(equals + 1, pair.size()))));
  }
  return form;
}

}  // namespace dabba::sandbox
