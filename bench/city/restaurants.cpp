#include "bench/city/restaurants.hpp"

#include <algorithm>
#include <stdexcept>

#include <fmt/format.h>

namespace dabba::city {

namespace {

constexpr auto as_long_as_the_day_lasts = std::chrono::hours{24};
constexpr int longest_preparation_minutes = 240;

/// How far an order has come in its kitchen: steps that are done are not done again.
int kitchen_progress(const std::string& status) {
  if (status == "PENDING_RESTAURANT_ACCEPTANCE" || status == "PAYMENT_PENDING") return 0;
  if (status == "ACCEPTED") return 1;
  if (status == "IN_PREPARATION") return 2;
  if (status == "READY_FOR_PICKUP" || status == "OUT_FOR_DELIVERY" || status == "DELIVERED") return 3;
  return -1;  // ended otherwise
}

}  // namespace

/// What a tablet tells the platform of an order.
struct restaurant_owner::step {
  const char* command;
  const char* event;
  int progress;  ///< reached when it is done
};

restaurant_owner::restaurant_owner(world& w, account_id account, std::string name, std::vector<std::size_t> sites)
    : world_(w),
      account_(account),
      name_(std::move(name)),
      sites_(std::move(sites)),
      stream_(w, account, name_, *this),
      poll_sleeper_(w) {}

asio::awaitable<http_answer> restaurant_owner::must(command c) {
  const auto answer = co_await world_.insist(c, limits::start_up_patience);
  if (!answer.succeeded())
    throw std::runtime_error{fmt::format("{} {}: {} {:.300}", c.method, c.target, answer.status, answer.body)};
  co_return answer;
}

asio::awaitable<void> restaurant_owner::onboard(account_id admin, std::vector<dish>& menus) {
  for (const auto site : sites_) {
    co_await onboard_site(site, admin, menus[site]);
    restaurant_ids_.push_back(menus[site].restaurant);
  }
}

asio::awaitable<void> restaurant_owner::onboard_site(std::size_t site, account_id admin, dish& menu) {
  const auto& place = world_.day.restaurants[site];
  const auto at = world_.map.to_geo(place.at);
  const auto key = [&](const char* what) { return fmt::format("{}-{}-{}", world_.run, what, place.name); };
  command create{"onboard", "POST", "/v1/restaurants", {}, key("register"), account_, name_};
  create.body = fmt::format(
      R"({{"name":{},"address":{{"line":{},"latitude":{:.8f},"longitude":{:.8f}}},)"
      R"("contact":{{"phone":"+91 80 4000 {:04}"}},"licenseNumber":"CITY-{}-{}"}})",
      json_string("Kitchen " + place.name), json_string("Street of " + place.name), at.latitude_deg, at.longitude_deg,
      site, world_.run, site);
  const auto created = co_await must(create);
  menu.restaurant = parse_member(created.body, "restaurantId");

  command approve{
      "onboard",
      "POST",
      "/v1/admin/restaurants/" + menu.restaurant + "/verification",
      R"({"decision":"APPROVE"})",
      key("approve"),
      admin,
      "admin"};
  co_await must(approve);
  command open{"onboard", "PATCH", "/v1/restaurants/" + menu.restaurant + "/status", R"({"status":"ONLINE"})", {},
               account_,  name_};
  co_await must(open);
  command add{"onboard",
              "POST",
              "/v1/restaurants/" + menu.restaurant + "/menu/items",
              R"({"name":"Thali","category":"Meals","type":"VEG","price":240.00,"currency":"INR","isAvailable":true})",
              key("menu"),
              account_,
              name_};
  const auto added = co_await must(add);
  menu.item = parse_member(added.body, "itemId");
}

void restaurant_owner::open() {
  for (const auto& id : restaurant_ids_) stream_.subscribe("restaurants/" + id + "/orders");
  stream_.open();
  world_.spawn(name_, poll());
}

void restaurant_owner::close() {
  closing_ = true;
  poll_sleeper_.poke();
  stream_.close();
}

/// What a tablet does beside listening: reads the list now and then, restaurant by restaurant, in case a push was lost.
asio::awaitable<void> restaurant_owner::poll() {
  const auto between = milliseconds{limits::tablet_poll_interval} / static_cast<int>(restaurant_ids_.size());
  for (std::size_t i = 0; !closing_ && !world_.over(); i = (i + 1) % restaurant_ids_.size()) {
    co_await world_.pause(between);
    const auto& id = restaurant_ids_[i];
    command list{"list",   "GET", "/v1/restaurants/" + id + "/orders?status=PENDING_RESTAURANT_ACCEPTANCE", {}, {},
                 account_, name_};
    const auto answer = co_await world_.ask(list);
    if (answer.status != 200) continue;
    for (const auto& order : parse_orders(answer.body)) {
      if (cooking_.contains(order.id)) continue;
      ++world_.counts.found_by_polling;
      ordered(order.id, id, order.note);
    }
  }
}

void restaurant_owner::on_message(const server_message& message) {
  if (const auto* fresh = std::get_if<order_new_message>(&message)) {
    ordered(fresh->order.id, fresh->restaurant, fresh->order.note);
  } else if (const auto* event = std::get_if<event_message>(&message);
             event != nullptr && event->type == "order.placed") {
    constexpr std::string_view before = "restaurants/", after = "/orders";
    const auto restaurant = event->topic.substr(before.size(), event->topic.size() - before.size() - after.size());
    world_.spawn(name_, look_and_cook(event->order, restaurant));
  }
}

/// The event alone does not say what was ordered. As a rule `order.new` beside it does, or the customer knows already.
asio::awaitable<void> restaurant_owner::look_and_cook(std::string order_id, std::string restaurant) {
  co_await world_.pause(limits::handover_check);
  if (cooking_.contains(order_id)) co_return;
  const auto read = read_order(order_id);
  const auto answer = co_await world_.insist(read, as_long_as_the_day_lasts);
  if (answer.succeeded()) ordered(order_id, restaurant, parse_order(answer.body).note);
}

void restaurant_owner::ordered(const std::string& order_id, const std::string& restaurant, const std::string& note) {
  if (cooking_.contains(order_id)) return;
  const auto order = world_.order_called(note);
  if (!order) {
    world_.log.error(name_, fmt::format("order {} with the note '{}' is not of this day", order_id, note));
    return;
  }
  cooking_.insert(order_id);
  world_.learn_order(*order, order_id);
  world_.spawn(name_, cook(order_id, restaurant, *order));
}

asio::awaitable<void> restaurant_owner::cook(std::string order_id, std::string restaurant, std::size_t order) {
  const auto ready = world_.day.orders[order].ready;
  const auto minutes = std::ceil(in_minutes(ready - world_.now()));
  const auto promised = std::clamp(static_cast<int>(minutes), 1, longest_preparation_minutes);
  const auto promise = fmt::format(R"({{"preparationMinutes":{}}})", promised);
  const std::string nothing = "{}";
  constexpr step accept{"accept", "order.accepted", 1}, start{"start", "order.preparation_started", 2},
      finish{"ready", "order.ready", 3};
  if (const bool ok = co_await tell(accept, promise, order_id, restaurant); !ok) co_return;
  if (const bool ok = co_await tell(start, nothing, order_id, restaurant); !ok) co_return;
  day_sleeper sleeper{world_};
  if (const bool due = co_await sleeper.until(ready); !due) co_return;
  world_.orders[order].ready_told = co_await tell(finish, nothing, order_id, restaurant);
}

/// True when the step is done, by this command or as a look at the order shows; false when the order has ended or the
/// day is over.
asio::awaitable<bool> restaurant_owner::tell(step s, std::string body, std::string order_id, std::string restaurant) {
  const command c{
      s.command,
      "POST",
      fmt::format("/v1/restaurants/{}/orders/{}/{}", restaurant, order_id, s.command),
      body,
      fmt::format("{}-{}-{}", world_.run, s.command, order_id),
      account_,
      name_};
  const auto answer = co_await world_.insist(c, as_long_as_the_day_lasts);
  if (answer.succeeded()) {
    const auto view = parse_order(answer.body);
    acknowledged_transition done{name_, order_id, s.event, {}, view.version, view.status, view.delivery_status};
    world_.log.acknowledged(std::move(done));
    co_return true;
  }
  if (answer.status != 409) {
    if (!world_.too_late())
      world_.log.error(name_, fmt::format("{} {}: {} {:.300}", s.command, order_id, answer.status, answer.body));
    co_return false;
  }
  const auto read = read_order(order_id);
  const auto look = co_await world_.insist(read, as_long_as_the_day_lasts);
  if (!look.succeeded()) co_return false;
  const auto progress = kitchen_progress(parse_order(look.body).status);
  if (progress < s.progress) {
    if (progress >= 0)
      world_.log.error(name_, fmt::format("{} was refused although {} allows it", s.command, look.body));
    co_return false;
  }
  acknowledged_transition seen{name_, order_id, s.event, {}, std::nullopt, {}, {}};
  world_.log.acknowledged(std::move(seen));
  co_return true;
}

command restaurant_owner::read_order(const std::string& order_id) const {
  return {"order", "GET", "/v1/orders/" + order_id, {}, {}, account_, name_};
}

}  // namespace dabba::city
