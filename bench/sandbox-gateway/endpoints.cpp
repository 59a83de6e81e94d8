#include "bench/sandbox-gateway/endpoints.hpp"

#include <algorithm>

#include "bench/sandbox-gateway/api_error.hpp"
#include "bench/sandbox-gateway/chance.hpp"
#include "bench/sandbox-gateway/limits.hpp"

namespace dabba::sandbox {

namespace {

std::string new_secret() { return make_id("whsec_", 32); }

void require_room(const books& kept) {
  if (kept.endpoints().size() >= limits::endpoints)
    throw invalid_request("You have reached the maximum of 16 test webhook endpoints.");
}

}  // namespace

std::optional<webhook_url> parse_webhook_url(const std::string& url) {
  constexpr std::string_view scheme = "http://";
  if (!url.starts_with(scheme) || url.find_first_of(" \r\n#") != std::string::npos) return std::nullopt;
  const auto rest = url.substr(scheme.size());
  const auto slash = std::min(rest.find('/'), rest.size());
  const auto authority = rest.substr(0, slash);
  const auto colon = authority.rfind(':');
  webhook_url out{authority.substr(0, colon), colon == std::string::npos ? "80" : authority.substr(colon + 1),
                  slash == rest.size() ? "/" : rest.substr(slash)};
  const bool is_number =
      !out.port.empty() && out.port.size() <= 5 && out.port.find_first_not_of("0123456789") == std::string::npos;
  if (out.host.empty() || !is_number) return std::nullopt;
  return out;
}

answer create_endpoint(books& kept, parameters given) {
  webhook_endpoint x;
  x.url = given.required_text("url");
  x.enabled_events = given.list("enabled_events");
  x.description = given.text("description").value_or("");
  x.metadata = given.metadata();
  given.pass_over({"api_version", "connect", "expand"});
  given.refuse_others();
  if (!parse_webhook_url(x.url)) throw invalid_request("Invalid URL: this sandbox sends to http:// only.", {}, "url");
  if (x.enabled_events.empty())
    throw invalid_request("Missing required param: enabled_events.", "parameter_missing", "enabled_events");
  require_room(kept);
  x.id = make_id("we_");
  x.created = now_seconds();
  x.secrets = {{new_secret(), {}}};
  auto shown = to_json(kept.put(x));
  shown["secret"] = x.secrets.back().text;  // now, and never again
  return {200, std::move(shown)};
}

answer delete_endpoint(books& kept, const std::string& id) {
  kept.drop_endpoint(id);
  return {200, {{"id", id}, {"object", "webhook_endpoint"}, {"deleted", true}}};
}

const webhook_endpoint& ensure_endpoint(books& kept, const std::string& url, const std::vector<std::string>& secrets) {
  webhook_endpoint x;
  kept.endpoints().oldest_first([&](const webhook_endpoint& each) {
    if (each.url == url) x = each;
    return each.url != url;
  });
  if (x.id.empty()) {
    require_room(kept);
    x.id = make_id("we_");
    x.url = url;
    x.created = now_seconds();
    x.enabled_events = {"*"};
  }
  if (!secrets.empty()) {
    x.secrets.clear();
    for (const auto& each : secrets) x.secrets.push_back({each, {}});
  }
  if (x.secrets.empty()) x.secrets.push_back({new_secret(), {}});
  return kept.put(std::move(x));
}

std::string roll_secret(books& kept, const std::string& id, std::chrono::seconds keep_for) {
  const auto* found = kept.endpoints().find(id);
  if (!found) throw missing_resource("webhook endpoint", id, "webhook_endpoint");
  auto x = *found;
  const auto now = now_seconds();
  for (auto& each : x.secrets)
    if (!each.ends) each.ends = now + keep_for.count();
  std::erase_if(x.secrets, [&](const auto& each) { return *each.ends <= now; });
  if (x.secrets.size() >= limits::secrets_per_endpoint) x.secrets.erase(x.secrets.begin());
  x.secrets.push_back({new_secret(), {}});
  return kept.put(std::move(x)).secrets.back().text;
}

std::vector<std::string> secrets_in_use(const webhook_endpoint& endpoint, unix_seconds now) {
  std::vector<std::string> out;
  for (const auto& each : endpoint.secrets)
    if (!each.ends || *each.ends > now) out.push_back(each.text);
  return out;
}

}  // namespace dabba::sandbox
