/// A node's settings: defaults < a TOML file < the environment < flags. Every setting has one name, one parser and one
/// line of help, whichever way it comes.
#pragma once

#include <chrono>
#include <cstdint>
#include <functional>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <tl/expected.hpp>
#include <vector>

#include "protocols/model/limits.hpp"
#include "protocols/model/pricing_terms.hpp"
#include "protocols/model/terms.hpp"

namespace dabba {

/// Of a checkout, from its root.
inline constexpr const char* default_web_root = "http-edge/web";
/// Where scripts/setup.sh puts it.
inline constexpr const char* default_swagger_ui = "/opt/dabba/swagger-ui";

/// The card gateway. Its secrets are no settings: they come from files, or from the environment under names of their
/// own, and never from flags.
struct payment_options {
  std::string url;                   ///< empty: no card payments
  std::string key_file;              ///< empty: payments_key_variable
  std::string webhook_secrets_file;  ///< empty: payments_webhook_secrets_variable
  std::chrono::milliseconds timeout{10'000};
};
inline constexpr const char* payments_key_variable = "DABBA_PAYMENTS_KEY";
inline constexpr const char* payments_webhook_secrets_variable = "DABBA_PAYMENTS_WEBHOOK_SECRETS";

struct node_options {
  std::string database;  ///< a libpq URL or "host=... dbname=..."
  std::string address = "127.0.0.1";
  std::uint16_t port = 8080;
  std::optional<std::uint16_t> admin_port;
  std::string signing_key;
  std::string verification_keys;          ///< a folder; empty: there are no other keys
  std::optional<std::string> web_root;    ///< empty: none; nothing: default_web_root, where there is one
  std::optional<std::string> swagger_ui;  ///< empty: none; nothing: default_swagger_ui, where there is one
  bool open_city = false;
  std::vector<std::string> allowed_origins;
  unsigned frames_per_second = 200;
  std::vector<std::string> trusted_proxies;
  unsigned requests_per_second = 1000;
  unsigned sign_ins_per_minute = 120;
  bool trust_unknown_callers = false;
  unsigned edge_threads = 1;
  unsigned actor_threads = 0;  ///< 0: one per core
  unsigned journal_writers = 2;
  std::optional<std::uint16_t> shards;  ///< nothing: the database's, or limits::shards_default for a new one
  std::optional<double> clock_scale;    ///< nothing: the database's, or 1
  bool join = false;
  std::string cluster_address = "127.0.0.1";
  std::uint16_t cluster_port = 0;
  std::string cluster_host;  ///< empty: cluster_address
  std::string public_url;    ///< empty: made of address and port (see url_of)
  std::string cluster_certificate;
  std::string cluster_key;
  std::string cluster_authority;
  bool lock_free = false;
  unsigned drain_seconds = 20;
  bool allow_unsafe_database = false;
  std::string log_level = "info";
  order_terms orders;
  dispatch_terms dispatch;
  payment_options payments;
  pricing_terms pricing;
};

struct option_spec {
  std::string_view name;  ///< as a flag: --name; in the environment: DABBA_NAME; in TOML: name
  std::string_view help;
  bool is_switch = false;  ///< a flag without a value
  /// A sentence for the operator when the value can't be had.
  tl::expected<void, std::string> (*set)(node_options& into, std::string_view value);
};

std::span<const option_spec> option_table() noexcept;

/// `name` must be in the table.
tl::expected<void, std::string> set_option(node_options& into, std::string_view name, std::string_view value);
/// Unknown keys are errors, so that a misspelt one is not passed over.
tl::expected<void, std::string> read_toml(node_options& into, const std::string& path);
/// `lookup` is getenv in the program, a map in tests.
tl::expected<void, std::string> read_environment(node_options& into,
                                                 const std::function<const char*(const std::string&)>& lookup);

/// The address stands for all of a machine's, as 0.0.0.0 and [::] do: others can't connect to it.
bool is_wildcard(std::string_view address);
/// Where an HTTP server on the address is reached; `host` is the machine's name, for one that listens on all addresses.
std::string url_of(std::string_view address, std::uint16_t port, std::string_view host);

}  // namespace dabba
