#include "bench/micro/program.hpp"

#include <fmt/core.h>
#include <CLI/CLI.hpp>
#include <cstdlib>

namespace dabba::bench {

std::optional<std::string> environment(const char* name) {
  const char* value = std::getenv(name);
  if (value == nullptr || *value == '\0') return std::nullopt;
  return value;
}

int run_program(int argc, char** argv, const std::string& purpose, const std::function<int(const run_options&)>& body) {
  CLI::App app{purpose};
  run_options options;
  auto* rounds = app.add_option("--rounds", options.rounds, "how often each contender has its turn");
  rounds->check(CLI::Range(1, 100));
  app.add_flag("--quick", options.quick, "seconds: only to see that it runs and that the results agree");
  CLI11_PARSE(app, argc, argv);
  if (options.quick && rounds->count() == 0) options.rounds = 1;
  try {
    return body(options);
  } catch (const std::exception& why) {
    fmt::print(stderr, "{}\n", why.what());
    return 1;
  }
}

}  // namespace dabba::bench
