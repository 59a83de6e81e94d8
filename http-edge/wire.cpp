#include "http-edge/wire.hpp"

#include <algorithm>
#include <array>
#include <boost/beast/core/span.hpp>
#include <boost/beast/http/field.hpp>
#include <ctime>

#include "protocols/model/clock.hpp"
#include "protocols/model/ids.hpp"

namespace dabba::http {
namespace {

namespace beast = boost::beast;
using beast::http::field;

constexpr std::size_t request_id_chars = 64;
/// Who needs no more than this is not served by us anyway, and it goes into logs and problems.
constexpr std::size_t path_chars = 1024;

std::string header(const wire_request& in, field name) {
  auto found = in.find(name);
  return found == in.end() ? std::string{} : std::string{found->value()};
}

verb to_verb(beast::http::verb x) {
  if (x == beast::http::verb::get || x == beast::http::verb::head) return verb::get;
  if (x == beast::http::verb::post) return verb::post;
  if (x == beast::http::verb::put) return verb::put;
  if (x == beast::http::verb::patch) return verb::patch;
  if (x == beast::http::verb::delete_) return verb::del;
  return verb::other;
}

/// The client's id when it is one that can stand in a log line, else a new one.
std::string request_id(const wire_request& in) {
  auto found = in.find("X-Request-Id");
  auto is_plain = [](char c) {
    return (c >= '0' && c <= '9') || (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || c == '-' || c == '_' ||
           c == '.';
  };
  if (found != in.end() && !found->value().empty() && found->value().size() <= request_id_chars &&
      std::all_of(found->value().begin(), found->value().end(), is_plain))
    return std::string{found->value()};
  return to_string(make_uuid_v7(real_now()));
}

/// Scheme and host of an absolute target are of no interest: there is one host here.
std::string_view without_host(std::string_view target) {
  for (std::string_view scheme : {"http://", "https://"}) {
    if (!target.starts_with(scheme)) continue;
    auto slash = target.find('/', scheme.size());
    return slash == std::string_view::npos ? "/" : target.substr(slash);
  }
  return target;
}

/// Now, as RFC 9110 (section 5.6.7) wants it; made once a second.
const std::string& date_text() {
  thread_local std::time_t made_at = -1;
  thread_local std::string text;
  auto now = std::time(nullptr);
  if (now == made_at) return text;
  std::tm parts{};
  gmtime_r(&now, &parts);
  std::array<char, 32> out{};
  // The program sets no locale: names are English.
  text.assign(out.data(), std::strftime(out.data(), out.size(), "%a, %d %b %Y %H:%M:%S GMT", &parts));
  made_at = now;
  return text;
}

}  // namespace

request to_request(const wire_request& in) {
  request out;
  out.method = to_verb(in.method());
  out.method_name = in.method_string();
  std::string_view target = without_host({in.target().data(), in.target().size()});
  auto question = target.find('?');
  out.path = target.substr(0, std::min({question, target.size(), path_chars}));
  if (question != std::string_view::npos) out.query = target.substr(question + 1);
  out.body = in.body();
  out.id = request_id(in);
  out.accept = header(in, field::accept);
  out.authorization = header(in, field::authorization);
  out.content_type = header(in, field::content_type);
  out.if_match = header(in, field::if_match);
  out.if_none_match = header(in, field::if_none_match);
  if (auto found = in.find("Last-Event-ID"); found != in.end()) out.last_event_id = std::string{found->value()};
  if (auto found = in.find("Idempotency-Key"); found != in.end()) out.idempotency_key = std::string{found->value()};
  return out;
}

wire_response to_wire(const request& in, const response& out, unsigned version, bool keep_alive, bool is_head) {
  wire_response made{static_cast<beast::http::status>(out.status), version};
  made.keep_alive(keep_alive);
  for (const auto& [name, value] : out.headers) made.insert(beast::string_view{name.data(), name.size()}, value);
  made.set(field::date, date_text());
  made.set("X-Request-Id", in.id);
  made.set("X-Content-Type-Options", "nosniff");
  // Answers are one caller's own, unless they say otherwise.
  if (made.find(field::cache_control) == made.end()) made.set(field::cache_control, "no-store");
  if (out.status == 304 || out.status == 204) return made;
  made.set(field::content_type, out.content_type);
  const std::string& body = out.shared_body ? *out.shared_body : out.body;
  if (!is_head) made.body() = {body.data(), body.size()};
  made.content_length(body.size());
  return made;
}

std::string forwarded_for(const wire_request& in) {
  // A proxy may add a line of its own behind the client's: all of them are one list.
  std::string all;
  auto [line, end] = in.equal_range("X-Forwarded-For");
  for (; line != end; ++line) {
    if (!all.empty()) all += ',';
    all.append(line->value().data(), line->value().size());
  }
  return all;
}

bool is_origin_allowed(const wire_request& in, const std::vector<std::string>& allowed) {
  auto found = in.find(field::origin);
  if (found == in.end()) return true;
  std::string_view origin{found->value().data(), found->value().size()};
  if (std::find(allowed.begin(), allowed.end(), origin) != allowed.end()) return true;
  auto host = header(in, field::host);
  return !host.empty() && (origin == "http://" + host || origin == "https://" + host);
}

}  // namespace dabba::http
