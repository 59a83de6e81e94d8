/// The description of the API beside the program: every route is in it as it is in the table, and every refusal as the
/// program says it.
#include <catch2/catch_test_macros.hpp>
#include <regex>
#include <set>

#include "http-edge/openapi/description.hpp"
#include "http-edge/problems.hpp"
#include "http-edge/router.hpp"
#include "tests/http-edge/support/client.hpp"
#include "tests/http-edge/support/platform.hpp"

namespace dabba::test {
namespace {

using http::key_rule;
using http::route;
using http::verb;

/// No client ever sees these.
const std::set<std::string_view> never_shown{"none", "idempotency-key-exists"};

const json& described() {
  static const json all = json::parse(http::description());
  return all;
}

std::string method_of(const route& x) {
  switch (x.method) {
    case verb::get: return "get";
    case verb::post: return "post";
    case verb::patch: return "patch";
    case verb::del: return "delete";
    case verb::other: break;
  }
  return "?";
}

/// What a reference stands for.
const json& resolved(const json& x) {
  if (!x.contains("$ref")) return x;
  return described().at(json::json_pointer{x.at("$ref").get<std::string>().substr(1)});
}

/// The described operations, by method and path as the table has it.
std::map<std::string, json> operations() {
  static const std::regex parameter{R"(\{\w+\})"};
  std::map<std::string, json> all;
  for (const auto& [path, methods] : described().at("paths").items())
    for (const auto& [method, operation] : methods.items())
      all[method + ' ' + std::regex_replace(path, parameter, "{}")] = operation;
  return all;
}

template <class F>
void for_each_described_route(F visit) {
  auto all = operations();
  for (const auto& group : http::route_groups())
    for (const auto& each : group) {
      auto name = method_of(each) + ' ' + std::string{each.pattern};
      INFO(name);
      auto found = all.find(name);
      if (found != all.end()) visit(each, found->second);
    }
}

/// The parameter `name` in headers; null when there is none.
json header_parameter(const json& operation, std::string_view name) {
  for (const auto& each : operation.value("parameters", json::array()))
    if (resolved(each).at("in") == "header" && resolved(each).at("name") == name) return resolved(each);
  return nullptr;
}

TEST_CASE("every route is described, and what is described exists") {
  std::set<std::string> in_table;
  for (const auto& group : http::route_groups())
    for (const auto& each : group) in_table.insert(method_of(each) + ' ' + std::string{each.pattern});
  std::set<std::string> in_description;
  for (const auto& [name, operation] : operations()) in_description.insert(name);
  for (const auto& name : in_table) {
    INFO(name << " is in no file of http-edge/openapi");
    CHECK(in_description.contains(name));
  }
  for (const auto& name : in_description) {
    INFO(name << " is in no table of routes");
    CHECK(in_table.contains(name));
  }
}

TEST_CASE("the description says who may call a route") {
  for_each_described_route([](const route& each, const json& operation) {
    std::set<std::string> may;
    for (std::size_t i = 0; i < enum_names<user_role>.size(); ++i) {
      bool is_allowed = each.allowed.wants_token() && each.allowed.allows(static_cast<user_role>(i), false);
      if (is_allowed) may.insert(std::string{enum_names<user_role>[i]});
    }
    CHECK(operation.at("x-roles").get<std::set<std::string>>() == may);
    bool is_open = each.allowed.wants_token() && !each.allowed.needs_token(true);
    CHECK(operation.value("x-open-city", false) == is_open);
    CHECK(operation.value("x-confirmed", false) == each.allowed.needs_account());
    auto security = operation.value("security", described().at("security"));
    CHECK(security.empty() == !each.allowed.wants_token());
    if (each.allowed.wants_token()) CHECK(operation.at("responses").contains("401"));
    auto text = operation.at("description").get<std::string>();
    if (!each.allowed.wants_token()) CHECK(text.find("No token is wanted.") != std::string::npos);
    if (may.size() < enum_names<user_role>.size())
      for (const auto& role : may) CHECK(text.find(role) != std::string::npos);
  });
}

TEST_CASE("the description says what a route does with keys and bodies, and whether it is counted") {
  for_each_described_route([](const route& each, const json& operation) {
    auto key = header_parameter(operation, "Idempotency-Key");
    CHECK(key.is_null() == (each.key == key_rule::ignored));
    if (!key.is_null()) CHECK(key.value("required", false) == (each.key == key_rule::required));
    CHECK(operation.contains("requestBody") == (each.body != http::body_rule::none));
    if (operation.contains("requestBody"))
      CHECK(operation["requestBody"].at("required") == (each.body == http::body_rule::required));
    bool is_counted = each.on == http::surface::api && each.counted_as != http::pace::unlimited;
    for (const auto& [status, answer] : operation.at("responses").items())
      CHECK(resolved(answer).at("headers").contains("RateLimit") == is_counted);
    if (is_counted) CHECK(operation.at("responses").contains("429"));
  });
}

TEST_CASE("every code of the program is described with its status and its sentence") {
  const auto& examples = described().at("components").at("examples");
  for (std::size_t i = 0; i < enum_names<errc>.size(); ++i) {
    auto code = enum_names<errc>[i];
    if (never_shown.contains(code)) continue;
    INFO(code << " is not in http-edge/openapi/problems.yaml, or no route names it");
    REQUIRE(examples.contains(code));
    auto made = http::to_problem(static_cast<errc>(i));
    CHECK(examples[std::string{code}].at("value").at("status") == made.status);
    CHECK(examples[std::string{code}].at("value").at("detail") == made.detail);
  }
}

TEST_CASE("examples of refusals are what the program would write") {
  for (const auto& [name, example] : described().at("components").at("examples").items()) {
    const auto& wanted = example.at("value");
    if (!wanted.contains("code")) continue;
    INFO(name);
    auto made = http::make_problem(wanted.at("status"), wanted.at("code").get<std::string>(), wanted.at("detail"));
    http::request in;
    in.path = wanted.at("instance");
    in.id = wanted.at("requestId");
    auto written = json::parse(http::render(made, in).body);
    if (wanted.contains("errors")) written["errors"] = wanted["errors"];
    CHECK(written == wanted);
  }
}

TEST_CASE("a node serves the description, and tells when it is the one the caller has") {
  platform p;
  auto got = ask(p.port(), "GET", "/openapi.json");
  CHECK(got.status == 200);
  CHECK(got.body == http::description());
  CHECK(got.header("content-type") == "application/json");
  CHECK(got.header("cache-control") == "public, max-age=300");
  auto again = ask(p.port(), "GET", "/openapi.json", "", "", {{"If-None-Match", got.header("etag")}});
  CHECK(again.status == 304);
  CHECK(again.body.empty());
  CHECK(again.header("etag") == got.header("etag"));
  CHECK(ask(p.port(), "GET", "/openapi.json", "", "", {{"If-None-Match", "\"other\""}}).status == 200);
}

}  // namespace
}  // namespace dabba::test
