/// From a request to its answer: route, token, role, body, idempotency, handler, log line, metrics.
#include <spdlog/spdlog.h>
#include <chrono>

#include "http-edge/account_commands.hpp"
#include "http-edge/commands.hpp"
#include "protocols/model/limits.hpp"

namespace dabba::http {
namespace {

/// What is counted as one when no route was found, so that clients can't make names of metrics.
constexpr std::string_view no_route = "none";
constexpr std::string_view page_route = "page";

std::optional<problem> check_caller(call& c, const route& to) {
  bool open_city = c.shared.options.open_city;
  if (!to.allowed.wants_token()) return std::nullopt;
  if (c.in.authorization.empty() && !to.allowed.needs_token(open_city)) return std::nullopt;
  auto verified = authenticate(c.shared, c.in.authorization);
  if (!verified) {
    auto refusal = make_problem(401, "unauthenticated", verified.error());
    refusal.headers.emplace_back("WWW-Authenticate", "Bearer");
    return refusal;
  }
  c.who = verified->who;
  c.token_ends = verified->expires_at;
  if (!to.allowed.allows(c.who->role, open_city)) return make_problem(403, "forbidden", "your role may not do this");
  return std::nullopt;
}

bool is_json(std::string_view content_type) {
  auto media = content_type.substr(0, content_type.find(';'));
  while (media.ends_with(' ')) media.remove_suffix(1);
  constexpr std::string_view wanted = "application/json";
  return std::equal(media.begin(), media.end(), wanted.begin(), wanted.end(),
                    [](char sent, char lower) { return (sent >= 'A' && sent <= 'Z' ? sent | 0x20 : sent) == lower; });
}

std::optional<problem> read_body(call& c, const route& to) {
  c.body.what = json_value::kind::object;  // an absent optional body is an empty one
  if (to.body == body_rule::none || (to.body == body_rule::optional && c.in.body.empty())) return std::nullopt;
  if (!is_json(c.in.content_type))
    return make_problem(415, "unsupported-media-type", "the body must be application/json");
  auto parsed = parse_json(c.in.body);
  if (!parsed) {
    auto where = parsed.error().position == 0 ? "" : " at byte " + std::to_string(parsed.error().position);
    return make_problem(400, "malformed-json", parsed.error().reason + where);
  }
  c.body = std::move(*parsed);
  return std::nullopt;
}

std::optional<problem> check_key(const call& c, const route& to) {
  if (!c.in.idempotency_key) {
    if (to.key != key_rule::required) return std::nullopt;
    return make_problem(400, "idempotency-key-missing", "this request needs an Idempotency-Key");
  }
  const auto& key = *c.in.idempotency_key;
  auto is_printable = [](char x) { return x >= 0x20 && x < 0x7f; };
  if (to.key == key_rule::ignored) return std::nullopt;
  if (!key.empty() && key.size() <= limits::idempotency_key_chars && std::all_of(key.begin(), key.end(), is_printable))
    return std::nullopt;
  return to_problem(errc::invalid_argument, "an Idempotency-Key has 1 to 128 printable characters");
}

/// The names of what is counted, as they stand in headers.
std::string_view policy_of(pace counted) {
  switch (counted) {
    case pace::normal: return "calls";
    case pace::bulk: return "bulk";
    case pace::sign_in: return "sign-in";
    case pace::unlimited: return "";
  }
  return "";
}

rate_limiter* limiter_of(core& shared, const route& to) {
  if (to.on == surface::admin) return nullptr;
  switch (to.counted_as) {
    case pace::normal: return shared.calls.allowed().requests > 0 ? &shared.calls : nullptr;
    case pace::bulk: return &shared.bulk;
    case pace::sign_in: return shared.sign_ins.allowed().requests > 0 ? &shared.sign_ins : nullptr;
    case pace::unlimited: return nullptr;
  }
  return nullptr;
}

/// Of signed-in callers the user is counted, and the network of others, and of all who sign in.
std::optional<problem> check_pace(call& c, const route& to) {
  auto* limiter = limiter_of(c.shared, to);
  if (!limiter) return std::nullopt;
  bool is_user = c.who && to.counted_as != pace::sign_in;
  c.paced = limiter->take(is_user ? c.who->id.value.bytes : c.in.from, std::chrono::steady_clock::now());
  if (c.paced->is_admitted) return std::nullopt;
  auto refusal = make_problem(429, "rate-limited", "you ask more often than you may: wait before the next request");
  refusal.headers.emplace_back("Retry-After", std::to_string(c.paced->retry.count()));
  return refusal;
}

/// As draft-ietf-httpapi-ratelimit-headers has them.
void show_pace(const call& c, const route& to, response& out) {
  const auto* limiter = limiter_of(c.shared, to);
  if (!limiter || !c.paced) return;
  auto policy = '"' + std::string{policy_of(to.counted_as)} + '"';
  const auto& allowed = limiter->allowed();
  out.headers.emplace_back("RateLimit-Policy", policy + ";q=" + std::to_string(allowed.requests) +
                                                   ";w=" + std::to_string(allowed.window.count()));
  out.headers.emplace_back("RateLimit", policy + ";r=" + std::to_string(c.paced->remaining) +
                                            ";t=" + std::to_string(c.paced->reset.count()));
}

asio::awaitable<handled> run(call& c, const route& to) {
  auto stranger = check_caller(c, to);
  if (auto refusal = check_pace(c, to)) co_return tl::unexpected{std::move(*refusal)};
  if (stranger) co_return tl::unexpected{std::move(*stranger)};
  if (to.allowed.needs_account())
    if (auto known = co_await confirmed_account(c); !known) co_return tl::unexpected{std::move(known.error())};
  if (auto refusal = check_key(c, to)) co_return tl::unexpected{std::move(*refusal)};
  if (auto refusal = read_body(c, to)) co_return tl::unexpected{std::move(*refusal)};
  if (auto version = expected_version(c.in); !version) co_return tl::unexpected{std::move(version.error())};
  bool replays = to.key == key_rule::accepted || to.key == key_rule::required;
  if (c.in.idempotency_key && replays && c.who) {
    auto earlier = co_await earlier_answer(c);
    if (!earlier) co_return tl::unexpected{std::move(earlier.error())};
    c.earlier = std::move(*earlier);
  }
  auto made = co_await to.run(c);
  if (made && c.replayed) made->headers.emplace_back("Idempotent-Replayed", "true");
  co_return made;
}

/// Names and values without quotes, which stand in a JSON string as they are; never bodies, tokens or queries.
void log_request(const request& in, std::string_view route, unsigned status, double ms,
                 const std::optional<principal>& who) {
  auto level = status >= 500 && status != 503 ? spdlog::level::err : spdlog::level::info;
  if (!spdlog::should_log(level)) return;
  spdlog::log(level, "request method={} route={} status={} ms={:.3f} requestId={} caller={}", in.method_name, route,
              status, ms, in.id, who ? to_string(who->id) : "-");
}

handled refuse_route(const matched& found, bool is_page) {
  if (is_page) return tl::unexpected{wrong_method("GET, HEAD")};
  if (!found.allow.empty()) return tl::unexpected{wrong_method(found.allow)};
  return tl::unexpected{to_problem(errc::not_found, "there is nothing at this path")};
}

}  // namespace

asio::awaitable<response> answer(core& shared, const request& in, bool serves_api, bool serves_admin) {
  auto started = std::chrono::steady_clock::now();
  auto found = match(in.method, in.path, serves_api, serves_admin);
  call c{shared, in, std::nullopt, std::nullopt, found.parameters, {}, std::nullopt, false, std::nullopt};
  std::string_view label = found.found ? found.found->pattern : no_route;
  handled made = tl::unexpected{to_problem(errc::internal)};
  try {
    if (found.found) {
      made = co_await run(c, *found.found);
    } else if (auto page =
                   serves_api && in.method == verb::get ? shared.pages.find(in.path, in.if_none_match) : std::nullopt) {
      label = page_route;
      made = std::move(*page);
    } else {
      made = refuse_route(found, serves_api && shared.pages.has(in.path));
    }
  } catch (const std::exception& bug) {
    spdlog::error("request {} failed: {}", in.id, bug.what());
  }
  response out = made ? std::move(*made) : render(made.error(), in);
  if (found.found) show_pace(c, *found.found, out);
  auto seconds = std::chrono::duration<double>(std::chrono::steady_clock::now() - started).count();
  shared.counted.count_request(label, out.status, seconds);
  log_request(in, label, out.status, seconds * 1000, c.who);
  co_return out;
}

}  // namespace dabba::http
