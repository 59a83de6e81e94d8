#include "bench/sandbox-gateway/api.hpp"

#include <openssl/crypto.h>
#include <openssl/evp.h>

#include <fmt/format.h>

#include <algorithm>

#include "bench/sandbox-gateway/api_error.hpp"
#include "bench/sandbox-gateway/chance.hpp"
#include "bench/sandbox-gateway/form.hpp"
#include "bench/sandbox-gateway/limits.hpp"
#include "bench/sandbox-gateway/signature.hpp"

namespace dabba::sandbox {

namespace {

using nlohmann::json;

bool is_same(const std::string& a, const std::string& b) {
  return a.size() == b.size() && CRYPTO_memcmp(a.data(), b.data(), a.size()) == 0;
}

/// The user's name of HTTP's basic authentication, which Stripe takes as a key.
std::string basic_user(const std::string& encoded) {
  std::string bytes(encoded.size(), '\0');
  if (encoded.empty() || encoded.size() % 4 != 0) return {};
  const int length =
      EVP_DecodeBlock(reinterpret_cast<unsigned char*>(bytes.data()),
                      reinterpret_cast<const unsigned char*>(encoded.data()), static_cast<int>(encoded.size()));
  if (length < 0) return {};
  bytes.resize(static_cast<std::size_t>(length));
  return bytes.substr(0, bytes.find(':'));
}

http_answer rendered(const answer& from) { return {from.status, text_of(from.body), {}}; }
http_answer rendered(const api_error& why) { return {why.status, text_of(body_of(why)), {}}; }

api_error wrong_key(const std::string& key) {
  if (key.empty())
    return {
        401, "invalid_request_error",
        "You did not provide an API key. You need to provide your API key in the Authorization header, using Bearer "
        "auth (e.g. 'Authorization: Bearer YOUR_SECRET_KEY')."};
  // As much of it as tells one key from another.
  return {401, "invalid_request_error", fmt::format("Invalid API Key provided: {:.8}****", key)};
}

/// The same request, however its parameters are ordered.
std::string fingerprint(const http_request& what) {
  return fingerprint_of(what.method + " " + what.path + "\n" + text_of(parse_form(what.body)));
}

}  // namespace

http_answer server_error(bool may_retry) {
  http_answer out{500, text_of(body_of({500, "api_error", "An unknown error occurred"})), {}};
  out.headers.emplace_back("Stripe-Should-Retry", may_retry ? "true" : "false");
  return out;
}

std::vector<std::string> split_path(const std::string& path) {
  std::vector<std::string> parts;
  std::size_t at = 1;
  while (at <= path.size() && parts.size() < 8) {
    const auto end = std::min(path.find('/', at), path.size());
    if (end > at) parts.push_back(decode_component(path.substr(at, end - at)));
    at = end + 1;
  }
  return parts;
}

std::string api::key_of(const http_request& what) const {
  constexpr std::string_view bearer = "Bearer ", basic = "Basic ";
  if (what.authorization.starts_with(bearer)) return what.authorization.substr(bearer.size());
  if (what.authorization.starts_with(basic)) return basic_user(what.authorization.substr(basic.size()));
  // A page in a browser sends its publishable key among the parameters.
  const auto form = parse_form(what.method == "GET" ? what.query : what.body);
  return form.contains("key") && form["key"].is_string() ? form["key"].get<std::string>() : std::string{};
}

bool api::is_operator(const http_request& what) const {
  try {
    return is_same(key_of(what), keys_.secret);
  } catch (const api_error&) {
    return false;
  }
}

std::optional<http_answer> api::answer_at_once(const http_request& what) const try {
  const auto key = key_of(what);
  if (!is_same(key, keys_.secret) && !is_same(key, keys_.publishable)) return rendered(wrong_key(key));
  const auto& repeats = what.idempotency_key;
  if (what.method != "POST" || repeats.empty()) return std::nullopt;
  if (repeats.size() > limits::key_chars)
    return rendered(invalid_request("The idempotency key is longer than 255 characters."));
  if (in_progress_.contains(repeats)) {
    api_error in_use{
        409, "idempotency_error",
        "There is currently another in-progress request using this Idempotent Key (that probably means you "
        "submitted twice, and the other request is still going through): " +
            repeats + ". Please try again later."};
    in_use.code = "idempotency_key_in_use";
    auto out = rendered(in_use);
    out.headers.emplace_back("Stripe-Should-Retry", "true");
    return out;
  }
  const auto* known = books_.answers().find(repeats);
  if (!known) return std::nullopt;
  if (known->fingerprint != fingerprint(what))
    return rendered(api_error{400, "idempotency_error",
                              "Keys for idempotent requests can only be used with the same parameters they were first "
                              "used with. Try using a key other than '" +
                                  repeats + "' if you meant to execute a different request."});
  http_answer replay{known->status, known->body, {}};
  replay.headers = {{"Idempotent-Replayed", "true"}, {"Original-Request", known->request_id}};
  if (known->status >= 500) replay.headers.emplace_back("Stripe-Should-Retry", "false");
  return replay;
} catch (const api_error& why) {
  return rendered(why);
}

http_answer api::execute(const http_request& what, bool as_error) {
  const call who{is_same(key_of(what), keys_.secret), what.request_id, what.idempotency_key};
  http_answer out;
  try {
    out = rendered(route(what, who));
  } catch (const api_error& why) {
    // Nothing was done, hence nothing is kept for the key.
    return rendered(why);
  }
  if (as_error) out = server_error(false);
  if (what.method == "POST" && !what.idempotency_key.empty())
    books_.put(
        kept_answer{what.idempotency_key, fingerprint(what), what.request_id, now_seconds(), out.status, out.body});
  books_.commit();
  return out;
}

void api::settle_due() {
  payments_.settle_due();
  refunds_.settle_due();
  books_.commit();
}

}  // namespace dabba::sandbox
