/// The card gateway's settings: where its secrets may come from, and what is refused.
#include <catch2/catch_test_macros.hpp>
#include <filesystem>
#include <fstream>
#include <map>

#include "http-edge/program/payments.hpp"
#include "tests/system/support/process.hpp"

using namespace dabba;
using program::load_payments;
using variables = std::map<std::string, std::string>;

namespace {

auto in(const variables& values) {
  return [&values](const char* name) -> const char* {
    auto found = values.find(name);
    return found == values.end() ? nullptr : found->second.c_str();
  };
}

const variables both{{"DABBA_PAYMENTS_KEY", "sk_test_1"}, {"DABBA_PAYMENTS_WEBHOOK_SECRETS", "whsec_1,whsec_2"}};

payment_options at(const std::string& url) {
  payment_options out;
  out.url = url;
  return out;
}

std::string refusal_of(const payment_options& options, const variables& values = both) {
  auto made = load_payments(options, in(values));
  REQUIRE_FALSE(made);
  return made.error();
}

}  // namespace

TEST_CASE("without an address there are no card payments, and no secrets are asked for") {
  auto made = load_payments({}, in({}));
  REQUIRE(made);
  CHECK_FALSE(*made);
}

TEST_CASE("secrets come from the environment, or from files, which win") {
  auto made = load_payments(at("https://api.stripe.com/"), in(both));
  REQUIRE(made);
  REQUIRE(*made);
  CHECK((*made)->gateway.base_url == "https://api.stripe.com");
  CHECK((*made)->gateway.secret_key.reveal() == "sk_test_1");
  REQUIRE((*made)->webhook_secrets.size() == 2);
  CHECK((*made)->webhook_secrets[1].reveal() == "whsec_2");

  system_tests::scratch_folder folder;
  auto key = folder.path() / "key", secrets = folder.path() / "secrets";
  std::ofstream{key} << "sk_test_file\n";
  std::ofstream{secrets} << "whsec_old\r\n\nwhsec_new\n";
  auto options = at("http://127.0.0.1:12111");
  options.key_file = key.string();
  options.webhook_secrets_file = secrets.string();
  made = load_payments(options, in(both));
  REQUIRE(made);
  CHECK((*made)->gateway.secret_key.reveal() == "sk_test_file");
  REQUIRE((*made)->webhook_secrets.size() == 2);
  CHECK((*made)->webhook_secrets[0].reveal() == "whsec_old");
  CHECK((*made)->webhook_secrets[1].reveal() == "whsec_new");
}

TEST_CASE("the key is never sent in the clear over a network") {
  for (const auto* url :
       {"http://localhost:1", "http://127.0.0.1:12111", "http://[::1]:12111", "https://gateway.example"})
    CHECK(load_payments(at(url), in(both)));
  for (const auto* url :
       {"http://api.stripe.com", "http://127.evil.example:80", "http://10.0.0.1", "http://localhost.example"}) {
    INFO(url);
    CHECK(refusal_of(at(url)).find("in the clear") != std::string::npos);
  }
}

TEST_CASE("what is no address is refused") {
  for (const auto* url : {"api.stripe.com", "ftp://api.stripe.com", "https://", "https:///v1",
                          "https://key@api.stripe.com", "https://api.stripe.com/?x=1", "https://api.stripe.com/a b"}) {
    INFO(url);
    refusal_of(at(url));
  }
}

TEST_CASE("a missing or odd secret is named by where it was looked for, and not shown") {
  const std::string url = "https://api.stripe.com";
  CHECK(refusal_of(at(url), {}).find("DABBA_PAYMENTS_KEY") != std::string::npos);
  CHECK(refusal_of(at(url), {{"DABBA_PAYMENTS_KEY", "sk_1"}}).find("DABBA_PAYMENTS_WEBHOOK_SECRETS") !=
        std::string::npos);
  auto nowhere = at(url);
  nowhere.key_file = "/nowhere/key";
  CHECK(refusal_of(nowhere).find("/nowhere/key") != std::string::npos);
  variables odd = both;
  odd["DABBA_PAYMENTS_KEY"] = "sk_test_\xc3\xa4";
  CHECK(refusal_of(at(url), odd).find("sk_test_") == std::string::npos);
  odd["DABBA_PAYMENTS_KEY"] = "sk_test_1 sk_test_2";
  CHECK(refusal_of(at(url), odd).find("sk_test_") == std::string::npos);
  odd["DABBA_PAYMENTS_KEY"] = " ";
  refusal_of(at(url), odd);
}
