#include "tests/persistence/server.hpp"

#include <array>
#include <cstdio>
#include <cstdlib>
#include <filesystem>
#include <stdexcept>

namespace dabba::tests {

own_server::own_server(const std::string& action, const std::string& options) {
  std::string folder = std::filesystem::temp_directory_path() / "dabba-server.XXXXXX";
  if (mkdtemp(folder.data()) == nullptr) throw std::runtime_error{"no temporary folder"};
  folder_ = folder;
  url_ = run(action, options);
}

own_server::~own_server() {
  try {
    run("remove");
  } catch (const std::exception& e) {
    std::fprintf(stderr, "%s\n", e.what());
  }
}

std::string own_server::run(const std::string& action, const std::string& options) const {
  auto command = std::string{DABBA_POSTGRES_SCRIPT} + " " + action + " --data '" + folder_ + "' " + options;
  auto* out = popen(command.c_str(), "r");
  if (out == nullptr) throw std::runtime_error{"can't run " + command};
  std::array<char, 1024> line{};
  std::string first = std::fgets(line.data(), line.size(), out) != nullptr ? line.data() : "";
  if (pclose(out) != 0) throw std::runtime_error{command + " failed"};
  return first.substr(0, first.find('\n'));
}

}  // namespace dabba::tests
