/// Webhook signatures: vectors made by another program, and properties.
#include "http-edge/stripe/webhook_signature.hpp"

#include <openssl/evp.h>
#include <openssl/hmac.h>

#include <rapidcheck.h>
#include <array>
#include <catch2/catch_test_macros.hpp>

using namespace dabba::stripe;
using dabba::outbound::secret_text;
using namespace std::chrono_literals;

namespace {

using std::chrono::sys_seconds;

/// printf '1700000000.{"id":"evt_1"}' | openssl dgst -sha256 -hmac whsec_first
constexpr std::string_view body = R"({"id":"evt_1"})";
constexpr std::string_view by_first = "1e3d4a587cb2a36f93d7444746133dcfcd077e60212c2413513da26d6ddb0cbb";
constexpr std::string_view by_second = "431708173e431206d7e7fefa076fb3e9a58f00c55d14c6d35c292d63c0d5a43b";
const sys_seconds sent{1'700'000'000s};
const std::vector<secret_text> first{secret_text{"whsec_first"}};
const std::vector<secret_text> both{secret_text{"whsec_second"}, secret_text{"whsec_first"}};

std::string header(std::string_view signature) { return "t=1700000000,v1=" + std::string{signature}; }

std::string signed_by(const std::string& secret, const std::string& text) {
  std::array<unsigned char, 32> bytes{};
  unsigned length = 0;
  HMAC(EVP_sha256(), secret.data(), static_cast<int>(secret.size()),
       reinterpret_cast<const unsigned char*>(text.data()), text.size(), bytes.data(), &length);
  std::string out;
  for (auto byte : bytes) {
    out += "0123456789abcdef"[byte >> 4];
    out += "0123456789abcdef"[byte & 15];
  }
  return out;
}

signature_flaw flaw_of(std::string_view header, std::string_view text = body,
                       const std::vector<secret_text>& secrets = first, sys_seconds now = sent) {
  auto verified = verify_signature(header, text, secrets, now);
  REQUIRE_FALSE(verified);
  return verified.error();
}

}  // namespace

TEST_CASE("a signature made by OpenSSL's program is taken") {
  CHECK(verify_signature(header(by_first), body, first, sent));
  CHECK(verify_signature("t=1700000000, v1=" + std::string{by_first}, body, first, sent));
}

TEST_CASE("while secrets are replaced, one of several signatures by one of several secrets is enough") {
  CHECK(verify_signature(header(by_second), body, both, sent));
  CHECK(verify_signature(header(by_second) + ",v1=" + std::string{by_first}, body, first, sent));
  CHECK(verify_signature(header(std::string(64, '0')) + ",v1=" + std::string{by_first}, body, both, sent));
}

TEST_CASE("another body, another time, another secret or none opens nothing") {
  CHECK(flaw_of(header(by_first), R"({"id":"evt_2"})") == signature_flaw::no_match);
  CHECK(flaw_of(header(by_first), std::string{body} + " ") == signature_flaw::no_match);
  CHECK(flaw_of("t=1700000001,v1=" + std::string{by_first}) == signature_flaw::no_match);
  CHECK(flaw_of(header(by_second)) == signature_flaw::no_match);
  CHECK(flaw_of(header(by_first), body, {}) == signature_flaw::no_match);
  CHECK(flaw_of(header(signed_by("", "1700000000." + std::string{body})), body, {secret_text{}}) ==
        signature_flaw::no_match);
}

TEST_CASE("a genuine one is taken for five minutes, and by a clock that is as much behind") {
  for (auto age : {-300s, 0s, 300s}) CHECK(verify_signature(header(by_first), body, first, sent + age));
  for (auto age : {-301s, 301s, 86'400s})
    CHECK(flaw_of(header(by_first), body, first, sent + age) == signature_flaw::out_of_time);
}

TEST_CASE("a forged one is told nothing about its time") {
  CHECK(flaw_of(header(std::string(64, 'a')), body, first, sent + 86'400s) == signature_flaw::no_match);
}

TEST_CASE("headers that are none are refused") {
  const std::string good{by_first}, long_name(5000, 'a');
  for (const auto& text :
       {std::string{}, std::string{"nonsense"}, std::string{"t"}, std::string{"t="}, "v1=" + good, "t=,v1=" + good,
        "t=-1700000000,v1=" + good, "t=17000000000000000000000,v1=" + good, "t=1700000000 ,v1=" + good,
        "t=0x6553f100,v1=" + good, "t=1700000000,t=1700000000,v1=" + good, "t=1700000000,,v1=" + good,
        long_name + "=1,t=1700000000,v1=" + good}) {
    INFO(text);
    CHECK(flaw_of(text) == signature_flaw::malformed);
  }
  CHECK(flaw_of("t=1700000000") == signature_flaw::no_signature);
  CHECK(flaw_of("t=1700000000,v0=" + good) == signature_flaw::no_signature);
  CHECK(flaw_of("t=1700000000,v1=") == signature_flaw::no_signature);
  CHECK(flaw_of("t=1700000000,v1=" + good.substr(1)) == signature_flaw::no_signature);
  CHECK(flaw_of("t=1700000000,v1=" + good + "00") == signature_flaw::no_signature);
}

TEST_CASE("whatever is signed is taken, and no other byte of it") {
  CHECK(rc::check([] {
    auto text = *rc::gen::arbitrary<std::string>();
    auto secret = "whsec_" + *rc::gen::arbitrary<std::string>();
    auto seconds = *rc::gen::inRange<std::int64_t>(0, 4'000'000'000);
    auto made = signed_by(secret, std::to_string(seconds) + "." + text);
    auto head = "t=" + std::to_string(seconds) + ",v1=" + made;
    std::vector<secret_text> secrets{secret_text{"whsec_other"}, secret_text{secret}};
    sys_seconds now{std::chrono::seconds{seconds} + *rc::gen::inRange(-300, 301) * 1s};
    RC_ASSERT(verify_signature(head, text, secrets, now));

    auto changed = text + "x";
    if (!text.empty()) {
      changed = text;
      changed[*rc::gen::inRange<std::size_t>(0, text.size())] ^= static_cast<char>(1 << *rc::gen::inRange(0, 8));
    }
    RC_ASSERT(!verify_signature(head, changed, secrets, now));
    auto place = head.size() - 1 - *rc::gen::inRange<std::size_t>(0, 64);
    auto forged = head;
    forged[place] = forged[place] == '0' ? '1' : '0';
    RC_ASSERT(!verify_signature(forged, text, secrets, now));
  }));
}

TEST_CASE("headers made of pieces at random never open anything, and break nothing") {
  const std::vector<std::string> known{
      "t=1700000000",        "v1=", ",", "=", "t", "v0=", "-", " ", std::string(1, '\0'), std::string(64, 'f'),
      std::string{by_second}};
  CHECK(rc::check([&] {
    auto pieces = *rc::gen::container<std::vector<std::string>>(
        rc::gen::oneOf(rc::gen::elementOf(known), rc::gen::arbitrary<std::string>()));
    std::string text;
    for (const auto& each : pieces) text += each;
    RC_ASSERT(!verify_signature(text, body, first, sent));
  }));
}
