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
    std::filesystem::create_directories(root / "web" / "docs");
    std::filesystem::create_directories(root / "swagger-ui");
    std::ofstream{root / "web" / "docs" / "index.html"} << "<!doctype html><title>docs</title>";
    std::ofstream{root / "swagger-ui" / "swagger-ui.css"} << "p {}";
    std::ofstream{root / "swagger-ui" / "swagger-ui-bundle.js"} << "let x;";
    std::ofstream{root / "swagger-ui" / "index.html"} << "not ours";
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

TEST_CASE("the page of the API comes with what it needs of Swagger UI's folder, and nothing else does") {
  web_folder folder;
  auto options = folder.options();
  options.swagger_ui = (folder.root / "swagger-ui").string();
  platform p{options};
  auto page = ask(p.port(), "GET", "/docs");
  CHECK(page.status == 200);
  CHECK(page.body == "<!doctype html><title>docs</title>");
  CHECK(page.header("content-type") == "text/html; charset=utf-8");
  CHECK(page.header("content-security-policy").find("default-src 'self'") == 0);
  CHECK(page.header("content-security-policy").find("unsafe") == std::string::npos);
  CHECK(ask(p.port(), "GET", "/docs", "", "", {{"If-None-Match", page.header("etag")}}).status == 304);
  CHECK(ask(p.port(), "GET", "/docs/swagger-ui-bundle.js").body == "let x;");
  CHECK(ask(p.port(), "GET", "/docs/swagger-ui.css").header("content-type") == "text/css; charset=utf-8");
  CHECK(ask(p.port(), "POST", "/docs").status == 405);
  for (std::string path : {"/docs/../secret.txt", "/docs/%2e%2e/%2e%2e/secret.txt", "/docs/..%2fsecret.txt",
                           "/docs//etc/passwd", "/docs/swagger-ui/index.html", "/swagger-ui.css"})
    CHECK(ask(p.port(), "GET", path).status == 404);
}

TEST_CASE("a node without Swagger UI, or without pages, says so at /docs") {
  web_folder folder;
  auto without = folder.options();
  without.swagger_ui = (folder.root / "nowhere").string();
  auto incomplete = folder.options();
  incomplete.swagger_ui = (folder.root / "web").string();
  auto no_pages = folder.options();
  no_pages.web_root.clear();
  no_pages.swagger_ui = (folder.root / "swagger-ui").string();
  for (const auto& options : {without, incomplete, no_pages}) {
    platform p{options};
    auto refused = ask(p.port(), "GET", "/docs");
    CHECK(refused.status == 404);
    CHECK(refused.header("content-type") == "application/problem+json");
    CHECK(refused.parsed().at("detail").get<std::string>().find("this node has no Swagger UI") == 0);
  }
}

}  // namespace
}  // namespace dabba::test
