#include "http-edge/program/payments.hpp"

#include <algorithm>
#include <fstream>
#include <sstream>

namespace dabba::program {
namespace {

using outbound::secret_text;
template <class T>
using expected = tl::expected<T, std::string>;

constexpr std::size_t most_secrets = 8;
constexpr std::size_t secret_chars = 256;

bool is_loopback_host(std::string_view host) {
  // A name that begins with 127. may be anybody's.
  bool is_number = host.starts_with("127.") && host.find_first_not_of("0123456789.") == std::string_view::npos;
  return host == "localhost" || host == "[::1]" || is_number;
}

/// Its host is loopback, or it is https: the key goes with every request.
expected<std::string> check_url(std::string url) {
  while (url.ends_with('/')) url.pop_back();
  auto refuse = [&](const std::string& why) { return tl::unexpected{"--payments-url " + url + " " + why}; };
  bool is_https = url.starts_with("https://"), is_http = url.starts_with("http://");
  if (!is_https && !is_http) return refuse("begins with neither https:// nor http://");
  auto rest = std::string_view{url}.substr(is_https ? 8 : 7);
  auto authority = rest.substr(0, rest.find('/'));
  if (authority.empty() || rest.find_first_of(" ?#@\r\n") != std::string_view::npos)
    return refuse("is no address of a gateway: https://HOST[:PORT][/PATH]");
  auto host = authority.starts_with('[') ? authority.substr(0, authority.find(']') + 1)
                                         : authority.substr(0, authority.find(':'));
  if (is_http && !is_loopback_host(host)) return refuse("would send the key in the clear: https:// is needed");
  return url;
}

bool is_blank(char c) { return c == ' ' || c == '\t' || c == '\r' || c == '\n' || c == ','; }

/// What stands between blanks, ends of lines and commas.
std::vector<std::string> words_of(const std::string& text) {
  std::vector<std::string> out;
  auto at = text.begin();
  while (true) {
    auto begin = std::find_if_not(at, text.end(), is_blank);
    if (begin == text.end()) return out;
    at = std::find_if(begin, text.end(), is_blank);
    out.emplace_back(begin, at);
  }
}

/// The words of a file, or without one of a variable.
expected<std::vector<secret_text>> read_secrets(const std::string& file, const char* variable, const std::string& flag,
                                                const std::function<const char*(const char*)>& lookup) {
  std::ostringstream text;
  if (!file.empty()) {
    std::ifstream in{file};
    if (!(in && (text << in.rdbuf()))) return tl::unexpected{flag + " " + file + " can't be read, or is empty"};
  } else if (const char* value = lookup(variable)) {
    text << value;
  } else {
    return tl::unexpected{"--payments-url needs " + flag + " or the variable " + variable};
  }
  auto where = file.empty() ? std::string{variable} : file;
  auto words = words_of(text.str());
  auto is_odd = [](const std::string& word) {
    return word.size() > secret_chars ||
           std::any_of(word.begin(), word.end(), [](char c) { return c <= ' ' || c > '~'; });
  };
  if (words.empty()) return tl::unexpected{where + " holds nothing"};
  if (words.size() > most_secrets || std::any_of(words.begin(), words.end(), is_odd))
    return tl::unexpected{where + " holds something else than keys"};
  std::vector<secret_text> out;
  for (auto& word : words) out.emplace_back(std::move(word));
  return out;
}

}  // namespace

expected<std::optional<payment_settings>> load_payments(const payment_options& options,
                                                        const std::function<const char*(const char*)>& lookup) {
  if (options.url.empty()) return std::nullopt;
  auto url = check_url(options.url);
  if (!url) return tl::unexpected{url.error()};
  auto keys = read_secrets(options.key_file, payments_key_variable, "--payments-key-file", lookup);
  if (!keys) return tl::unexpected{keys.error()};
  if (keys->size() != 1) return tl::unexpected{std::string{"the payment gateway has one secret key, not several"}};
  auto secrets = read_secrets(
      options.webhook_secrets_file, payments_webhook_secrets_variable, "--payments-webhook-secrets-file", lookup);
  if (!secrets) return tl::unexpected{secrets.error()};
  payment_settings out;
  out.gateway.base_url = std::move(*url);
  out.gateway.secret_key = std::move(keys->front());
  out.gateway.attempt_timeout = options.timeout;
  out.webhook_secrets = std::move(*secrets);
  return out;
}

}  // namespace dabba::program
