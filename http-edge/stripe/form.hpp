/// Parameters as Stripe takes them: application/x-www-form-urlencoded, with brackets in the names.
#pragma once

#include <string>
#include <string_view>

namespace dabba::stripe {

/// For a form, a query or one segment of a path.
inline std::string escaped(std::string_view plain) {
  constexpr std::string_view digits = "0123456789ABCDEF";
  constexpr std::string_view stays = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_.~";
  std::string out;
  for (char c : plain) {
    if (stays.find(c) != std::string_view::npos) {
      out += c;
      continue;
    }
    auto byte = static_cast<unsigned char>(c);
    out += '%';
    out += digits[byte >> 4];
    out += digits[byte & 15];
  }
  return out;
}

class form {
 public:
  form& add(std::string_view name, std::string_view value) {
    if (!text_.empty()) text_ += '&';
    text_ += escaped(name) + '=' + escaped(value);
    return *this;
  }
  [[nodiscard]] const std::string& text() const noexcept { return text_; }

 private:
  std::string text_;
};

}  // namespace dabba::stripe
