/// Catch2's main, after the types of all messages are registered.
#include <catch2/catch_session.hpp>

#include "actors/store_actors.hpp"
#include "protocols/errors.hpp"

int main(int argc, char* argv[]) {
  dabba::register_message_types();
  dabba::register_store_types();
  return Catch::Session().run(argc, argv);
}
