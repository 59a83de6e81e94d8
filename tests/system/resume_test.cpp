/// Subscribers whose connections break all the time must end with exactly what is in the journal.
#include <atomic>
#include <future>
#include <map>
#include <random>
#include <thread>

#include <catch2/catch_test_macros.hpp>

#include "tests/system/support/town.hpp"

namespace dabba::system_tests {
namespace {

using nlohmann::json;

constexpr int orders = 60;
constexpr int partners = 4;
constexpr milliseconds between_orders{150};  // so that connections break between all steps of the last ones too
constexpr milliseconds catch_up_patience{20'000};
constexpr milliseconds sse_patience{90'000};

struct seen_event {
  std::int64_t seq;
  std::string type;
  std::string order;
  friend bool operator==(const seen_event&, const seen_event&) = default;
};
using sequence = std::vector<seen_event>;

/// What a watcher is to see in the end; known when the orders have ended.
struct goal {
  std::atomic<bool> is_known{false};
  std::size_t events = 0;
};

/// Topics followed over one socket after the other, each of which lives for some tens of milliseconds.
class dropping_watcher {
 public:
  dropping_watcher(std::uint16_t port, std::string token, std::vector<std::string> topics, unsigned seed)
      : port_{port}, token_{std::move(token)}, random_{seed} {
    for (auto& each : topics) seen[each];
  }

  void watch(const goal& until) {
    auto give_up = steady::time_point::max();
    while (steady::now() < give_up) {
      bool is_known = until.is_known.load();
      if (is_known && count() >= until.events) break;
      if (is_known && give_up == steady::time_point::max()) give_up = steady::now() + catch_up_patience;
      follow_for_a_while();
      ++drops;
    }
    // What came twice or too much would come now.
    stream_client last{port_, token_};
    subscribe(last);
    read(last, milliseconds{500});
  }

  std::map<std::string, sequence> seen;
  int drops = 0;

 private:
  [[nodiscard]] std::size_t count() const {
    std::size_t all = 0;
    for (const auto& [topic, events] : seen) all += events.size();
    return all;
  }

  void subscribe(stream_client& on) {
    for (const auto& [topic, events] : seen)
      on.start({{"type", "subscribe"}, {"topic", topic}, {"since", events.empty() ? 0 : events.back().seq}});
  }

  void follow_for_a_while() {
    try {
      stream_client socket{port_, token_};
      subscribe(socket);
      bool is_short = random_() % 4 != 0;
      read(socket, milliseconds{random_() % (is_short ? 60 : 400)});
      socket.drop();
    } catch (const no_answer&) {
      // The next connection asks for the same again.
    }
  }

  void read(stream_client& from, milliseconds patience) {
    auto until = steady::now() + patience;
    while (steady::now() < until) {
      auto message = from.next(std::chrono::ceil<milliseconds>(until - steady::now()));
      if (!message || (*message)["type"] != "event") continue;
      const auto& data = (*message)["data"];
      std::string order = data.contains("orderId") ? data["orderId"].get<std::string>() : "";
      seen[(*message)["topic"]].push_back({(*message)["seq"], (*message)["event"], order});
    }
  }

  std::uint16_t port_;
  std::string token_;
  std::mt19937 random_;
};

/// One order's history as server-sent events, over connections that end after a few events.
sequence follow_by_sse(const test_node& node, const std::string& token, const std::string& order, unsigned seed,
                       int& connections) {
  std::mt19937 random{seed};
  sequence seen;
  auto give_up = steady::now() + sse_patience;
  while ((seen.empty() || seen.back().type != "order.delivered") && steady::now() < give_up) {
    ++connections;
    event_stream stream{
        node.port(), token, "/v1/orders/" + order + "/events", seen.empty() ? "" : std::to_string(seen.back().seq)};
    if (stream.status() != 200) throw std::runtime_error{"status " + std::to_string(stream.status())};
    auto wanted = 1 + random() % 3;
    for (unsigned i = 0; i < wanted; ++i) {
      auto event = stream.next(milliseconds{200});
      if (!event) break;
      auto body = json::parse(event->data);
      bool agrees = body["seq"].dump() == event->id && body["type"] == event->type;
      seen.push_back({agrees ? std::stoll(event->id) : -1, event->type, ""});
    }
  }
  return seen;
}

/// Drives orders from acceptance to the door, as fast as it goes.
void move_orders(restaurant& kitchen, std::vector<partner>& deliverers, const std::vector<json>& placed) {
  std::map<std::string, std::string> pins;
  for (const auto& order : placed) pins[order["orderId"]] = order["deliveryPin"];
  for (const auto& order : placed) kitchen.accept(order["orderId"]);
  std::size_t delivered = 0;
  auto give_up = steady::now() + std::chrono::minutes{2};
  while (delivered < placed.size() && steady::now() < give_up) {
    for (auto& deliverer : deliverers) {
      auto message = deliverer.phone().next(milliseconds{20});
      if (!message || (*message)["type"] != "offer") continue;
      auto answer = deliverer.phone().ask({{"type", "offer.accept"}, {"offerId", (*message)["offerId"]}});
      if (answer["type"] != "ack") continue;
      std::string order = answer["deliveries"][0]["orderId"];
      kitchen.prepare(order);
      deliverer.deliver(order, pins.at(order));
      ++delivered;
      std::this_thread::sleep_for(between_orders);
    }
  }
  REQUIRE(delivered == placed.size());
}

sequence journal_of(queries& db, const std::string& condition, const std::string& seq, const std::string& order) {
  sequence all;
  for (const auto& row :
       db.rows("select " + seq + ", type, " + order + " from ordering.journal where " + condition + " order by 1"))
    all.push_back({std::stoll(row[0]), row[1], row[2]});
  return all;
}

}  // namespace

TEST_CASE("subscribers that drop and resume at random end with exactly the journal's sequence") {
  test_node node{{"--clock-scale", "20"}};  // offers that nobody could take come round again sooner
  restaurant kitchen{node};
  customer hungry{node};
  std::vector<partner> deliverers;
  for (int i = 0; i < partners; ++i) deliverers.emplace_back(node).go_online(north_of_centre(100.0 * i));
  std::vector<json> placed;
  std::vector<std::string> topics;
  for (int i = 0; i < orders; ++i) {
    placed.push_back(hungry.order(kitchen));
    topics.push_back("orders/" + placed.back()["orderId"].get<std::string>());
  }

  auto customer_token = node.tokens().token("CUSTOMER", hungry.id());
  dropping_watcher app{node.port(), customer_token, topics, 1};
  dropping_watcher tablet{node.port(), node.tokens().token("RESTAURANT", kitchen.owner()), {kitchen.feed()}, 2};
  goal app_goal, tablet_goal;
  int connections = 0;
  auto app_done = std::async(std::launch::async, [&] { app.watch(app_goal); });
  auto tablet_done = std::async(std::launch::async, [&] { tablet.watch(tablet_goal); });
  auto sse_done = std::async(std::launch::async, [&] {
    return follow_by_sse(node, customer_token, placed.back()["orderId"], 3, connections);
  });
  queries db{node.database()};
  auto tell_goals = [&] {
    auto events = db.number("select count(*) from ordering.journal where type like 'order.%'");
    for (auto* each : {&app_goal, &tablet_goal}) {
      each->events = static_cast<std::size_t>(events);
      each->is_known = true;
    }
  };
  try {
    move_orders(kitchen, deliverers, placed);
  } catch (...) {
    tell_goals();  // or the watchers would go on for ever
    throw;
  }
  tell_goals();
  app_done.get();
  tablet_done.get();
  auto by_sse = sse_done.get();

  CHECK(app.drops + tablet.drops > 200);
  CHECK(connections > 3);
  for (const auto& [topic, events] : app.seen) {
    auto id = topic.substr(topic.find('/') + 1);
    CHECK(events == journal_of(db, "entity_id = '" + id + "'", "seq", "''"));
  }
  CHECK(tablet.seen[kitchen.feed()] == journal_of(db, "feed = '" + kitchen.id() + "'", "position", "entity_id"));
  std::string last = placed.back()["orderId"];
  CHECK(by_sse == journal_of(db, "entity_id = '" + last + "'", "seq", "''"));
}

}  // namespace dabba::system_tests
