/// Runs a program, feeds it and reads what it says.
#pragma once

#include <string>
#include <vector>

namespace dabba::city {

/// Runs `command` (looked up in PATH), writes `input` to it, closes that, and returns all it wrote to its standard
/// output. Blocks; gives up after half a minute. Throws std::runtime_error when it can't be run or fails.
std::string run_with_input(const std::vector<std::string>& command, const std::string& input);

}  // namespace dabba::city
