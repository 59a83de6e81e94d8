/// The frame of every benchmark program: its options, and how it ends.
#pragma once

#include <functional>
#include <optional>
#include <string>

namespace dabba::bench {

struct run_options {
  bool quick = false;  ///< seconds: only to see that it runs and that the results agree
  int rounds = 5;
};

/// The environment variable; nothing when it is unset or empty.
std::optional<std::string> environment(const char* name);

/// What a program's exit status says when a peer it can't do without is not there (for ctest's SKIP_RETURN_CODE).
inline constexpr int skipped = 77;

/// Parses the options, calls `body` and gives main's result: `body`'s own, or 1 for an exception, whose text is shown.
int run_program(int argc, char** argv, const std::string& purpose, const std::function<int(const run_options&)>& body);

}  // namespace dabba::bench
