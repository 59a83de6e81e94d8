/// The people of the tests: restaurants, customers and partners who use the API as it is documented.
#pragma once

#include <string>

#include <nlohmann/json.hpp>

#include "tests/system/support/node.hpp"

namespace dabba::system_tests {

struct place {
  double latitude;
  double longitude;
};

/// Where the tests' town is, and places in it that are `metres` to the north.
inline constexpr place town_centre{12.9716, 77.5946};
place north_of_centre(double metres);

/// Throws with the whole answer when it has another status.
nlohmann::json expect(unsigned status, const http_response& got);

/// Sends the request again, as it is, while the node is away or busy, for `patience`; returns the answer that is
/// neither. Throws no_answer when there was none.
http_response insist(http_client& client, const http_request& request, milliseconds patience = milliseconds{30'000});

/// A restaurant that was registered, approved and opened, with one dish.
class restaurant {
 public:
  explicit restaurant(const test_node& node, place at = town_centre);

  [[nodiscard]] const std::string& id() const noexcept { return id_; }
  [[nodiscard]] const std::string& item() const noexcept { return item_; }
  [[nodiscard]] const std::string& owner() const noexcept { return owner_; }
  http_client& http() { return http_; }
  [[nodiscard]] std::string feed() const { return "restaurants/" + id_ + "/orders"; }
  [[nodiscard]] std::string path_of(const std::string& order, const std::string& command) const;
  nlohmann::json accept(const std::string& order, int preparation_minutes = 10);
  /// Starts with it and has it ready.
  nlohmann::json prepare(const std::string& order);

 private:
  std::string owner_;
  http_client http_;
  std::string id_;
  std::string item_;
};

/// The body of a checkout of one dish.
nlohmann::json checkout_of(const restaurant& from, const std::string& note = {});
/// A checkout with that Idempotency-Key.
http_request checkout_request(const restaurant& from, const std::string& key, const std::string& note = {});

/// Somebody who orders.
class customer {
 public:
  explicit customer(const test_node& node) : id_{new_uuid()}, http_{node.client("CUSTOMER", id_)} {}

  [[nodiscard]] const std::string& id() const noexcept { return id_; }
  http_client& http() { return http_; }
  /// The order as it was answered.
  nlohmann::json order(const restaurant& from);

 private:
  std::string id_;
  http_client http_;
};

/// A partner with a phone.
class partner {
 public:
  explicit partner(const test_node& node)
      : id_{new_uuid()}, http_{node.client("PARTNER", id_)}, phone_{node.stream("PARTNER", id_)} {}

  [[nodiscard]] const std::string& id() const noexcept { return id_; }
  http_client& http() { return http_; }
  stream_client& phone() { return phone_; }
  nlohmann::json go_online(place at = town_centre);
  /// `command` of a delivery.
  http_response report(const std::string& order, const std::string& command,
                       const nlohmann::json& body = nlohmann::json::object());
  /// From the restaurant's door to the customer's, each step once.
  void deliver(const std::string& order, const std::string& pin);

 private:
  std::string id_;
  http_client http_;
  stream_client phone_;
};

}  // namespace dabba::system_tests
