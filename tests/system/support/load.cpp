#include "tests/system/support/load.hpp"

#include <map>

namespace dabba::system_tests {
namespace {

using namespace std::chrono_literals;

constexpr auto between_orders = 3ms;
constexpr auto between_attempts = 25ms;
constexpr auto patience_per_order = 60s;

}  // namespace

order_load::order_load(const test_node& node, const restaurant& from, int customers)
    : from_{from}, buyers_(static_cast<std::size_t>(customers)) {
  for (auto& each : buyers_) {
    each.id = new_uuid();
    each.thread =
        std::thread{[this, &each, http = node.client("CUSTOMER", each.id)]() mutable { live(each, std::move(http)); }};
  }
}

order_load::~order_load() { stop(); }

void order_load::stop() {
  stopping_ = true;
  for (auto& each : buyers_)
    if (each.thread.joinable()) each.thread.join();
}

void order_load::live(buyer& me, http_client http) {
  for (int number = 1; !stopping_.load(); ++number) {
    placed_order order{me.id, new_uuid(), "order " + std::to_string(number), {}};
    if (!place(me, http, order)) return;
    me.placed.push_back(std::move(order));
    ++acknowledged_;
    std::this_thread::sleep_for(between_orders);
  }
}

bool order_load::place(buyer& me, http_client& http, placed_order& order) {
  auto request = checkout_request(from_, order.key, order.note);
  auto give_up = steady::now() + patience_per_order;
  while (steady::now() < give_up) {
    attempt made{steady::now(), 0, false};
    try {
      auto got = http.send(request);
      made.status = got.status;
      made.says_when_to_retry = !got.header("retry-after").empty();
      if (got.status == 201)
        order.order = got.json()["orderId"];
      else if (got.status != 503)
        me.complaints.push_back(got.body);
    } catch (const no_answer&) {
      // Whether it was placed is not known: the same key asks again.
    }
    me.attempts.push_back(made);
    if (!order.order.empty()) return true;
    std::this_thread::sleep_for(between_attempts);
  }
  me.complaints.push_back("order " + order.key + " was never acknowledged");
  return false;
}

std::vector<placed_order> order_load::placed() const {
  std::vector<placed_order> all;
  for (const auto& each : buyers_) all.insert(all.end(), each.placed.begin(), each.placed.end());
  return all;
}

std::vector<attempt> order_load::attempts() const {
  std::vector<attempt> all;
  for (const auto& each : buyers_) all.insert(all.end(), each.attempts.begin(), each.attempts.end());
  return all;
}

std::vector<std::string> order_load::complaints() const {
  std::vector<std::string> all;
  for (const auto& each : buyers_) all.insert(all.end(), each.complaints.begin(), each.complaints.end());
  return all;
}

std::vector<std::string> discrepancies(const order_load& load, const test_node& node) {
  std::vector<std::string> found;
  std::map<std::string, std::string> customer_of;  // orders that nobody has claimed yet
  queries db{node.database()};
  for (auto& row : db.rows("select order_id, customer_id from ordering.order_head")) customer_of[row[0]] = row[1];
  for (const auto& each : load.placed()) {
    auto stored = customer_of.find(each.order);
    if (stored == customer_of.end())
      found.push_back("lost, or acknowledged twice: " + each.order);
    else if (stored->second != each.customer)
      found.push_back("somebody else's: " + each.order);
    if (stored != customer_of.end()) customer_of.erase(stored);
  }
  for (const auto& [order, customer] : customer_of)
    for (const auto& each : load.placed())
      if (each.customer == customer) {
        found.push_back("placed twice: " + order);
        break;
      }
  for (const auto& order : db.column("select entity_id from ordering.journal where type = 'order.placed' "
                                     "group by entity_id having count(*) > 1"))
    found.push_back("two rows for one placement: " + order);
  return found;
}

}  // namespace dabba::system_tests
