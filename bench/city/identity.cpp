#include "bench/city/identity.hpp"

#include <chrono>
#include <random>
#include <sstream>
#include <stdexcept>

#include <fmt/format.h>

#include "bench/city/subprocess.hpp"

namespace dabba::city {

namespace {

const char* role_name(role r) {
  switch (r) {
    case role::customer: return "CUSTOMER";
    case role::restaurant: return "RESTAURANT";
    case role::partner: return "PARTNER";
    case role::admin: return "ADMIN";
  }
  return "";
}

}  // namespace

std::string new_uuid() {
  thread_local std::mt19937_64 random{std::random_device{}()};
  const auto since_epoch = std::chrono::system_clock::now().time_since_epoch();
  const auto millis =
      static_cast<std::uint64_t>(std::chrono::duration_cast<std::chrono::milliseconds>(since_epoch).count());
  const std::uint64_t high = (millis << 16) | 0x7000 | (random() & 0x0fff);
  const std::uint64_t low = (random() >> 2) | 0x8000'0000'0000'0000ULL;
  return fmt::format("{:08x}-{:04x}-{:04x}-{:04x}-{:012x}", high >> 32, (high >> 16) & 0xffff, high & 0xffff, low >> 48,
                     low & 0xffff'ffff'ffffULL);
}

account_id token_book::add(role r) {
  accounts_.push_back({r, new_uuid(), {}});
  return {accounts_.size() - 1};
}

std::vector<std::string> token_book::mint() const {
  std::string wanted;
  for (const auto& a : accounts_) wanted += fmt::format("{} {}\n", role_name(a.is), a.uuid);
  const std::vector<std::string> command{program_.string(), "token", "--signing-key", signing_key_.string(), "--batch"};
  std::istringstream lines{run_with_input(command, wanted)};
  std::vector<std::string> tokens;
  for (std::string line; std::getline(lines, line);)
    if (!line.empty()) tokens.push_back(line);
  if (tokens.size() != accounts_.size())
    throw std::runtime_error{
        fmt::format("{} token: {} tokens for {} accounts", program_.string(), tokens.size(), accounts_.size())};
  return tokens;
}

void token_book::renew(std::vector<std::string> tokens) {
  for (std::size_t i = 0; i < accounts_.size(); ++i) accounts_[i].token = std::move(tokens.at(i));
}

}  // namespace dabba::city
