/// People with accounts: from the command line's first administrator to the last trace of a customer who has gone.
#include <catch2/catch_test_macros.hpp>
#include <thread>

#include "tests/system/support/town.hpp"

namespace dabba::system_tests {
namespace {

using nlohmann::json;

const std::string password = "correct horse battery";

/// `dabba account create`, with the password on its standard input.
std::string make_account(const std::string& database, const std::string& role, const std::string& email,
                         const std::string& typed = password, const std::string& name = "The First") {
  auto command = "printf '%s\\n' '" + typed + "' | '" + DABBA_PROGRAM + "' account create --database '" + database +
                 "' --role " + role + " --email " + email + " --name '" + name + "' 2>&1 || true";
  return run_program({"/bin/sh", "-c", command}, milliseconds{30'000});
}

std::string make_account(const test_node& node, const std::string& role, const std::string& email,
                         const std::string& typed = password, const std::string& name = "The First") {
  return make_account(node.database(), role, email, typed, name);
}

json sign_up(const test_node& node, const std::string& email) {
  json wanted{{"role", "CUSTOMER"}, {"email", email}, {"password", password}, {"name", "Asha Rao"}};
  return expect(201, node.stranger().post("/v1/auth/register", wanted));
}

json sign_in(const test_node& node, const std::string& email) {
  return expect(200, node.stranger().post("/v1/auth/login", {{"email", email}, {"password", password}}));
}

http_client client_of(const test_node& node, const json& session) {
  return http_client{node.port(), session.at("accessToken")};
}

/// How many rows of all tables that hold what people wrote match the pattern.
std::int64_t traces(const test_node& node, const std::string& pattern) {
  queries db{node.database()};
  std::int64_t count = 0;
  for (const char* table : {"ordering.journal", "ordering.order_head", "delivery.partner_head", "messaging.idempotency",
                            "account.account", "account.address", "account.session", "account.attempt"})
    count += db.number(std::string{"select count(*) from "} + table + " x where to_jsonb(x)::text ~ '" + pattern + "'");
  return count;
}

}  // namespace

TEST_CASE("the first administrator is made on the command line, and makes the others") {
  test_node node;
  auto id = make_account(node, "ADMIN", "First@example.org");
  CHECK(id.size() == 37);
  CHECK(make_account(node, "ADMIN", "first@example.org").find("another account has this e-mail address") !=
        std::string::npos);
  auto is_refused = [](const std::string& said, const std::string& why) { return said.find(why) != std::string::npos; };
  CHECK(is_refused(make_account(node, "KING", "king@example.org"), "role is none of the values it may have"));
  CHECK(is_refused(make_account(node, "ADMIN", "nobody"), "email must be an e-mail address"));
  // As over HTTP: characters are counted and not bytes, and none is a control character.
  const std::string email = "second@example.org";
  CHECK(is_refused(make_account(node, "ADMIN", email, "short"), "password must have at least 8 characters"));
  CHECK(is_refused(make_account(node, "ADMIN", email, "tabu\tlator"), "password must not hold control characters"));
  CHECK(is_refused(make_account(node, "ADMIN", email, "caf\xe9 au lait"), "no text in UTF-8"));
  CHECK(is_refused(make_account(node, "ADMIN", email, password, "a\x1b[2J"), "name"));
  std::string letters;
  for (int i = 0; i < 200; ++i) letters += "ಕ";
  CHECK(is_refused(make_account(node, "ADMIN", email, password, letters + "x"), "name"));
  CHECK(make_account(node, "SUPPORT", email, "ಗುಪ್ತಪದ ೧೨೩೪", letters).size() == 37);

  auto session = sign_in(node, "first@example.org");
  CHECK(session["user"]["role"] == "ADMIN");
  CHECK(session["user"]["userId"].get<std::string>() + "\n" == id);
  auto admin = client_of(node, session);
  json wanted{{"role", "SUPPORT"}, {"email", "help@example.org"}, {"password", password}, {"name", "Help"}};
  expect(201, admin.post("/v1/admin/users", wanted));
  CHECK(expect(200, admin.get("/v1/admin/users"))["items"].size() == 3);
  CHECK(sign_in(node, "help@example.org")["user"]["role"] == "SUPPORT");
}

TEST_CASE("the first administrator may be there before the first node") {
  scratch_database fresh{shared_server()};
  run_dabba({"migrate", "--database", fresh.url()});
  CHECK(make_account(fresh.url(), "ADMIN", "first@example.org").size() == 37);
}

TEST_CASE("an account that is made on the command line is as old as the platform says") {
  test_node node{{"--clock-scale", "5000"}};
  std::this_thread::sleep_for(milliseconds{200});  // a quarter of an hour
  auto now = [&] { return expect(200, node.stranger().get("/v1/clock"))["now"].get<std::string>(); };
  auto before = now();
  make_account(node, "ADMIN", "first@example.org");
  auto made = sign_in(node, "first@example.org")["user"]["createdAt"].get<std::string>();
  CHECK(made >= before);
  CHECK(made <= now());
}

TEST_CASE("partners who sign up go online when they are approved") {
  test_node node;
  make_account(node, "ADMIN", "first@example.org");
  auto admin = client_of(node, sign_in(node, "first@example.org"));
  json wanted{{"role", "PARTNER"}, {"email", "p@example.org"}, {"password", password}, {"name", "Ravi"}};
  std::string id = expect(201, node.stranger().post("/v1/auth/register", wanted))["userId"];
  auto partner = client_of(node, sign_in(node, "p@example.org"));
  json online{{"status", "ONLINE"}, {"latitude", 12.97}, {"longitude", 77.59}};
  CHECK(partner.patch("/v1/partners/me/availability", online).code() == "partner-not-approved");
  auto decide = [&](const json& what) { return admin.post("/v1/admin/partners/" + id + "/verification", what); };
  expect(200, decide({{"decision", "APPROVE"}}));
  expect(200, partner.patch("/v1/partners/me/availability", online));
  expect(200, decide({{"decision", "REJECT"}, {"reason", "no licence"}}));
  auto held = expect(200, partner.post("/v1/users/me/exports", json::object()));
  CHECK(held["partner"]["status"] == "OFFLINE");
  CHECK(partner.patch("/v1/partners/me/availability", online).code() == "partner-not-approved");
}

TEST_CASE("a session outlives its node, and its old tokens don't come back") {
  test_node node;
  sign_up(node, "asha@example.org");
  auto session = sign_in(node, "asha@example.org");
  auto refresh = [&](const json& token) { return node.stranger().post("/v1/auth/refresh", {{"refreshToken", token}}); };
  auto second = expect(200, refresh(session["refreshToken"]));
  node.kill_and_start();
  CHECK(expect(200, refresh(session["refreshToken"]))["refreshToken"] == second["refreshToken"]);
  auto third = expect(200, refresh(second["refreshToken"]));
  CHECK(refresh(session["refreshToken"]).status == 401);
  CHECK(refresh(third["refreshToken"]).status == 401);
}

TEST_CASE("of a customer whose account is deleted no row says who it was") {
  test_node node;
  restaurant kitchen{node};
  partner deliverer{node};
  deliverer.go_online(north_of_centre(300));
  auto user = sign_up(node, "asha@example.org");
  auto customer = client_of(node, sign_in(node, "asha@example.org"));
  json home{{"address", {{"line", "Quixotic Lane"}, {"latitude", 12.97}, {"longitude", 77.59}}}};
  expect(201, customer.post("/v1/users/me/addresses", home, {{"Idempotency-Key", "home"}}));

  auto wanted = checkout_of(kitchen, "zebra crossing");
  wanted["address"]["line"] = "Quixotic Lane";
  wanted["items"][0]["specialInstructions"] = "pink plates";
  auto order = expect(201, customer.post("/v1/orders/checkout", wanted, {{"Idempotency-Key", "order"}}));
  const http_request leave{"DELETE", "/v1/users/me", json{{"currentPassword", password}}.dump(), {}};
  CHECK(customer.send(leave).code() == "open-orders");
  std::string id = order["orderId"];
  kitchen.accept(id);
  auto offer = deliverer.phone().take("type", "offer");
  REQUIRE(deliverer.phone().ask({{"type", "offer.accept"}, {"offerId", offer["offerId"]}})["type"] == "ack");
  kitchen.prepare(id);
  deliverer.deliver(id, order["deliveryPin"]);
  REQUIRE(eventually(milliseconds{5'000}, [&] {
    return queries{node.database()}.number("select count(*) from delivery.assignment where active") == 0;
  }));
  auto exported = expect(200, customer.post("/v1/users/me/exports", json::object()));
  CHECK(exported["orders"][0]["note"] == "zebra crossing");
  const std::string words = "Quixotic|zebra|pink|[Aa]sha";
  CHECK(traces(node, words) > 5);

  CHECK(customer.send(leave).status == 204);
  CHECK(traces(node, words) == 0);
  CHECK(node.stranger().post("/v1/auth/login", {{"email", "asha@example.org"}, {"password", password}}).status == 401);
  auto support = node.client("SUPPORT", new_uuid());
  auto shown = expect(200, support.get("/v1/orders/" + id));
  CHECK(shown["customerId"] == user["userId"]);
  CHECK(shown["address"]["line"] == "");
  CHECK(shown["total"] == order["total"]);
  auto history = expect(200, support.get("/v1/orders/" + id + "/events"))["items"];
  CHECK(history.back()["type"] == "order.customer_forgotten");
  CHECK(history.size() == history.back()["seq"]);
  // The same person may come again.
  CHECK(sign_up(node, "asha@example.org")["userId"] != user["userId"]);
}

}  // namespace dabba::system_tests
