/// The commands of the program `dabba`. Each gives a sentence for the operator when it fails.
#pragma once

#include <string>
#include <tl/expected.hpp>

#include "cluster-config/options.hpp"

namespace dabba::program {

using outcome = tl::expected<void, std::string>;

/// Brings a database to this build's schema.
outcome migrate_database(const std::string& database);

struct token_options {
  std::string new_key;
  std::string signing_key;
  std::string role = "ADMIN";
  std::string subject;
  bool batch = false;
  int lifetime_seconds = 900;
};
/// Makes keys and access tokens, for development.
outcome make_tokens(const token_options& options);

struct account_options {
  std::string database;
  std::string role = "ADMIN";
  std::string email;
  std::string name;
};
/// Makes an account of any role: the first administrator can't be made by another. The password is read from standard
/// input, and not shown when that is a terminal.
outcome create_account(const account_options& options);

/// Serves until it is told to end, or must.
outcome run_node(const node_options& options);

/// Prints the cluster's nodes and how the shards are shared out; as JSON for programs.
outcome show_cluster(const std::string& database, bool as_json);
/// Has a node hand over its shards and end; `node` is its id, or an end of it that no other has. The last one that is
/// up only by `force`.
outcome drain_node(const std::string& database, const std::string& node, bool force);

}  // namespace dabba::program
