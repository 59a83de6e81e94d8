/// Access tokens: what is signed here is taken, everything else is not.
#include <sys/stat.h>
#include <catch2/catch_test_macros.hpp>
#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <nlohmann/json.hpp>

#include "http-edge/base64url.hpp"
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

/// A folder of its own, removed with this object.
struct temporary_folder {
  std::filesystem::path path =
      std::filesystem::temp_directory_path() / ("dabba-keys-test-" + to_string(make_uuid_v7(instant{std::rand()})));
  temporary_folder() { std::filesystem::create_directory(path); }
  ~temporary_folder() { std::filesystem::remove_all(path); }
};

TEST_CASE("a public key verifies beside one that signs, and does not take its place; other files are no keys") {
  temporary_file file, own, open;
  temporary_folder folder;
  auto keys = token_keys::create(file.path);
  auto command = "openssl pkey -in " + file.path.string() + " -pubout -out " + open.path.string() + " 2>/dev/null";
  REQUIRE(std::system(command.c_str()) == 0);
  CHECK_FALSE(token_keys::load(open.path));
  REQUIRE(token_keys::create(own.path));
  std::filesystem::copy_file(open.path, folder.path / "theirs.pem");
  auto verifier = token_keys::load(key_files{own.path, folder.path});
  REQUIRE(verifier);
  CHECK(verifier->verify(*keys->sign(who, now, 60s), now));
  // Nor does it while the node runs: that one keeps the keys it has.
  auto before = verifier->signing_key_id();
  std::filesystem::copy_file(open.path, own.path, std::filesystem::copy_options::overwrite_existing);
  auto refused = verifier->reload();
  REQUIRE_FALSE(refused);
  CHECK(refused.error().find("no private key") != std::string::npos);
  CHECK(verifier->signing_key_id() == before);
  CHECK(verifier->verify(*verifier->sign(who, now, 60s), now));
  temporary_file junk;
  std::ofstream{junk.path} << "not a key";
  CHECK_FALSE(token_keys::load(junk.path));
  CHECK_FALSE(token_keys::load("/nonexistent/key"));
}

TEST_CASE("a key's id is its thumbprint, and tokens name it") {
  // RFC 7515, appendix A.3; the thumbprint as `jose` computes it of that key.
  temporary_file file;
  std::ofstream{file.path} << R"({"kty":"EC","crv":"P-256","x":"f83OJ3D2xF1Bg8vub9tLe1gHMzV76e8Tus9uPHvRVEU",)"
                           << R"("y":"x_FEzRu9m36HLN_tue659LNpXW6pCyStikYjKIWI5a0",)"
                           << R"("d":"jpsQnnGQmL-YBIffH1136cspYG6-0iY7X1fCE9-E9LI"})";
  auto keys = token_keys::load(file.path);
  REQUIRE(keys);
  CHECK(keys->signing_key_id() == "oKIywvGUpTVTyxMQ3bwIIeQUudfr_CkLMjCE19ECD-U");
  auto published = nlohmann::json::parse(keys->key_set());
  REQUIRE(published["keys"].size() == 1);
  CHECK(published["keys"][0] ==
        nlohmann::json{{"kty", "EC"},
                       {"crv", "P-256"},
                       {"x", "f83OJ3D2xF1Bg8vub9tLe1gHMzV76e8Tus9uPHvRVEU"},
                       {"y", "x_FEzRu9m36HLN_tue659LNpXW6pCyStikYjKIWI5a0"},
                       {"kid", keys->signing_key_id()},
                       {"use", "sig"},
                       {"alg", "ES256"}});
  auto token = *keys->sign(who, now, 60s);
  auto header = from_base64url(std::string_view{token}.substr(0, token.find('.')));
  REQUIRE(header);
  CHECK(nlohmann::json::parse(*header)["kid"] == keys->signing_key_id());
}

TEST_CASE("keys are replaced without a token being refused, when each is known before it signs") {
  temporary_file one, two;
  temporary_folder folder;
  auto first = token_keys::create(one.path);
  auto second = token_keys::create(two.path);
  temporary_file current;
  std::filesystem::copy_file(one.path, current.path);
  auto node = token_keys::load(key_files{current.path, folder.path});
  REQUIRE(node);
  CHECK(node->reload() == false);
  auto of_first = *first->sign(who, now, 600s);
  auto of_second = *second->sign(who, now, 600s);
  CHECK(node->verify(of_first, now));
  CHECK_FALSE(node->verify(of_second, now));

  // The new key is made known everywhere,
  std::filesystem::copy_file(two.path, folder.path / "new.pem");
  CHECK(node->reload() == true);
  CHECK(node->signing_key_id() == first->signing_key_id());
  CHECK(node->verify(of_second, now));
  CHECK(nlohmann::json::parse(node->key_set())["keys"].size() == 2);
  // then signs, beside the old one,
  std::filesystem::copy_file(one.path, folder.path / "old.pem");
  std::filesystem::copy_file(two.path, current.path, std::filesystem::copy_options::overwrite_existing);
  CHECK(node->reload() == true);
  CHECK(node->signing_key_id() == second->signing_key_id());
  CHECK(nlohmann::json::parse(node->key_set())["keys"].size() == 2);
  CHECK(node->verify(of_first, now));
  CHECK(second->verify(*node->sign(who, now, 60s), now));
  // and when the last token of the old one has ended, that one goes.
  std::filesystem::remove(folder.path / "old.pem");
  CHECK(node->reload() == true);
  CHECK_FALSE(node->verify(of_first, now));  // also one that was seen before
  CHECK(node->verify(of_second, now));
}

TEST_CASE("files that can't be read leave the keys as they were") {
  temporary_file file;
  temporary_folder folder;
  REQUIRE(token_keys::create(file.path));
  std::ofstream{folder.path / ".hidden"} << "not a key";
  std::filesystem::create_directory(folder.path / "..data");
  auto keys = token_keys::load(key_files{file.path, folder.path});
  REQUIRE(keys);
  auto id = keys->signing_key_id();
  std::ofstream{folder.path / "broken.pem"} << "not a key";
  CHECK_FALSE(keys->reload());
  CHECK_FALSE(token_keys::load(key_files{file.path, folder.path}));
  std::filesystem::remove(folder.path / "broken.pem");
  std::filesystem::remove(file.path);
  CHECK_FALSE(keys->reload());
  CHECK(keys->signing_key_id() == id);
  CHECK(keys->verify(*keys->sign(who, now, 60s), now));
  CHECK_FALSE(token_keys::load(key_files{file.path, "/nonexistent"}));
}

TEST_CASE("a token that names a key is verified with that key only; one that names none with any") {
  temporary_file one, two;
  temporary_folder folder;
  auto first = token_keys::create(one.path);
  auto second = token_keys::create(two.path);
  std::filesystem::copy_file(two.path, folder.path / "two.pem");
  auto node = token_keys::load(key_files{one.path, folder.path});
  REQUIRE(node);
  auto token = *second->sign(who, now, 60s);
  REQUIRE(node->verify(token, now));
  // The header of the first key's tokens before the claims and signature of the second's.
  auto mixed = first->sign(who, now, 60s)->substr(0, token.find('.')) + token.substr(token.find('.'));
  CHECK_FALSE(node->verify(mixed, now));
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
