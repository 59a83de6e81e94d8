/// The program's log: one JSON object a line, on standard error.
#pragma once

#include <string>

namespace dabba {

/// `level`: debug, info, warn or error. Once, before anything is logged.
void log_to_stderr(const std::string& level);

}  // namespace dabba
