/// Catch2's main, after the types of all messages are registered.
#include <catch2/catch_session.hpp>

#include "actors/cluster_messages.hpp"
#include "protocols/errors.hpp"

int main(int argc, char* argv[]) {
  dabba::register_message_types();
  dabba::register_store_types();
  dabba::register_cluster_types();
  return Catch::Session().run(argc, argv);
}
