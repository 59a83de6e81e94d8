/// Our verifier of webhooks as a program, for the checks beside it. Reads a line of JSON with `header`, `body` and
/// `secrets`, and prints `genuine` or what is wrong.
#include <iostream>
#include <nlohmann/json.hpp>
#include <vector>

#include "http-edge/stripe/webhook_signature.hpp"

int main() {
  std::string line;
  while (std::getline(std::cin, line)) {
    auto given = nlohmann::json::parse(line);
    std::vector<dabba::outbound::secret_text> secrets;
    for (const auto& each : given.at("secrets")) secrets.emplace_back(each.get<std::string>());
    auto now = std::chrono::floor<std::chrono::seconds>(std::chrono::system_clock::now());
    auto verified = dabba::stripe::verify_signature(
        given.at("header").get_ref<const std::string&>(), given.at("body").get_ref<const std::string&>(), secrets, now);
    std::cout << (verified ? std::string_view{"genuine"} : dabba::name(verified.error())) << std::endl;
  }
}
