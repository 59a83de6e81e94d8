#include "protocols/model/sparse_list.hpp"

#include <catch2/catch_test_macros.hpp>
#include <string>

using dabba::sparse_list;
using texts = sparse_list<std::string>;

static_assert(sizeof(texts) == sizeof(void*));

TEST_CASE("a sparse list that is empty is every other that is") {
  texts x;
  CHECK(x.empty());
  CHECK(x.begin() == x.end());
  CHECK(x == texts{std::vector<std::string>{}});
  x = std::vector<std::string>{"a"};
  CHECK(x.size() == 1);
  x = texts{};
  CHECK(x.empty());
}

TEST_CASE("a copy of a sparse list is its own") {
  texts x{"a", "b"};
  auto copy = x;
  copy.push_back("c");
  CHECK(x.all() == std::vector<std::string>{"a", "b"});
  CHECK(copy.all() == std::vector<std::string>{"a", "b", "c"});
  CHECK(copy != x);
  x = copy;
  CHECK(x == copy);
  copy = texts{};
  CHECK(x.size() == 3);
  auto moved = std::move(x);
  CHECK(moved.size() == 3);
}
