/// Callers who are not who they say, and bytes and frames that no client of ours sends: each is refused as docs/api.md
/// promises, leaves no row and ends nothing.
#include <catch2/catch_test_macros.hpp>

#include "tests/system/support/steadfast_town.hpp"
#include "tests/system/support/tcp.hpp"

namespace dabba::system_tests {
namespace {

using nlohmann::json;
using namespace std::chrono_literals;

}  // namespace

TEST_CASE("tokens that are not ours, not for now or not signed as ours are no tokens") {
  steadfast_town in;
  run_dabba({"token", "--new-key", (in.node.folder() / "other.pem").string()});
  token_maker other{in.node.folder() / "other.pem"};
  const auto& ours = in.node.tokens();
  auto id = in.hungry.id();
  json es256{{"alg", "ES256"}, {"typ", "JWT"}};
  auto with = [&](const char* claim, const json& value) {
    auto claims = token_maker::claims("CUSTOMER", id);
    claims[claim] = value;
    return ours.sign(es256, claims);
  };
  auto good = ours.token("CUSTOMER", id);
  auto now = token_maker::claims("CUSTOMER", id)["iat"].get<std::int64_t>();
  auto claims = base64url(token_maker::claims("CUSTOMER", id).dump());
  auto signature = good.substr(good.rfind('.'));
  auto expired = token_maker::claims("CUSTOMER", id);
  expired["iat"] = now - 600;
  expired["exp"] = now - 1;
  auto unsigned_header = base64url(R"({"alg":"none","typ":"JWT"})");
  std::vector<std::string> wrong{
      "",
      "x",
      "a.b.c",
      "..",
      good + "x",
      good.substr(0, good.size() / 2),
      other.token("CUSTOMER", id),
      unsigned_header + "." + claims + ".",
      unsigned_header + "." + claims + signature,
      ours.sign({{"alg", "none"}}, token_maker::claims("CUSTOMER", id)),
      ours.sign({{"alg", "HS256"}}, token_maker::claims("CUSTOMER", id)),
      base64url(es256.dump()) + "." + base64url(token_maker::claims("ADMIN", id).dump()) + signature,
      ours.sign(es256, expired),
      with("aud", "another"),
      with("aud", json::array()),
      with("iss", "another"),
      with("exp", now + 3600),
      with("exp", "soon"),
      with("iat", now + 300),
      with("role", "KING"),
      with("role", 7),
      with("sub", "me"),
      with("sub", nullptr),
      with("exp", nullptr),
      ours.sign(es256, json::array())};
  for (const auto& each : wrong) {
    INFO(each.substr(0, 400));
    http_client http{in.node.port(), each};
    auto got = http.get("/v1/orders/" + in.waiting);
    check_problem(got, 401, "unauthenticated");
    CHECK(got.header("www-authenticate").starts_with("Bearer"));
    // Also where the body is what it should be.
    check_problem(http.send(checkout_request(in.kitchen, new_uuid())), 401, "unauthenticated");
    if (each.empty()) continue;
    stream_client socket{in.node.port(), ""};
    socket.send({{"type", "auth"}, {"id", 1}, {"token", each}});
    CHECK(socket.closed_within(5s) == 4401);
  }
  check_problem(
      http_client{in.node.port(), std::string(12'000, 'a')}.get("/v1/orders/" + in.waiting), 401, "unauthenticated");
  CHECK(http_client{in.node.port(), good}.get("/v1/orders/" + in.waiting).status == 200);
  in.check_unharmed();
}

TEST_CASE("methods, sizes and bytes that are not HTTP as we speak it are refused") {
  steadfast_town in;
  auto& http = in.hungry.http();
  for (const auto* method : {"GET", "DELETE", "PUT", "PATCH"}) {
    auto got = http.send({method, "/v1/orders/checkout", {}, {}});
    // "checkout" could be the id of an order.
    if (std::string{method} == "GET")
      check_problem(got, 404, "order-not-found");
    else
      check_problem(got, 405, "method-not-allowed");
    if (got.status == 405) CHECK(got.header("allow").find("POST") != std::string::npos);
  }
  check_problem(http.send({"POST", "/v1/clock", {}, {}}), 405, "method-not-allowed");
  check_problem(http.get("/v1/stream"), 426, "");
  auto large = checkout_of(in.kitchen);
  large["note"] = std::string(300 * 1024, 'x');
  check_problem(http.post("/v1/orders/checkout", large, {{"Idempotency-Key", new_uuid()}}), 413, "body-too-large");
  check_problem(in.hungry.http().get("/v1/clock", {{"X-Filler", std::string(20 * 1024, 'x')}}), 431, "");

  struct bytes {
    std::string sent;
    std::string status;
  };
  const std::string post = "POST /v1/orders/checkout HTTP/1.1\r\nHost: x\r\nContent-Type: application/json\r\n";
  for (const auto& each : std::vector<bytes>{
           {"hello there\r\n\r\n", "400"},
           {"GET\r\n\r\n", "400"},
           {"GET / HTTP/1.1\r\nno colon\r\n\r\n", "400"},
           {"GET / HTTP/1.1\r\nBad Name: x\r\n\r\n", "400"},
           {std::string{"GET /\0 HTTP/1.1\r\n\r\n", 19}, "400"},
           {"GET / FTP/1.1\r\n\r\n", "400"},
           {post + "Content-Length: -1\r\n\r\n", "400"},
           {post + "Content-Length: 1\r\nContent-Length: 2\r\n\r\n{}", "400"},
           {post + "Content-Length: 99999999999999999999999\r\n\r\n", "400"},
           {post + "Content-Length: 9999999999\r\n\r\n", "413"},
           {post + "Transfer-Encoding: chunked\r\n\r\nzz\r\n", "400"},
           {post + "Transfer-Encoding: chunked\r\n\r\nfffffff\r\n" + std::string(300'000, 'x'), "413"},
           {"\x16\x03\x01\x02\x00\x01\x00\x01\xfc\x03\x03", "400"}}) {
    INFO(each.sent.substr(0, 200));
    tcp_connection raw{in.node.port()};
    raw.send(each.sent);
    auto answer = raw.read(5s);
    CHECK(answer.starts_with("HTTP/1.1 " + each.status));
    CHECK(answer.find("application/problem+json") != std::string::npos);
    CHECK(answer.find("requestId") != std::string::npos);
  }
  for (const auto* path : {"/../../etc/passwd", "/%2e%2e/%2e%2e/etc/passwd", "/js/../../edge.hpp", "//etc/passwd"})
    CHECK(in.node.stranger().get(path).status == 404);
  in.check_unharmed();
}

TEST_CASE("frames that are not as they must be end their connection, or are refused, and nothing else") {
  steadfast_town in;
  auto closes = [&](const std::string& frame, unsigned code, bool binary = false) {
    INFO(frame.substr(0, 100));
    auto socket = in.node.stream("CUSTOMER", new_uuid());
    socket.send_raw(frame, binary);
    CHECK(socket.closed_within(5s) == code);
  };
  for (const auto* frame : {"", "{", "[]", "7", "{}", R"({"type":7})", R"({"type":"fly"})", "nonsense"})
    closes(frame, 4400);
  closes(R"({"type":"ping","id":1})", 4400, true);
  closes(R"({"type":"ping","filler":")" + std::string(17 * 1024, 'x') + "\"}", 1009);
  closes("{\"type\":\"\xff\"}", 1007);
  closes(R"({"type":"location","latitude":1,"longitude":1,"at":"2026-03-01T11:00:00Z"})", 4403);

  stream_client nobody{in.node.port(), ""};
  nobody.send({{"type", "subscribe"}, {"id", 1}, {"topic", "orders/" + in.waiting}});
  CHECK(nobody.closed_within(5s) == 4401);

  auto app = in.node.stream("CUSTOMER", in.hungry.id());
  for (const auto& topic : {std::string{"orders/"}, std::string{"orders/7"}, "orders/" + new_uuid(), std::string{"x"},
                            in.kitchen.feed(), std::string{"city/zzzz"}, std::string{"partners/me"}}) {
    INFO(topic);
    CHECK(app.ask({{"type", "subscribe"}, {"topic", topic}})["type"] == "error");
  }
  CHECK(app.ask({{"type", "subscribe"}, {"topic", "orders/" + in.waiting}, {"since", -1}})["type"] == "error");
  CHECK(app.ask({{"type", "offer.accept"}, {"offerId", new_uuid()}})["type"] == "error");
  CHECK(app.ask({{"type", "offer.accept"}, {"offerId", "x"}})["code"] == "invalid-argument");
  CHECK(app.ask({{"type", "ping"}})["type"] == "ack");

  auto& phone = in.deliverer.phone();
  for (const json& latitude : {json(91), json("12"), json(nullptr), json(-1e9)}) {
    phone.send({{"type", "location"}, {"latitude", latitude}, {"longitude", 1}, {"at", "2026-03-01T11:00:00Z"}});
    CHECK(phone.take("type", "error")["code"] == "invalid-argument");
  }
  CHECK(phone.ask({{"type", "ping"}})["type"] == "ack");

  auto hasty = in.node.stream("CUSTOMER", new_uuid());
  try {
    for (int i = 0; i < 5000; ++i) hasty.send_raw(R"({"type":"ping"})");
  } catch (const no_answer&) {
    // Cut off in the middle of it.
  }
  CHECK(hasty.closed_within(5s) == 4429);
  in.check_unharmed();
}

}  // namespace dabba::system_tests
