#include "protocols/model/account.hpp"

#include <algorithm>

#include "protocols/model/limits.hpp"

namespace dabba {
namespace {

constexpr std::size_t local_chars = 64;  // RFC 5321, section 4.5.3.1

bool is_visible(char c) { return c > 0x20 && c < 0x7f; }
bool is_letter_or_digit(char c) { return (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9'); }

bool is_label(std::string_view text) {
  return !text.empty() && text.front() != '-' && text.back() != '-' &&
         std::ranges::all_of(text, [](char c) { return is_letter_or_digit(c) || c == '-'; });
}

bool is_domain(std::string_view text) {
  int labels = 0;
  while (true) {
    auto dot = text.find('.');
    if (!is_label(text.substr(0, dot))) return false;
    ++labels;
    if (dot == std::string_view::npos) return labels > 1;
    text.remove_prefix(dot + 1);
  }
}

bool is_local(std::string_view text) {
  return !text.empty() && text.size() <= local_chars && text.front() != '.' && text.back() != '.' &&
         text.find_first_of("@,;:<>()[]\\\"") == std::string_view::npos && text.find("..") == std::string_view::npos;
}

}  // namespace

std::optional<std::string> normalised_email(std::string_view text) {
  constexpr std::string_view white = " \t\r\n";
  auto first = text.find_first_not_of(white);
  if (first == std::string_view::npos) return std::nullopt;
  text = text.substr(first, text.find_last_not_of(white) - first + 1);
  if (text.size() > limits::email_chars || !std::ranges::all_of(text, is_visible)) return std::nullopt;
  std::string out{text};
  std::ranges::transform(
      out, out.begin(), [](char c) { return c >= 'A' && c <= 'Z' ? static_cast<char>(c | 0x20) : c; });
  auto at = out.rfind('@');
  if (at == std::string::npos || !is_local(std::string_view{out}.substr(0, at)) ||
      !is_domain(std::string_view{out}.substr(at + 1)))
    return std::nullopt;
  return out;
}

}  // namespace dabba
