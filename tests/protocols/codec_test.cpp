#include "protocols/codec.hpp"

#include <caf/binary_deserializer.hpp>
#include <caf/binary_serializer.hpp>
#include <catch2/catch_template_test_macros.hpp>
#include <catch2/catch_test_macros.hpp>
#include <cmath>
#include <limits>
#include <nlohmann/json.hpp>

#include "protocols/actors.hpp"
#include "tests/protocols/random_values.hpp"
#include "tests/protocols/samples.hpp"

using namespace dabba;

namespace {

/// Every field of a value, by another road than the codec's.
template <class T>
caf::byte_buffer bytes_of(const T& x) {
  caf::byte_buffer out;
  caf::binary_serializer sink{nullptr, out};
  if (!sink.apply(x)) throw std::logic_error{"can't be serialised"};
  return out;
}

template <class T>
T read_back(const T& x) {
  auto text = encode(x);
  RC_ASSERT(nlohmann::json::accept(text));
  auto read = [&] {
    if constexpr (std::is_same_v<T, order>)
      return decode_order(text);
    else if constexpr (std::is_same_v<T, restaurant_with_menu>)
      return decode_restaurant(text);
    else
      return decode_partner(text);
  }();
  RC_ASSERT(read.has_value());
  return *read;
}

template <class Family, class Event>
void event_survives() {
  Family written = random_value<Event>();
  auto text = encode(written);
  RC_ASSERT(text.type == Event::type);
  RC_ASSERT(text.version >= 1);
  RC_ASSERT(nlohmann::json::accept(text.payload));
  auto read = decode_event(text.type, text.version, text.payload);
  RC_ASSERT(read.has_value());
  RC_ASSERT(type_of(*read) == Event::type);
  RC_ASSERT(bytes_of(std::get<Family>(*read)) == bytes_of(written));
}

template <class Family, std::size_t... I>
void each_event_survives(std::index_sequence<I...>) {
  (event_survives<Family, std::variant_alternative_t<I, Family>>(), ...);
}

}  // namespace

TEMPLATE_TEST_CASE("every state survives being written and read", "", order, restaurant_with_menu, partner) {
  CHECK(rc::check([] {
    auto written = random_value<TestType>();
    auto read = read_back(written);
    RC_ASSERT(read == written);
    RC_ASSERT(bytes_of(read) == bytes_of(written));
  }));
}

TEMPLATE_TEST_CASE("every event survives being written and read", "", order_event, restaurant_event, partner_event) {
  CHECK(rc::check([] { each_event_survives<TestType>(std::make_index_sequence<std::variant_size_v<TestType>>{}); }));
}

TEST_CASE("an answer kept for a repeated request is read back as it was") {
  CHECK(rc::check([] {
    std::vector<reply> answers{
        done{},
        random_value<order>(),
        random_value<restaurant>(),
        random_value<partner>(),
        random_value<quote>(),
        random_value<subscribed>(),
        random_value<located_partner>(),
        random_value<open_offers>(),
        random_value<awarded_job>(),
        random_value<search_record>(),
        random_value<not_sold>(),
        random_value<current_menu>(),
        random_value<changed_menu>()};
    for (const auto& answer : answers) {
      auto read = decode_reply(encode(answer));
      RC_ASSERT(read.has_value());
      RC_ASSERT(read->index() == answer.index());
      RC_ASSERT(bytes_of(*read) == bytes_of(answer));
    }
  }));
}

