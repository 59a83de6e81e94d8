#include "bench/city/subprocess.hpp"

#include <stdexcept>

#include <catch2/catch_test_macros.hpp>

using namespace dabba::city;

TEST_CASE("a program is fed more than a pipe holds and answers as much") {
  std::string input;
  for (int i = 0; i < 200'000; ++i) input += "a line\n";
  CHECK(run_with_input({"cat"}, input) == input);
}

TEST_CASE("a program that fails, or is not there, is an error") {
  CHECK_THROWS_AS(run_with_input({"false"}, ""), std::runtime_error);
  CHECK_THROWS_AS(run_with_input({"no-such-program-here"}, ""), std::runtime_error);
}

TEST_CASE("a program may stop reading before all is written") {
  CHECK(run_with_input({"head", "-n", "1"}, "one\n" + std::string(1'000'000, 'x')) == "one\n");
}
