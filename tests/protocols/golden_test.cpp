/// The golden files are payloads as written to journals. They are never changed: a new version of an event's payload
/// adds a file `<type>.v<n>.json` beside the old ones, and the reader accepts both.
#include <catch2/catch_test_macros.hpp>
#include <filesystem>
#include <fstream>
#include <nlohmann/json.hpp>
#include <set>
#include <sstream>

#include "protocols/codec.hpp"

using namespace dabba;

namespace {

std::string contents(const std::filesystem::path& file) {
  std::ifstream in{file};
  std::ostringstream out;
  out << in.rdbuf();
  return out.str();
}

struct golden {
  std::string type;
  std::int32_t version = 0;
  std::string payload;
};

std::vector<golden> all_golden() {
  std::vector<golden> out;
  for (const auto& entry : std::filesystem::directory_iterator{DABBA_GOLDEN}) {
    auto name = entry.path().stem().string();  // order.placed.v1
    auto dot = name.rfind(".v");
    REQUIRE(dot != std::string::npos);
    out.push_back({name.substr(0, dot), std::stoi(name.substr(dot + 2)), contents(entry.path())});
  }
  return out;
}

any_event read(const char* type, int version = 1) {
  auto payload = contents(std::filesystem::path{DABBA_GOLDEN} / (type + (".v" + std::to_string(version)) + ".json"));
  auto event = decode_event(type, version, payload);
  REQUIRE(event);
  return *event;
}

template <class Event>
Event read_order_event(int version = 1) {
  return std::get<Event>(std::get<order_event>(read(Event::type.data(), version)));
}

template <class Family>
void add_types(std::set<std::string>& to) {
  [&]<class... Events>(std::type_identity<std::variant<Events...>>) {
    (to.insert(std::string{Events::type}), ...);
  }(std::type_identity<Family>{});
}

}  // namespace

TEST_CASE("every payload that was ever written can be read") {
  for (const auto& x : all_golden()) {
    INFO(x.type << " version " << x.version);
    auto event = decode_event(x.type, x.version, x.payload);
    REQUIRE(event);
    CHECK(type_of(*event) == x.type);
  }
}

TEST_CASE("today's payloads have exactly the fields of their newest golden file") {
  for (const auto& x : all_golden()) {
    auto event = decode_event(x.type, x.version, x.payload);
    REQUIRE(event);
    auto written = std::visit([](const auto& family) { return encode(family); }, *event);
    if (written.version != x.version) continue;
    INFO(x.type);
    CHECK(nlohmann::json::parse(written.payload) == nlohmann::json::parse(x.payload));
  }
}

TEST_CASE("every type of event has its golden file") {
  std::set<std::string> types;
  add_types<order_event>(types);
  add_types<partner_event>(types);
  add_types<restaurant_event>(types);
  std::set<std::string> files;
  for (const auto& x : all_golden()) files.insert(x.type);
  CHECK(files == types);
}

TEST_CASE("the events of an order are those the API names") {
  std::set<std::string> types;
  add_types<order_event>(types);
  CHECK(types == std::set<std::string>{
                     "order.placed", "order.paid", "order.payment_failed", "order.accepted", "order.rejected",
                     "order.search_started", "order.preparation_started", "order.stage_changed", "order.ready",
                     "order.partner_assigned", "order.partner_at_restaurant", "order.picked_up",
                     "order.partner_at_customer", "order.delivered", "order.partner_released", "order.delivery_failed",
                     "order.cancelled", "order.modified", "order.customer_forgotten"});
}

TEST_CASE("a golden order is read field by field") {
  auto e = read_order_event<order_placed>();
  CHECK(to_string(e.customer) == "0190a1b2-c3d4-7e5f-8899-000000000008");
  CHECK(e.pickup == geo_point{12.9451, 77.5713});
  REQUIRE(e.lines.size() == 2);
  CHECK(e.lines[0].special_instructions == "no \"ghee\"\n");
  CHECK(e.lines[1].name == "फ़िल्टर कॉफ़ी");
  CHECK(e.lines[1].unit_price == minor_units{4550});
  CHECK(e.payment == payment_method::upi);
  CHECK(e.total == minor_units{33550});
  CHECK(e.zone == zone_id{0x3bae100000000000});
  CHECK(e.pay_by == instant{1'772'363'700'000'000});
  CHECK(e.accept_by == instant{1'772'363'400'000'000});
}

TEST_CASE("an order placed before there were promotions has no details of its price, and a later one has them all") {
  CHECK(read_order_event<order_placed>(1).price == price_details{});
  auto e = read_order_event<order_placed>(2);
  REQUIRE(e.price.lines.size() == 2);
  CHECK(e.price.lines[1] == line_price{{4550}, {455}, {205}, {4095}});
  CHECK(total_of(e.subtotal, e.delivery_fee, e.tip, e.price) == e.total);
  REQUIRE(e.price.promotions.size() == 2);
  CHECK(e.price.promotions[0].funded_by == promotion_funding::restaurant);
  CHECK_FALSE(e.price.promotions[0].per_customer);
  CHECK(e.price.promotions[1].code == "TEN");
  CHECK(e.price.promotions[1].is_counted);
  CHECK(e.price.promotions[1].per_customer == 2);
  CHECK(read_order_event<order_modified>(2).price.taxed == tax_mode::included);
}

TEST_CASE("a golden assignment and a golden ending are read field by field") {
  auto assigned = read_order_event<order_partner_assigned>();
  CHECK(assigned.by.slot == 3);
  CHECK(assigned.by.sequence == 1);
  CHECK(to_string(assigned.by.partner) == "0190a1b2-c3d4-7e5f-8899-000000000005");
  auto failed = read_order_event<order_delivery_failed>();
  CHECK(failed.how == ending{party::partner, "nobody at home", party::customer});
}
