/// Static files: what was there at the start, and nothing beside it.
#include <catch2/catch_test_macros.hpp>
#include <filesystem>
#include <fstream>

#include "tests/http-edge/support/client.hpp"
#include "tests/http-edge/support/platform.hpp"

namespace dabba::test {
namespace {

struct web_folder {
  std::filesystem::path root =
      std::filesystem::temp_directory_path() / ("dabba-pages-test-" + to_string(make_uuid_v7(real_now())));
  web_folder() {
    std::filesystem::create_directories(root / "web" / "js");
    std::ofstream{root / "secret.txt"} << "secret";
    std::ofstream{root / "web" / "index.html"} << "<!doctype html>";
    std::ofstream{root / "web" / "js" / "main.js"} << "export {};";
  }
  ~web_folder() { std::filesystem::remove_all(root); }
  edge_options options() {
    edge_options made;
    made.web_root = (root / "web").string();
    return made;
  }
};

TEST_CASE("pages come with their type, a policy and an ETag") {
  web_folder folder;
  platform p{folder.options()};
  auto page = ask(p.port(), "GET", "/");
  CHECK(page.status == 200);
  CHECK(page.body == "<!doctype html>");
  CHECK(page.header("content-type") == "text/html; charset=utf-8");
  CHECK(page.header("content-security-policy").find("default-src 'self'; connect-src 'self' ws: wss:") == 0);
  CHECK(page.header("x-content-type-options") == "nosniff");
  CHECK(ask(p.port(), "GET", "/js/main.js").header("content-type") == "text/javascript; charset=utf-8");
  auto again = ask(p.port(), "GET", "/", "", "", {{"If-None-Match", page.header("etag")}});
  CHECK(again.status == 304);
  CHECK(again.body.empty());
}

TEST_CASE("nothing outside of the folder can be asked for") {
  web_folder folder;
  platform p{folder.options()};
  for (std::string path : {"/../secret.txt", "/%2e%2e/secret.txt", "/js/../../secret.txt", "//etc/passwd", "/js/",
                           "/js", "/.", "/..%2fsecret.txt"}) {
    auto answer = ask(p.port(), "GET", path);
    CHECK(answer.status == 404);
    CHECK(answer.body.find("secret\"") == std::string::npos);
  }
  for (std::string page : {"/", "/js/main.js"}) {
    auto answer = ask(p.port(), "POST", page);
    CHECK(answer.status == 405);
    CHECK(answer.header("allow") == "GET, HEAD");
  }
  CHECK(ask(p.port(), "POST", "/secret.txt").status == 404);
}

}  // namespace
}  // namespace dabba::test
