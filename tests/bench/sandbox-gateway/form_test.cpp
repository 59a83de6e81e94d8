/// Forms with brackets.
#include "bench/sandbox-gateway/form.hpp"

#include <rapidcheck.h>
#include <catch2/catch_test_macros.hpp>

#include "bench/sandbox-gateway/api_error.hpp"
#include "bench/sandbox-gateway/parameters.hpp"

using namespace dabba::sandbox;
using nlohmann::json;

TEST_CASE("names with brackets are objects and lists in objects") {
  CHECK(parse_form("amount=100&metadata[order]=a%20b+c&metadata%5Bcity%5D=%C3%A4") ==
        json{{"amount", "100"}, {"metadata", {{"order", "a b c"}, {"city", "ä"}}}});
  CHECK(parse_form("types[]=a&types[]=b") == json{{"types", {{"0", "a"}, {"1", "b"}}}});
  CHECK(parse_form("types[0]=a&types[1]=b") == json{{"types", {{"0", "a"}, {"1", "b"}}}});
  CHECK(parse_form("a[b][c]=1&a[b][d]=2&&e=") == json{{"a", {{"b", {{"c", "1"}, {"d", "2"}}}}}, {"e", ""}});
  CHECK(parse_form("").empty());
}

TEST_CASE("forms that are none are refused") {
  std::string deep = "a", many;
  for (int i = 0; i < 6; ++i) deep += "[b]";
  for (int i = 0; i < 513; ++i) many += "a" + std::to_string(i) + "=1&";
  for (const auto& text : {std::string{"=1"}, std::string{"a[b=1"}, std::string{"a[b]c=1"}, std::string{"a=1&a[b]=2"},
                           std::string{"a[b]=2&a=1"}, std::string{"a=%4"}, std::string{"a=%zz"}, deep + "=1", many}) {
    INFO(text);
    CHECK_THROWS_AS(parse_form(text), api_error);
  }
}

TEST_CASE("any bytes at all are a form or a refusal") {
  CHECK(rc::check([](const std::string& text) {
    try {
      RC_ASSERT(parse_form(text).is_object());
    } catch (const api_error& why) {
      RC_ASSERT(why.status == 400u);
    }
  }));
}

TEST_CASE("parameters are refused in Stripe's words: missing, unknown, of another kind") {
  auto code_of = [](const char* text, auto read) {
    parameters given{parse_form(text)};
    try {
      read(given);
      given.refuse_others();
    } catch (const api_error& why) {
      return why.code + " " + why.param;
    }
    return std::string{"taken"};
  };
  auto amount = [](parameters& x) { x.required_integer("amount"); };
  CHECK(code_of("amount=1", amount) == "taken");
  CHECK(code_of("", amount) == "parameter_missing amount");
  CHECK(code_of("amount=", amount) == "parameter_missing amount");
  CHECK(code_of("amount=1.5", amount) == "parameter_invalid_integer amount");
  CHECK(code_of("amount=99999999999999999999", amount) == "parameter_invalid_integer amount");
  CHECK(code_of("amount=1&amuont=2", amount) == "parameter_unknown amuont");
  CHECK(code_of("metadata[a]=1&metadata[b]=", [](parameters& x) { CHECK(x.metadata().size() == 2); }) == "taken");
}
