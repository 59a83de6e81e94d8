#include "http-edge/query.hpp"

#include <charconv>

namespace dabba::http {
namespace {

std::string decoded(std::string_view text) {
  std::string out;
  for (std::size_t i = 0; i < text.size(); ++i) {
    unsigned byte = 0;
    if (text[i] == '%' && i + 2 < text.size() &&
        std::from_chars(text.data() + i + 1, text.data() + i + 3, byte, 16).ptr == text.data() + i + 3) {
      out += static_cast<char>(byte);
      i += 2;
    } else {
      out += text[i] == '+' ? ' ' : text[i];
    }
  }
  return out;
}

}  // namespace

query_string::query_string(std::string_view text) {
  while (!text.empty()) {
    auto pair = text.substr(0, text.find('&'));
    text.remove_prefix(std::min(text.size(), pair.size() + 1));
    auto equals = pair.find('=');
    auto value = equals == std::string_view::npos ? std::string_view{} : pair.substr(equals + 1);
    if (!pair.empty()) pairs_.emplace_back(decoded(pair.substr(0, equals)), decoded(value));
  }
}

std::optional<std::string> query_string::text(std::string_view key) const {
  for (const auto& [name, value] : pairs_)
    if (name == key) return value;
  return std::nullopt;
}

std::optional<std::uint64_t> query_string::number(std::string_view key, std::uint64_t least, std::uint64_t most,
                                                  std::uint64_t otherwise) const {
  auto found = text(key);
  if (!found) return otherwise;
  std::uint64_t value = 0;
  auto [end, error] = std::from_chars(found->data(), found->data() + found->size(), value);
  if (error != std::errc{} || end != found->data() + found->size() || value < least || value > most)
    return std::nullopt;
  return value;
}

}  // namespace dabba::http
