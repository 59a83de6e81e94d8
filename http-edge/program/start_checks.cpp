#include "http-edge/program/start_checks.hpp"

#include <unistd.h>
#include <filesystem>

#include "http-edge/program/database.hpp"
#include "persistence/postgres/durability.hpp"
#include "persistence/postgres/migrate.hpp"
#include "protocols/model/opening_times.hpp"

namespace dabba::program {

namespace {

bool is_loopback(const std::string& address) {
  return address == "localhost" || address == "::1" || address.starts_with("127.");
}

}  // namespace

outcome check_database(const node_options& options) {
  auto until = within(startup_patience);
  auto connection = postgres::connection::open(connect_as(options.database, "dabba start"), until);
  if (!connection) return tl::unexpected{"the database can't be reached: " + connection.error().message};
  if (auto problem = postgres::schema_problem(*connection, until))
    return tl::unexpected{*problem + " (run: dabba migrate --database URL)"};
  return postgres::check_durability(*connection, options.allow_unsafe_database, until, report);
}

outcome check_machine() {
  if (!is_time_zone("Etc/UTC"))
    return tl::unexpected{std::string{"the time zone database can't be read: restaurants open by it (package tzdata)"}};
  return {};
}

outcome check_cluster_options(const node_options& options) {
  bool has_all =
      !options.cluster_certificate.empty() && !options.cluster_key.empty() && !options.cluster_authority.empty();
  bool has_none =
      options.cluster_certificate.empty() && options.cluster_key.empty() && options.cluster_authority.empty();
  if (!has_all && !has_none)
    return tl::unexpected{std::string{"--cluster-certificate, --cluster-key and --cluster-authority go together"}};
  const auto& reached_at = options.cluster_host.empty() ? options.cluster_address : options.cluster_host;
  if (is_wildcard(reached_at))
    return tl::unexpected{"other nodes can't connect to " + reached_at +
                          ": --cluster-host is needed, the name or address they reach this node at"};
  if (has_none && !is_loopback(options.cluster_address))
    return tl::unexpected{"--cluster-listen " + options.cluster_address +
                          " needs certificates: nodes trust what their peers send (see docs/operations.md)"};
  for (const auto& file : {options.cluster_certificate, options.cluster_key, options.cluster_authority})
    if (!file.empty() && ::access(file.c_str(), R_OK) != 0) return tl::unexpected{file + " can't be read"};
  return {};
}

std::string page_folder(const node_options& options) {
  if (options.web_root) return *options.web_root;
  std::error_code unreadable;
  if (std::filesystem::is_directory(default_web_root, unreadable)) return default_web_root;
  spdlog::warn(
      "no page is served: there is no folder {} in the working directory, and no --web-root", default_web_root);
  return {};
}

std::string swagger_ui_folder(const node_options& options) {
  auto folder = options.swagger_ui.value_or(default_swagger_ui);
  std::error_code unreadable;
  if (folder.empty() || std::filesystem::is_directory(folder, unreadable)) return folder;
  if (options.swagger_ui) spdlog::warn("/docs is not served: there is no folder {}", folder);
  return {};
}

}  // namespace dabba::program
