#include "cluster-config/options.hpp"

#include <arpa/inet.h>
#include <netinet/in.h>
#include <toml++/toml.h>
#include <algorithm>
#include <array>
#include <charconv>

#include "cluster-config/pricing_options.hpp"

namespace dabba {
namespace {

using outcome = tl::expected<void, std::string>;

outcome wrong(std::string_view value, std::string_view wanted) {
  return tl::unexpected{"'" + std::string{value} + "' is not " + std::string{wanted}};
}

template <class Number>
outcome parse_number(std::string_view value, Number low, Number high, Number& into) {
  Number parsed{};
  auto [end, error] = std::from_chars(value.data(), value.data() + value.size(), parsed);
  bool whole = error == std::errc{} && end == value.data() + value.size();
  if (!whole || !(parsed >= low && parsed <= high))
    return wrong(value, "a number from " + std::to_string(low) + " to " + std::to_string(high));
  into = parsed;
  return {};
}

outcome parse_switch(std::string_view value, bool& into) {
  if (value == "true" || value == "1" || value.empty())
    into = true;
  else if (value == "false" || value == "0")
    into = false;
  else
    return wrong(value, "true or false");
  return {};
}

template <class Unit>
outcome parse_duration(std::string_view value, int high, auto& into) {
  int count = 0;
  return parse_number(value, 1, high, count).map([&] { into = Unit{count}; });
}

outcome parse_listen(std::string_view value, std::string& address, std::uint16_t& port) {
  auto colon = value.rfind(':');
  if (colon == std::string_view::npos || colon == 0) return wrong(value, "ADDRESS:PORT");
  address = value.substr(0, colon);
  return parse_number<std::uint16_t>(value.substr(colon + 1), 0, 65535, port);
}

outcome parse_list(std::string_view value, std::vector<std::string>& into) {
  into.clear();
  while (!value.empty()) {
    auto comma = std::min(value.find(','), value.size());
    if (comma > 0) into.emplace_back(value.substr(0, comma));
    value.remove_prefix(std::min(comma + 1, value.size()));
  }
  return {};
}

using o = node_options;
using text = std::string_view;

constexpr auto table = std::to_array<option_spec>({
    {"database", "PostgreSQL, as a URL or a libpq connection string (required)", false,
     [](o& x, text v) -> outcome { x.database = v; return {}; }},
    {"listen", "where the API and the page are served (127.0.0.1:8080)", false,
     [](o& x, text v) { return parse_listen(v, x.address, x.port); }},
    {"admin-port", "a port of its own for /livez, /readyz and /metrics", false,
     [](o& x, text v) {
       std::uint16_t port = 0;
       return parse_number<std::uint16_t>(v, 1, 65535, port).map([&] { x.admin_port = port; });
     }},
    {"signing-key", "the P-256 key tokens are signed with (required)", false,
     [](o& x, text v) -> outcome { x.signing_key = v; return {}; }},
    {"verification-keys", "a folder of further P-256 keys whose tokens are taken and which are published", false,
     [](o& x, text v) -> outcome { x.verification_keys = v; return {}; }},
    {"web-root", "the folder of the page, empty for no page (http-edge/web below the working directory, if it is there)",
     false, [](o& x, text v) -> outcome { x.web_root = v; return {}; }},
    {"swagger-ui",
     "the folder of Swagger UI for the page at /docs, empty for none (/opt/dabba/swagger-ui, if it is there)", false,
     [](o& x, text v) -> outcome { x.swagger_ui = v; return {}; }},
    {"open-city",
     "show the live city, its orders and its searches for partners to everybody who can reach the port, without personal "
     "data",
     true,
     [](o& x, text v) { return parse_switch(v, x.open_city); }},
    {"allowed-origins", "other origins whose pages may open the stream, separated by commas", false,
     [](o& x, text v) { return parse_list(v, x.allowed_origins); }},
    {"frames-per-second", "WebSocket frames a client may send per second, 0 for no limit (200)", false,
     [](o& x, text v) { return parse_number(v, 0u, 1'000'000u, x.frames_per_second); }},
    {"trusted-proxies", "proxies whose X-Forwarded-For is believed: addresses or networks, separated by commas", false,
     [](o& x, text v) { return parse_list(v, x.trusted_proxies); }},
    {"requests-per-second", "requests one caller may make per second, in bursts of five times that, 0 for no limit (1000)",
     false, [](o& x, text v) { return parse_number(v, 0u, 1'000'000u, x.requests_per_second); }},
    {"sign-ins-per-minute",
     "registrations and sign-ins one client address may try per minute, 0 for no limit (120)", false,
     [](o& x, text v) { return parse_number(v, 0u, 1'000'000u, x.sign_ins_per_minute); }},
    {"trust-unknown-callers",
     "let tokens of administrators and partners who have no account do everything (for development: dabba token)", true,
     [](o& x, text v) { return parse_switch(v, x.trust_unknown_callers); }},
    {"edge-threads", "threads that serve sockets (1)", false,
     [](o& x, text v) { return parse_number(v, 1u, 64u, x.edge_threads); }},
    {"actor-threads", "threads that run actors, 0 for one per core (0)", false,
     [](o& x, text v) { return parse_number(v, 0u, 256u, x.actor_threads); }},
    {"journal-writers", "connections that write the journal (2)", false,
     [](o& x, text v) { return parse_number(v, 1u, 16u, x.journal_writers); }},
    {"shards", "slices of the entities; fixed once the database has been used (the database's; 256 for a new one)", false,
     [](o& x, text v) {
       std::uint16_t count = 0;
       return parse_number<std::uint16_t>(v, 1, limits::shards, count).map([&] { x.shards = count; });
     }},
    {"clock-scale", "platform seconds per real second, for simulations (the database's; 1 for a new one)", false,
     [](o& x, text v) {
       double scale = 0;
       return parse_number(v, 0.001, 10'000.0, scale).map([&] { x.clock_scale = scale; });
     }},
    {"join", "wait for a cluster that somebody else makes in this database, and take its shape from there", true,
     [](o& x, text v) { return parse_switch(v, x.join); }},
    {"cluster-listen", "where other nodes connect; without certificates only on loopback (127.0.0.1, any free port)",
     false, [](o& x, text v) { return parse_listen(v, x.cluster_address, x.cluster_port); }},
    {"cluster-host",
     "the name or address other nodes reach this one at (that of cluster-listen, unless it is 0.0.0.0 or [::])", false,
     [](o& x, text v) -> outcome { x.cluster_host = v; return {}; }},
    {"public-url",
     "where clients reach this node, for operators to see (made of listen, with the machine's name for 0.0.0.0 or [::])",
     false, [](o& x, text v) -> outcome { x.public_url = v; return {}; }},
    {"cluster-certificate", "PEM: what this node shows to others; with it all nodes speak TLS", false,
     [](o& x, text v) -> outcome { x.cluster_certificate = v; return {}; }},
    {"cluster-key", "PEM: the certificate's key", false,
     [](o& x, text v) -> outcome { x.cluster_key = v; return {}; }},
    {"cluster-authority", "PEM: who signs the certificates of the nodes", false,
     [](o& x, text v) -> outcome { x.cluster_authority = v; return {}; }},
    {"lock-free", "take no advisory lock: a crash is found out by its lease, in some seconds (for connection poolers)",
     true, [](o& x, text v) { return parse_switch(v, x.lock_free); }},
    {"drain-seconds", "for handing over the shards when the node is told to end (20)", false,
     [](o& x, text v) { return parse_number(v, 0u, 3600u, x.drain_seconds); }},
    {"allow-unsafe-database", "start although the database may lose acknowledged commits (benchmarks only)", true,
     [](o& x, text v) { return parse_switch(v, x.allow_unsafe_database); }},
    {"log-level", "debug, info, warn or error (info)", false,
     [](o& x, text v) -> outcome {
       if (v != "debug" && v != "info" && v != "warn" && v != "error") return wrong(v, "debug, info, warn or error");
       x.log_level = v;
       return {};
     }},
    {"accept-minutes", "for a restaurant to accept an order (10)", false,
     [](o& x, text v) { return parse_duration<std::chrono::minutes>(v, 1440, x.orders.accept_patience); }},
    {"search-minutes", "for a partner to be found after the food is to be ready (60)", false,
     [](o& x, text v) { return parse_duration<std::chrono::minutes>(v, 1440, x.orders.search_patience); }},
    {"offer-fanout", "partners asked at once, 3 to 5 in service (3)", false,
     [](o& x, text v) {
       return parse_number<std::size_t>(v, 1, limits::partners_per_wave, x.dispatch.fanout).map([&] {
         x.dispatch.fanout_max = std::max(x.dispatch.fanout_max, x.dispatch.fanout);
       });
     }},
    {"offer-seconds", "for a partner to answer an offer (30)", false,
     [](o& x, text v) { return parse_duration<std::chrono::seconds>(v, 3600, x.dispatch.offer_patience); }},
    {"silence-seconds", "real seconds without a word after which a partner loses what it has not picked up (90)", false,
     [](o& x, text v) { return parse_duration<std::chrono::seconds>(v, 86400, x.dispatch.silence_real); }},
    {"payments-url",
     "the card gateway, which speaks Stripe's protocol: https://api.stripe.com, or where a dabba-sandbox-gateway listens; "
     "without it no card is taken",
     false, [](o& x, text v) -> outcome { x.payments.url = v; return {}; }},
    {"payments-key-file", "the gateway's secret key is in this file (otherwise in the variable DABBA_PAYMENTS_KEY)", false,
     [](o& x, text v) -> outcome { x.payments.key_file = v; return {}; }},
    {"payments-webhook-secrets-file",
     "what the gateway signs its webhooks with, one to a line: several while they are replaced (otherwise in the variable "
     "DABBA_PAYMENTS_WEBHOOK_SECRETS, separated by commas)",
     false, [](o& x, text v) -> outcome { x.payments.webhook_secrets_file = v; return {}; }},
    {"payments-timeout-ms", "for one answer of the gateway (10000)", false,
     [](o& x, text v) { return parse_duration<std::chrono::milliseconds>(v, 60'000, x.payments.timeout); }},
    {"tax-percent", "tax on food (0)", false, [](o& x, text v) { return parse_percent(v, x.pricing.tax.rate); }},
    {"tax-by-category", "other rates for categories of the menu, as CATEGORY=PERCENT,...", false,
     [](o& x, text v) { return parse_category_rates(v, x.pricing.tax.by_category); }},
    {"tax-included", "the prices of menus include the tax; else it is added", true,
     [](o& x, text v) {
       bool is_included = false;
       return parse_switch(v, is_included).map([&] {
         x.pricing.tax.mode = is_included ? tax_mode::included : tax_mode::added;
       });
     }},
    {"platform-fee", "on every order, in the order's currency (0)", false,
     [](o& x, text v) { return parse_amount(v, x.pricing.platform_fee); }},
    {"delivery-fee", "one amount, or by distance as KILOMETRES=FEE,... with both rising (0)", false,
     [](o& x, text v) { return parse_distance_bands(v, x.pricing.delivery.bands); }},
    {"delivery-fee-per-km", "for each kilometre begun beyond the last distance of delivery-fee (0)", false,
     [](o& x, text v) { return parse_amount(v, x.pricing.delivery.per_further_km); }},
    {"small-order-below", "orders of less pay what they are short of it, at most small-order-fee (0)", false,
     [](o& x, text v) { return parse_amount(v, x.pricing.small_order_below); }},
    {"small-order-fee", "the most a small order pays for being one (0)", false,
     [](o& x, text v) { return parse_amount(v, x.pricing.small_order_fee); }},
});

const option_spec* find_option(std::string_view name) noexcept {
  auto found = std::ranges::find(table, name, &option_spec::name);
  return found == table.end() ? nullptr : &*found;
}

std::string as_text(const toml::node& value) {
  if (auto string = value.value<std::string>()) return *string;
  if (auto whole = value.value_exact<std::int64_t>()) return std::to_string(*whole);
  if (auto truth = value.value_exact<bool>()) return *truth ? "true" : "false";
  if (auto real = value.value<double>()) return std::to_string(*real);
  return {};
}

}  // namespace

std::span<const option_spec> option_table() noexcept { return table; }

outcome set_option(node_options& into, std::string_view name, std::string_view value) {
  const auto* option = find_option(name);
  if (!option) return tl::unexpected{"unknown setting '" + std::string{name} + "'"};
  return option->set(into, value).map_error([&](const std::string& why) { return std::string{name} + ": " + why; });
}

outcome read_toml(node_options& into, const std::string& path) {
  try {
    for (const auto& [key, value] : toml::parse_file(path)) {
      auto done = set_option(into, key.str(), as_text(value));
      if (!done) return tl::unexpected{path + ": " + done.error()};
    }
  } catch (const toml::parse_error& why) {
    return tl::unexpected{
        path + ", line " + std::to_string(why.source().begin.line) + ": " + std::string{why.description()}};
  }
  return {};
}

outcome read_environment(node_options& into, const std::function<const char*(const std::string&)>& lookup) {
  for (const auto& option : table) {
    std::string variable = "DABBA_";
    for (char c : option.name) variable += c == '-' ? '_' : static_cast<char>(c >= 'a' && c <= 'z' ? c - 'a' + 'A' : c);
    const char* value = lookup(variable);
    if (!value) continue;
    auto done = option.set(into, value);
    if (!done) return tl::unexpected{variable + ": " + done.error()};
  }
  return {};
}

namespace {

/// Without the brackets of an IPv6 address.
std::string_view bare(std::string_view address) {
  if (address.starts_with('[') && address.ends_with(']')) return address.substr(1, address.size() - 2);
  return address;
}

}  // namespace

bool is_wildcard(std::string_view address) {
  std::string text{bare(address)};
  in_addr four{};
  in6_addr six{};
  if (inet_aton(text.c_str(), &four) == 1) return four.s_addr == INADDR_ANY;  // knows short forms such as "0", too
  return inet_pton(AF_INET6, text.c_str(), &six) == 1 && IN6_IS_ADDR_UNSPECIFIED(&six);
}

std::string url_of(std::string_view address, std::uint16_t port, std::string_view host) {
  std::string name{is_wildcard(address) ? host : bare(address)};
  if (name.find(':') != std::string::npos) name = '[' + name + ']';
  return "http://" + name + ':' + std::to_string(port);
}

}  // namespace dabba
