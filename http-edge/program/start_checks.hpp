/// What is looked at before a node's parts are made. Each check gives a sentence for the operator when it fails.
#pragma once

#include <string>

#include "http-edge/program/commands.hpp"

namespace dabba::program {

/// It can be reached, has this build's schema, and keeps what it has acknowledged.
outcome check_database(const node_options& options);
/// What it needs of the machine is there.
outcome check_machine();
/// Others can reach this node, and nobody but nodes can.
outcome check_cluster_options(const node_options& options);
/// Where the page is; empty without one, which the log says when nobody wanted that.
std::string page_folder(const node_options& options);
/// Where Swagger UI is; empty without it.
std::string swagger_ui_folder(const node_options& options);

}  // namespace dabba::program