TEST_CASE("a promotion of every kind is read back as it was") {
  auto of_item = food_selection{{item_id::make({1})}, {"drinks"}};
  std::vector<promotion_effect> effects{
      percentage_off{{1250}, minor_units{100'00}, of_item},
      amount_off{{50'00}, {}},
      free_delivery{},
      free_delivery{minor_units{20'00}},
      buy_and_get{2, 1, 3, of_item},
      combo{{{of_item, 2}, {{}, 1}}, {199'00}, 2}};
  for (const auto& effect : effects) {
    promotion written;
    written.id = promotion_id::make({1});
    written.version = 3;
    written.name = "Lunch \"for\" two";
    written.code = "TWO";
    written.effect = effect;
    written.funded_by = promotion_funding::restaurant;
    written.ends_at = instant::max();
    written.restaurants = {restaurant_id::make({1})};
    written.total_limit = 100;
    auto read = decode_promotion(encode(written));
    REQUIRE(read);
    CHECK(*read == written);
    price_lines asked;
    asked.given.coupon = offered_promotion{written, 7, 1};
    asked.given.deals = {{*read, 0, 0}, {*read, 1, 0}};
    auto bytes = bytes_of(asked);
    caf::binary_deserializer source{nullptr, bytes};
    price_lines arrived;
    REQUIRE(source.apply(arrived));
    CHECK(arrived.given.coupon == asked.given.coupon);
    CHECK(arrived.given.deals == asked.given.deals);
  }
  CHECK_FALSE(decode_promotion(R"({"effect":{}})"));
}

TEST_CASE("a distance is read back to within its last bits") {
  CHECK(rc::check([] {
    auto metres_north = *rc::gen::arbitrary<std::int32_t>() / 997.0;
    located_partner written;
    written.where.accuracy_m = metres_north;
    auto read = decode_reply(encode(reply{written}));
    RC_ASSERT(read.has_value());
    auto off = *std::get<located_partner>(*read).where.accuracy_m - metres_north;
    RC_ASSERT(std::abs(off) <= std::abs(metres_north) * 1e-14);
  }));
}

TEST_CASE("a message that goes to another node arrives as it was") {
  CHECK(rc::check([] {
    find_partner written = random_value<find_partner>();
    auto bytes = bytes_of(written);
    caf::binary_deserializer source{nullptr, bytes};
    find_partner read;
    RC_ASSERT(source.apply(read));
    RC_ASSERT(bytes_of(read) == bytes);
  }));
}

TEST_CASE("the edges of numbers survive") {
  order x;
  x.total = {std::numeric_limits<std::int64_t>::max()};
  x.tip = {std::numeric_limits<std::int64_t>::min()};
  x.placed_at = {std::numeric_limits<std::int64_t>::min()};
  x.accept_by = instant::max();
  x.version = std::numeric_limits<std::int64_t>::max();
  x.zone = {std::numeric_limits<std::uint64_t>::max()};
  x.pickup = {-90, 180};
  x.dropoff.at = {1e-7, -1e-7};
  auto read = decode_order(encode(x));
  REQUIRE(read);
  CHECK(*read == x);
}

TEST_CASE("a control character can't spoil the row it is written to") {
  order x;
  x.note = std::string{
      "a\x01"
      "b\x1f"
      "c\0d",
      7};
  auto text = encode(x);
  CHECK(nlohmann::json::accept(text));
  auto read = decode_order(text);
  REQUIRE(read);
  CHECK(read->note == "a b c d");
}

TEST_CASE("a value that is no number is never written") {
  order x;
  x.pickup.lat_deg = std::numeric_limits<double>::quiet_NaN();
  CHECK(encode(x).empty());
}

TEST_CASE("a type or a version this build does not know is refused") {
  auto good = encode(order_event{order_rejected{}});
  REQUIRE(decode_event(good.type, 1, good.payload));
  CHECK(decode_event("order.teleported", 1, "{}").error() == errc::internal);
  CHECK(decode_event("", 1, "{}").error() == errc::internal);
  for (auto version : {0, -1, 2, std::numeric_limits<std::int32_t>::max()})
    CHECK(decode_event(good.type, version, good.payload).error() == errc::internal);
}

TEST_CASE("a payload that is not what its type wants is refused, whatever it is") {
  auto good = encode(order_event{order_accepted{12, samples::noon, samples::noon}}).payload;
  CHECK(decode_event("order.accepted", 1, good));
  for (std::size_t cut = 0; cut < good.size(); ++cut)
    CHECK_FALSE(decode_event("order.accepted", 1, good.substr(0, cut)));
  for (const char* bad :
       {"null", "[]", "\"\"", "{}", R"({"preparationMinutes":"12","readyBy":1,"estimatedDeliveryAt":1})",
        R"({"preparationMinutes":1e99,"readyBy":1,"estimatedDeliveryAt":1})",
        R"({"preparationMinutes":99999999999,"readyBy":1,"estimatedDeliveryAt":1})"}) {
    INFO(bad);
    CHECK_FALSE(decode_event("order.accepted", 1, bad));
  }
  CHECK_FALSE(decode_order(R"({"status":"EATEN"})"));
  CHECK_FALSE(decode_reply("order"));
  CHECK_FALSE(decode_reply("pizza {}"));
  CHECK_FALSE(decode_reply(""));
}

TEST_CASE("random bytes are never an event, and never more than refused") {
  CHECK(rc::check([](const std::string& bytes) {
    RC_ASSERT(!decode_event("order.placed", 1, bytes).has_value());
    RC_ASSERT(!decode_order(bytes).has_value());
    RC_ASSERT(!decode_reply("order " + bytes).has_value());
  }));
}

TEST_CASE("a restaurant written before it had settings is read, with the categories that its items name") {
  auto read = decode_restaurant(R"({"restaurantId":"0190a1b2-c3d4-7e5f-8899-000000000004","version":5,
    "profile":{"owner":"0190a1b2-c3d4-7e5f-8899-000000000008","name":"Vidyarthi Bhavan","description":"",
      "where":{"line":"32, Gandhi Bazaar","at":{"latitude":12.9451,"longitude":77.5713}},
      "contact":{"phone":"+91 80","email":""},"licenseNumber":"L1","gst":""},
    "verification":"ACTIVE","status":"ONLINE","rejectionReason":"",
    "menu":[{"itemId":"0190a1b2-c3d4-7e5f-8899-000000000001","name":"Masala dosa","description":"","category":"Dosas",
      "type":"VEG","price":12000,"currency":"INR","isAvailable":false},
     {"itemId":"0190a1b2-c3d4-7e5f-8899-000000000002","name":"Coffee","description":"","category":"",
      "type":"VEG","price":4550,"currency":"INR","isAvailable":true}],"recent":[]})");
  REQUIRE(read);
  CHECK(read->about.version == 5);
  CHECK_FALSE(read->about.hours);
  CHECK(read->about.kitchen == kitchen_settings{});
  REQUIRE(read->menu->items.size() == 2);
  CHECK_FALSE(read->menu->items[0].available.is_set);
  REQUIRE(read->menu->categories.size() == 1);
  CHECK(read->menu->categories[0].name == "Dosas");
  CHECK(decode_restaurant(encode(*read)) == *read);
}

TEST_CASE("a field that a later version added does not stop an older reader") {
  auto read = decode_event("order.payment_failed", 1, R"({"reason":"card declined","retry":{"after":[1,2]}})");
  REQUIRE(read);
  CHECK(std::get<order_payment_failed>(std::get<order_event>(*read)).reason == "card declined");
}
