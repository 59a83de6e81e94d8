#include "bench/city/customers.hpp"

#include <array>
#include <utility>

#include <fmt/format.h>

namespace dabba::city {

namespace {

constexpr auto as_long_as_the_day_lasts = std::chrono::hours{24};

/// The status an order ends in, by the event that ends it.
constexpr std::array<std::pair<std::string_view, std::string_view>, 5> endings{{
    {"order.delivered", "DELIVERED"},
    {"order.cancelled", "CANCELLED"},
    {"order.rejected", "REJECTED"},
    {"order.delivery_failed", "UNDELIVERABLE"},
    {"order.payment_failed", "PAYMENT_FAILED"},
}};

}  // namespace

customer::customer(world& w, account_id account, std::string name, const std::vector<dish>& menus)
    : world_(w), account_(account), name_(std::move(name)), menus_(menus), stream_(w, account, name_, *this) {}

void customer::open() {
  stream_.open();
  for (const auto order : orders_) {
    world_.orders[order].tell_pin = [this, order] { return tell_pin(order); };
    world_.spawn(name_, order_dinner(order));
  }
}

command customer::checkout_of(std::size_t order) const {
  const auto& demand = world_.day.orders[order];
  const auto& choice = menus_[demand.restaurant];
  const auto home = world_.map.to_geo(demand.at);
  // The note tells the restaurant's side of this program which order of the instance this is.
  auto body = fmt::format(
      R"({{"restaurantId":"{}","items":[{{"itemId":"{}","quantity":1}}],"address":{{"line":{},"latitude":{:.8f},)"
      R"("longitude":{:.8f}}},"paymentMethod":"COD","note":{}}})",
      choice.restaurant, choice.item, json_string("Door of " + demand.name), home.latitude_deg, home.longitude_deg,
      json_string(demand.name));
  return {"checkout",
          "POST",
          "/v1/orders/checkout",
          std::move(body),
          fmt::format("{}-checkout-{}", world_.run, demand.name),
          account_,
          name_};
}

command customer::look_up(std::size_t order) const {
  return {"order", "GET", "/v1/orders/" + world_.orders[order].id, {}, {}, account_, name_};
}

asio::awaitable<void> customer::order_dinner(std::size_t order) {
  day_sleeper sleeper{world_};
  if (const bool due = co_await sleeper.until(world_.day.orders[order].placed); !due) co_return;
  const auto checkout = checkout_of(order);
  const auto answer = co_await world_.insist(checkout, as_long_as_the_day_lasts);
  if (!answer.succeeded()) {
    world_.log.error(name_, fmt::format("order {} was not taken: {} {:.300}", world_.day.orders[order].name,
                                        answer.status, answer.body));
    world_.order_ended(order, "NOT_PLACED");
    co_return;
  }
  const auto placed = parse_order(answer.body);
  world_.learn_order(order, placed.id);
  world_.log.checkout_answered(name_, checkout.key, placed.id, answer.replayed);
  acknowledged_transition done{
      name_, placed.id, "order.placed", {}, placed.version, placed.status, placed.delivery_status};
  world_.log.acknowledged(std::move(done));
  stream_.subscribe("orders/" + placed.id);
  if (order % limits::replayed_checkouts == 0) co_await order_again(order, checkout);
}

/// An app that did not see the answer sends its order again; it must not get a second dinner.
asio::awaitable<void> customer::order_again(std::size_t order, command checkout) {
  const auto answer = co_await world_.insist(checkout, as_long_as_the_day_lasts);
  if (!answer.succeeded()) {
    world_.log.error(name_, fmt::format("order {} sent again: {} {:.300}", world_.day.orders[order].name, answer.status,
                                        answer.body));
    co_return;
  }
  world_.log.checkout_answered(name_, checkout.key, parse_order(answer.body).id, answer.replayed);
  if (!answer.replayed) world_.log.error(name_, "a repeated checkout was not marked Idempotent-Replayed");
}

asio::awaitable<std::string> customer::tell_pin(std::size_t order) {
  const auto look = look_up(order);
  const auto answer = co_await world_.insist(look, as_long_as_the_day_lasts);
  if (!answer.succeeded()) co_return std::string{};
  co_return parse_order(answer.body).pin;
}

asio::awaitable<void> customer::settle(real_time give_up) {
  for (const auto order : orders_) {
    if (world_.orders[order].ended || world_.orders[order].id.empty()) continue;
    const auto left = give_up - std::chrono::steady_clock::now();
    if (left < real_time::duration::zero()) co_return;
    const auto look = look_up(order);
    const auto answer = co_await world_.insist(look, left);
    if (!answer.succeeded()) continue;
    const auto view = parse_order(answer.body);
    if (view.ended())
      world_.order_ended(order, view.status);
    else
      world_.record.orders[order].final_status = view.status;
  }
}

void customer::on_message(const server_message& message) {
  const auto* event = std::get_if<event_message>(&message);
  if (event == nullptr || !event->topic.starts_with("orders/")) return;
  for (const auto& [type, status] : endings) {
    if (event->type != type) continue;
    if (const auto order = world_.order_with_id(event->topic.substr(7)))
      world_.order_ended(*order, std::string{status});
  }
}

}  // namespace dabba::city
