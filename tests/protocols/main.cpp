/// Catch2's main, after the message types are registered: the codec reads their names.
#include <catch2/catch_session.hpp>

#include "protocols/errors.hpp"

int main(int argc, char* argv[]) {
  dabba::register_message_types();
  return Catch::Session().run(argc, argv);
}
