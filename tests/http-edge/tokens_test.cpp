/// Access tokens: what is signed here is taken, everything else is not.
#include <sys/stat.h>
#include <catch2/catch_test_macros.hpp>
#include <cstdlib>
#include <filesystem>
#include <fstream>

#include "http-edge/tokens.hpp"
#include "protocols/model/instant.hpp"
#include "protocols/model/limits.hpp"

namespace dabba {
namespace {

using namespace std::chrono_literals;

/// A file name that nobody has, removed with this object.
struct temporary_file {
  std::filesystem::path path =
      std::filesystem::temp_directory_path() / ("dabba-token-test-" + to_string(make_uuid_v7(instant{std::rand()})));
  ~temporary_file() { std::filesystem::remove(path); }
};

const principal who{user_id{*parse_uuid("018f6f2c-0000-7000-8000-000000000001")}, user_role::partner};
const real_time now = real_time{std::chrono::seconds{1'800'000'000}};

TEST_CASE("a signed token says who calls, until it expires") {
  temporary_file file;
  auto keys = token_keys::create(file.path);
  REQUIRE(keys);
  auto token = keys->sign(who, now, 60s);
  REQUIRE(token);
  auto verified = keys->verify(*token, now + 59s);
  REQUIRE(verified);
  CHECK(verified->who == who);
  CHECK(verified->expires_at == now + 60s);
  CHECK_FALSE(keys->verify(*token, now + 60s));
  CHECK_FALSE(keys->verify(*token, now - 31s));
  CHECK(keys->verify(*token, now - 30s));
}

TEST_CASE("a cached token expires too") {
  temporary_file file;
  auto keys = token_keys::create(file.path);
  auto token = *keys->sign(who, now, 60s);
  CHECK(keys->verify(token, now));
  CHECK(keys->verify(token, now));
  CHECK_FALSE(keys->verify(token, now + 61s));
  CHECK_FALSE(keys->verify(token, now + 61s));
}

TEST_CASE("tokens live fifteen minutes at most") {
  temporary_file file;
  auto keys = token_keys::create(file.path);
  CHECK(keys->sign(who, now, limits::token_lifetime));
  CHECK_FALSE(keys->sign(who, now, limits::token_lifetime + 1s));
  CHECK_FALSE(keys->sign(who, now, 0s));
}

TEST_CASE("a key is written for its owner's eyes, once, and read again") {
  temporary_file file;
  auto keys = token_keys::create(file.path);
  REQUIRE(keys);
  struct stat facts {};
  REQUIRE(::stat(file.path.c_str(), &facts) == 0);
  CHECK((facts.st_mode & 0777) == 0600);
  CHECK_FALSE(token_keys::create(file.path));
  auto loaded = token_keys::load(file.path);
  REQUIRE(loaded);
  CHECK(loaded->verify(*keys->sign(who, now, 60s), now));
}

TEST_CASE("a public key verifies and does not sign; other files are no keys") {
  temporary_file file;
  temporary_file open;
  auto keys = token_keys::create(file.path);
  auto command = "openssl pkey -in " + file.path.string() + " -pubout -out " + open.path.string() + " 2>/dev/null";
  REQUIRE(std::system(command.c_str()) == 0);
  auto verifier = token_keys::load(open.path);
  REQUIRE(verifier);
  CHECK(verifier->verify(*keys->sign(who, now, 60s), now));
  CHECK_FALSE(verifier->sign(who, now, 60s));
  temporary_file junk;
  std::ofstream{junk.path} << "not a key";
  CHECK_FALSE(token_keys::load(junk.path));
  CHECK_FALSE(token_keys::load("/nonexistent/key"));
}

TEST_CASE("another key's token is not taken, nor one that was changed") {
  temporary_file one;
  temporary_file two;
  auto keys = token_keys::create(one.path);
  auto others = token_keys::create(two.path);
  auto token = *keys->sign(who, now, 60s);
  CHECK_FALSE(others->verify(token, now));
  for (std::size_t i = 0; i < token.size(); i += 7) {
    auto changed = token;
    changed[i] = changed[i] == 'A' ? 'B' : 'A';
    CHECK_FALSE(keys->verify(changed, now));
  }
}

}  // namespace
}  // namespace dabba
