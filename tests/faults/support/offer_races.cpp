#include "tests/faults/support/offer_races.hpp"

#include <fmt/chrono.h>
#include <fmt/format.h>
#include <boost/asio/co_spawn.hpp>
#include <boost/asio/experimental/awaitable_operators.hpp>
#include <boost/asio/steady_timer.hpp>
#include <boost/asio/use_awaitable.hpp>
#include <nlohmann/json.hpp>

namespace dabba::fault_tests {
namespace {

using nlohmann::json;
using namespace std::chrono_literals;

/// Longer than an offer lives: who was asked by a search that lost its node is asked again.
constexpr auto offer_patience = 20s;
constexpr auto between_positions = 2s;
constexpr auto between_looks = 30ms;
constexpr std::size_t complaints_kept = 20;

}  // namespace

struct offer_races::person {
  person(asio::any_io_executor executor, const cluster_under_test& cluster, const std::string& role, std::string who,
         std::size_t first_node)
      : id{std::move(who)}, client{std::move(executor), cluster.ports(), first_node, [&cluster, role, subject = id] {
                                     return cluster.token(role, subject);
                                   }} {}
  std::string id;
  roaming_client client;
};

struct offer_races::town {
  kitchen where;
  person owner;
  person customer;
  person first;
  person second;
  person operator_;
};

offer_races::offer_races(cluster_under_test& cluster, const std::vector<kitchen>& towns) : cluster_{cluster} {
  for (const auto& each : towns)
    asio::co_spawn(context_, race_on(each), [this](const std::exception_ptr& thrown) {
      try {
        if (thrown) std::rethrow_exception(thrown);
      } catch (const std::exception& e) {
        complain(e.what(), {});
      }
    });
  thread_ = std::thread{[this] { context_.run(); }};
}

void offer_races::stop() {
  stopping_ = true;
  if (thread_.joinable()) thread_.join();
}

void offer_races::complain(const std::string& what, const reply& got) {
  if (result_.complaints.size() < complaints_kept)
    result_.complaints.push_back(fmt::format("{}: {} {}", what, got.status, got.body));
}

asio::awaitable<void> offer_races::race_on(kitchen where) {
  auto executor = context_.get_executor();
  auto partner = [&](std::size_t node) {
    return person{executor, cluster_, "PARTNER", system_tests::new_uuid(), node};
  };
  town place{where,
             person{executor, cluster_, "RESTAURANT", where.owner, 0},
             person{executor, cluster_, "CUSTOMER", system_tests::new_uuid(), 1},
             partner(1),
             partner(2),
             person{executor, cluster_, "ADMIN", system_tests::new_uuid(), 0}};
  while (!stopping_) {
    const bool goes_on = co_await race_once(place);
    if (!goes_on) co_return;
  }
}

asio::awaitable<reply> offer_races::ask(person& who, const char* method, std::string target, std::string body) {
  call what{method, std::move(target), std::move(body), ""};
  if (what.method == "POST") what.key = system_tests::new_uuid();
  if (what.method == "GET") what.body.clear();
  auto got = co_await who.client.insist(what);
  co_return got;
}

asio::awaitable<reply> offer_races::accept(person& who, std::string offer) {
  std::string target = "/v1/offers/" + offer + "/accept";
  std::string body = "{}";
  auto got = co_await ask(who, "POST", target, body);
  co_return got;
}

/// As a phone does every few seconds: a search that lost its node knows nobody any more.
asio::awaitable<void> offer_races::say_where(person& who, const kitchen& where) {
  std::string target = "/v1/partners/me/locations";
  std::string body =
      fmt::format(R"({{"locations":[{{"latitude":{},"longitude":{},"at":"{:%FT%TZ}"}}]}})", where.latitude,
                  where.longitude, fmt::gmtime(std::chrono::system_clock::to_time_t(std::chrono::system_clock::now())));
  auto got = co_await ask(who, "POST", target, body);
  if (got.status != 202) complain("a position", got);
}

/// The offer for this order; empty when none comes.
asio::awaitable<std::string> offer_races::await_offer(person& who, const kitchen& where, const std::string& order) {
  std::string target = "/v1/partners/me/offers", body;
  auto says_where_at = steady::now() + between_positions;
  for (auto until = steady::now() + offer_patience; steady::now() < until;) {
    if (steady::now() > says_where_at) {
      says_where_at += between_positions;
      co_await say_where(who, where);
    }
    auto got = co_await ask(who, "GET", target, body);
    auto listed = got.json();
    if (got.status == 200)
      for (const auto& offer : listed["items"])
        for (const auto& each : offer["orders"])
          if (each["orderId"] == order) co_return offer["offerId"].get<std::string>();
    asio::steady_timer pause{context_, between_looks};
    co_await pause.async_wait(asio::use_awaitable);
  }
  co_return std::string{};
}

/// One order from its placement to its end, which frees the winner; false when the town can't go on.
asio::awaitable<bool> offer_races::race_once(town& place) {
  using namespace asio::experimental::awaitable_operators;
  std::string target = "/v1/partners/me/availability";
  std::string body =
      fmt::format(R"({{"status":"ONLINE","latitude":{},"longitude":{}}})", place.where.latitude, place.where.longitude);
  for (auto* each : {&place.first, &place.second}) {
    auto online = co_await ask(*each, "PATCH", target, body);
    if (online.status != 200) complain("not online", online);
  }
  target = "/v1/orders/checkout";
  body = checkout_body(place.where);
  auto placed = co_await ask(place.customer, "POST", target, body);
  if (placed.status != 201) {
    complain("not placed", placed);
    co_return false;
  }
  std::string order = placed.json()["orderId"];
  target = fmt::format("/v1/restaurants/{}/orders/{}/accept", place.where.id, order);
  body = R"({"preparationMinutes":10})";
  auto taken = co_await ask(place.owner, "POST", target, body);
  if (taken.status != 200) complain("not accepted by its restaurant", taken);

  auto first_offer = co_await await_offer(place.first, place.where, order);
  auto second_offer = co_await await_offer(place.second, place.where, order);
  if (!first_offer.empty() && !second_offer.empty()) {
    auto [first, second] = co_await (accept(place.first, first_offer) && accept(place.second, second_offer));
    judge(first, second, order);
  } else if (first_offer.empty() && second_offer.empty()) {
    target = "/v1/admin/searches/" + order;
    auto search = co_await ask(place.operator_, "GET", target, body);
    result_.asked_nobody.push_back(search.body);
  } else {
    ++result_.asked_one_only;
  }
  target = "/v1/orders/" + order + "/cancel";
  body = "{}";
  auto ended = co_await ask(place.customer, "POST", target, body);
  if (ended.status != 200) complain("not cancelled", ended);
  co_return true;
}

void offer_races::judge(const reply& first, const reply& second, const std::string& order) {
  int winners = 0, told = 0;
  for (const auto* each : {&first, &second}) {
    winners += each->status == 200;
    told += each->status == 409 && each->body.find("offer-no-longer-available") != std::string::npos;
    if (each->status != 200 && each->status != 409) complain("accept of order " + order, *each);
  }
  result_.two_winners += winners == 2;
  result_.nobody_won += winners == 0;
  result_.races += winners == 1;
  if (winners == 1 && told != 1) complain("the loser of order " + order, first.status == 200 ? second : first);
}

}  // namespace dabba::fault_tests
