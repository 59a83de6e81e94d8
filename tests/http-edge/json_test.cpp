/// Reading and writing JSON: money by its digits, times, text.
#include <catch2/catch_test_macros.hpp>
#include <cmath>

#include "http-edge/fields.hpp"
#include "http-edge/json_writer.hpp"
#include "http-edge/query.hpp"

namespace dabba::http {
namespace {

std::string written(auto x) {
  std::string out;
  append_json(out, x);
  return out;
}

TEST_CASE("money is read from its digits") {
  CHECK(parse_money("350") == minor_units{35'000});
  CHECK(parse_money("350.5") == minor_units{35'050});
  CHECK(parse_money("0.29") == minor_units{29});  // 0.29 * 100 is 28.999999999999996 as doubles
  CHECK(parse_money("1.10") == minor_units{110});
  CHECK(parse_money("4.350") == minor_units{435});
  CHECK(parse_money("-0.01") == minor_units{-1});
  for (auto bad : {"1.005", "1e2", "", "-", ".5", "1.2.3", "1,5", "9999999999999999", " 1", "0x10", "nan"})
    CHECK_FALSE(parse_money(bad));
}

TEST_CASE("money is written with two decimals") {
  CHECK(written(minor_units{35'000}) == "350.00");
  CHECK(written(minor_units{5}) == "0.05");
  CHECK(written(minor_units{-105}) == "-1.05");
  for (std::int64_t minor : std::vector<std::int64_t>{0, 1, 9, 10, 99, 100, 101, 28'99, 10'000'000'000})
    CHECK(parse_money(written(minor_units{minor})) == minor_units{minor});
}

TEST_CASE("times are RFC 3339 and come back the same") {
  CHECK(time_text(instant{1'772'362'800'123'000}) == "2026-03-01T11:00:00.123Z");
  CHECK(parse_time("2026-03-01T11:00:00.123Z") == instant{1'772'362'800'123'000});
  CHECK(parse_time("2026-03-01T16:30:00+05:30") == instant{1'772'362'800'000'000});
  CHECK(parse_time("2026-03-01t11:00:00.1234567z") == instant{1'772'362'800'123'456});
  CHECK(time_text(*parse_time("2024-02-29T23:59:59.999Z")) == "2024-02-29T23:59:59.999Z");
  for (auto bad : {"", "2026-03-01", "2026-03-01T11:00:00", "2026-02-29T11:00:00Z", "2026-13-01T11:00:00Z",
                   "2026-03-01T24:00:00Z", "2026-03-01T11:60:00Z", "2026-03-01T11:00:00.Z", "2026-03-01T11:00:00+0530",
                   "2026-03-01 11:00:00Z", "1969-12-31T23:59:59Z", "2026-03-0xT11:00:00Z", "2026-03-01T11:00:00Zx",
                   "-026-03-01T11:00:00Z", "2026-03-01T11:00:00+24:00"})
    CHECK_FALSE(parse_time(bad));
}

TEST_CASE("text is escaped, numbers are exact, what is no number is null") {
  CHECK(written(std::string_view{"a\"\\\n\x01\x7f\u00e9"}) == "\"a\\\"\\\\\\n\\u0001\\u007f\u00e9\"");
  CHECK(written(0.1) == "0.1");
  CHECK(written(18.5203001) == "18.5203001");
  CHECK(written(std::nan("")) == "null");
  CHECK(written(true) == "true");
}

TEST_CASE("the tree keeps digits, refuses doubled keys and depth") {
  auto parsed = parse_json(R"({"price": 0.10, "n": -5, "list": [1, {"x": null}]})");
  REQUIRE(parsed);
  CHECK(parsed->find("price")->text == "0.10");
  CHECK(parsed->find("n")->text == "-5");
  CHECK(parsed->find("list")->items.size() == 2);
  CHECK(parsed->find("nothing") == nullptr);
  CHECK_FALSE(parse_json(R"({"a":1,"a":1})"));
  CHECK_FALSE(parse_json(std::string(17, '[') + std::string(17, ']')));
  CHECK(parse_json(std::string(16, '[') + std::string(16, ']')));
  CHECK_FALSE(parse_json("{\"a\":\"\xc0\x80\"}"));
  CHECK_FALSE(parse_json(""));
}

TEST_CASE("all wrong fields are told at once, each with its pointer") {
  auto body = parse_json(R"({"name":" ","age":1.5,"who":{"id":7},"list":[{"q":0},{}],"when":"today","on":"yes"})");
  std::vector<field_error> errors;
  fields in{*body, "", errors};
  in.text("name", 10);
  in.text("title", 10);
  in.integer("age", 0, 10, presence::required);
  in.object("who", presence::required)->identifier<user_id>("id");
  for (auto& each : in.list("list", 1, 2)) each.integer("q", 1, 9, presence::required);
  in.time("when", presence::required);
  in.boolean("on");
  in.position(presence::optional);
  std::vector<std::string> pointers;
  for (const auto& each : errors) pointers.push_back(each.pointer);
  CHECK(pointers ==
        std::vector<std::string>{"/name", "/title", "/age", "/who/id", "/list/0/q", "/list/1/q", "/when", "/on"});
}

TEST_CASE("half a position is none") {
  auto body = parse_json(R"({"latitude":1})");
  std::vector<field_error> errors;
  CHECK_FALSE(fields(*body, "", errors).position(presence::optional));
  CHECK(errors.size() == 1);
}

TEST_CASE("text is counted in characters") {
  auto body = parse_json("{\"a\":\"\u0926\u0926\u0926\"}");
  std::vector<field_error> errors;
  fields in{*body, "", errors};
  in.text("a", 3);
  CHECK(errors.empty());
  in.text("a", 2);
  CHECK(errors.size() == 1);
}

TEST_CASE("a query is decoded") {
  query_string query{"a=1&b=x%20y+z&empty&c=%zz&a=2&%61%62=7"};
  CHECK(query.text("a") == "1");
  CHECK(query.text("b") == "x y z");
  CHECK(query.text("empty") == "");
  CHECK(query.text("c") == "%zz");
  CHECK(query.text("ab") == "7");
  CHECK_FALSE(query.text("d"));
  CHECK(query.number("a", 0, 5, 9) == 1);
  CHECK(query.number("d", 0, 5, 3) == 3);
  CHECK_FALSE(query.number("b", 0, 5, 3));
  CHECK_FALSE(query.number("ab", 0, 5, 3));
  CHECK_FALSE(query_string{"a=%"}.number("a", 0, 5, 3));
}

}  // namespace
}  // namespace dabba::http
