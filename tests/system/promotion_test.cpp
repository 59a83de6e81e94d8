/// A coupon that more people want than there are of it, at the checkouts of two nodes.
#include <algorithm>

#include <catch2/catch_test_macros.hpp>

#include "tests/system/support/town.hpp"

namespace dabba::system_tests {
namespace {

using nlohmann::json;
using namespace std::chrono_literals;

constexpr std::size_t customers = 100;
constexpr std::int64_t coupons = 10;

const std::vector<std::string> fees{"--tax-percent", "5", "--platform-fee", "5", "--delivery-fee", "20"};

/// A second node on the first one's database.
class second_node {
 public:
  explicit second_node(const test_node& first) : first_{first} {
    std::vector<std::string> command{
        DABBA_PROGRAM,
        "node",
        "--database",
        first.database(),
        "--listen",
        "127.0.0.1:" + std::to_string(port_),
        "--join",
        "--signing-key",
        first.signing_key(),
        "--web-root",
        ""};
    command.insert(command.end(), fees.begin(), fees.end());
    process_.emplace(command, first.folder() / "second.log");
  }

  [[nodiscard]] http_client client(const std::string& role, const std::string& subject) const {
    return http_client{port_, first_.tokens().token(role, subject)};
  }
  /// It serves, and both nodes own shards.
  bool shares_the_work() {
    return eventually(30s, [this] {
      try {
        if (http_client{port_}.get("/readyz").status != 200) return false;
      } catch (const no_answer&) {
        return false;
      }
      auto cluster = first_.client("ADMIN", new_uuid()).get("/v1/admin/cluster").json();
      return std::ranges::all_of(cluster.at("nodes"), [](const json& each) { return each.at("shards") > 100; });
    });
  }

 private:
  const test_node& first_;
  std::uint16_t port_ = free_port();
  std::optional<child_process> process_;
};

std::string coupon_for(http_client& admin) {
  json coupon{
      {"name", "Launch"},
      {"code", "LAUNCH"},
      {"kind", "AMOUNT"},
      {"amount", 50},
      {"fundedBy", "PLATFORM"},
      {"currency", "INR"},
      {"startsAt", "2020-01-01T00:00:00Z"},
      {"endsAt", "2100-01-01T00:00:00Z"},
      {"totalLimit", coupons},
      {"perCustomerLimit", 1}};
  return expect(201, admin.post("/v1/admin/promotions", coupon))["promotionId"];
}

http_request with_coupon(const restaurant& from) {
  auto body = checkout_of(from);
  body["coupon"] = "LAUNCH";
  return {"POST", "/v1/orders/checkout", body.dump(), {{"Idempotency-Key", new_uuid()}}};
}

}  // namespace

TEST_CASE("of a hundred customers on two nodes ten get one of ten coupons, and what is given back is had again") {
  test_node node{fees};
  second_node other{node};
  std::vector<std::unique_ptr<restaurant>> kitchens;
  for (int i = 0; i < 6; ++i) kitchens.push_back(std::make_unique<restaurant>(node));
  REQUIRE(other.shares_the_work());
  auto admin = node.client("ADMIN", new_uuid());
  auto path = "/v1/admin/promotions/" + coupon_for(admin);

  std::vector<http_client> clients;
  for (std::size_t i = 0; i < customers; ++i) {
    clients.push_back(i % 2 == 0 ? node.client("CUSTOMER", new_uuid()) : other.client("CUSTOMER", new_uuid()));
    clients.back().start(with_coupon(*kitchens[i % kitchens.size()]));
  }
  std::vector<std::size_t> winners;
  std::vector<json> orders;
  for (std::size_t i = 0; i < clients.size(); ++i) {
    auto got = clients[i].finish();
    if (got.status == 201) {
      winners.push_back(i);
      orders.push_back(got.json());
    } else {
      INFO(got.body);
      CHECK(got.status == 409);
      CHECK(got.code() == "promotion-used-up");
    }
  }
  REQUIRE(winners.size() == coupons);
  // 350.00 - 50.00, 5 % of that, 5.00 and 20.00.
  for (const auto& each : orders) {
    CHECK(each["discount"] == 50.00);
    CHECK(each["tax"] == 15.00);
    CHECK(each["total"] == 340.00);
  }
  CHECK(expect(200, admin.get(path))["used"] == coupons);

  // Who has had one gets no second one, also of those that are given back.
  auto first = orders.front()["orderId"].get<std::string>();
  CHECK(clients[winners[1]].send(with_coupon(*kitchens[0])).code() == "promotion-already-used");
  expect(200, clients[winners[0]].post("/v1/orders/" + first + "/cancel", json::object()));
  CHECK(expect(200, admin.get(path))["used"] == coupons - 1);
  CHECK(clients[winners[1]].send(with_coupon(*kitchens[0])).code() == "promotion-already-used");
  expect(201, clients[winners[0]].send(with_coupon(*kitchens[0])));
  CHECK(expect(200, admin.get(path))["used"] == coupons);

  queries db{node.database()};
  CHECK(db.number("select count(*) from promotion.redemption where active") == coupons);
  CHECK(db.number("select sum(remaining) from promotion.allowance") == 0);
}

TEST_CASE("an order keeps its price through the death of its node") {
  test_node node{fees};
  restaurant kitchen{node};
  auto admin = node.client("ADMIN", new_uuid());
  auto path = "/v1/admin/promotions/" + coupon_for(admin);
  auto customer_id = new_uuid();
  auto buyer = node.client("CUSTOMER", customer_id);
  auto placed = expect(201, buyer.send(with_coupon(kitchen)));
  node.kill_and_start();
  auto order_path = "/v1/orders/" + placed["orderId"].get<std::string>();
  auto after = insist(buyer, {"GET", order_path, {}, {}}).json();
  for (const auto* each : {"subtotal", "discount", "tax", "platformFee", "deliveryFee", "total", "promotions"}) {
    INFO(each);
    CHECK(after[each] == placed[each]);
  }
  // The order was loaded anew, and knows what to give back.
  auto owner = node.client("RESTAURANT", kitchen.owner());
  auto reject = kitchen.path_of(placed["orderId"], "reject");
  CHECK(insist(owner, {"POST", reject, R"({"reason": "out of batter"})", {}}).status == 200);
  CHECK(expect(200, insist(admin, {"GET", path, {}, {}}))["used"] == 0);
}

}  // namespace dabba::system_tests
