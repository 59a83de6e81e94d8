/// A thousand phones that want the same job.
#include <catch2/catch_test_macros.hpp>

#include "tests/system/support/town.hpp"

namespace dabba::system_tests {
namespace {

using nlohmann::json;

constexpr std::size_t partners = 1000;
constexpr milliseconds offer_patience{60'000};

/// How the answers to the accepts split up. Anything else is neither.
struct tally {
  std::size_t won = 0;
  std::size_t refused = 0;
  std::vector<std::string> others;
};

void count_answer(tally& into, const json& answer) {
  if (answer["type"] == "ack" && answer["deliveries"].size() == 1)
    ++into.won;
  else if (answer["type"] == "error" && answer["code"] == "offer-no-longer-available")
    ++into.refused;
  else
    into.others.push_back(answer.dump());
}

void count_answer(tally& into, const http_response& answer) {
  if (answer.status == 200 && answer.json()["deliveries"].size() == 1)
    ++into.won;
  else if (answer.status == 409 && answer.code() == "offer-no-longer-available")
    ++into.refused;
  else
    into.others.push_back(answer.body);
}

/// Every second partner answers on the socket, the others over HTTP; all of them before anybody reads an answer.
tally accept_at_once(std::vector<partner>& deliverers, const std::string& offer) {
  std::vector<std::int64_t> asked(deliverers.size());
  for (std::size_t i = 0; i < deliverers.size(); ++i) {
    if (i % 2 == 0)
      asked[i] = deliverers[i].phone().start({{"type", "offer.accept"}, {"offerId", offer}});
    else
      deliverers[i].http().start({"POST", "/v1/offers/" + offer + "/accept", {}, {}});
  }
  tally result;
  for (std::size_t i = 0; i < deliverers.size(); ++i) {
    if (i % 2 == 0)
      count_answer(result, deliverers[i].phone().answer_to(asked[i]));
    else
      count_answer(result, deliverers[i].http().finish());
  }
  return result;
}

}  // namespace

TEST_CASE("of a thousand partners who accept one offer at once one wins and all others are told") {
  test_node node{{"--offer-fanout", std::to_string(partners), "--offer-seconds", "300"}};
  restaurant kitchen{node};
  customer hungry{node};
  std::vector<partner> deliverers;
  deliverers.reserve(partners);
  for (std::size_t i = 0; i < partners; ++i) {
    deliverers.emplace_back(node);
    deliverers.back().go_online(north_of_centre(static_cast<double>(i % 100)));
  }

  std::string order = hungry.order(kitchen)["orderId"];
  kitchen.accept(order);
  std::string offer = deliverers.front().phone().take("type", "offer", offer_patience)["offerId"];
  for (auto& each : deliverers) {
    if (&each == &deliverers.front()) continue;
    REQUIRE(each.phone().take("type", "offer", offer_patience)["offerId"] == offer);
  }

  auto result = accept_at_once(deliverers, offer);
  CHECK(result.won == 1);
  CHECK(result.refused == partners - 1);
  CHECK(result.others == std::vector<std::string>{});

  queries db{node.database()};
  CHECK(db.number("select count(*) from delivery.assignment") == 1);
  CHECK(db.number("select count(*) from delivery.assignment where active and order_id = '" + order + "'") == 1);
  CHECK(db.number("select count(*) from ordering.journal where type = 'order.partner_assigned'") == 1);
  CHECK(db.number("select count(*) from ordering.journal where type = 'partner.delivery_assigned'") == 1);
}

}  // namespace dabba::system_tests
