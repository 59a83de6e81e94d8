#include "protocols/model/enum_names.hpp"

#include <caf/binary_deserializer.hpp>
#include <caf/binary_serializer.hpp>
#include <catch2/catch_template_test_macros.hpp>
#include <catch2/catch_test_macros.hpp>
#include <set>

#include "protocols/messages.hpp"

using namespace dabba;

TEMPLATE_TEST_CASE("every name of an enumeration is read back as its enumerator, and no other text is", "",
                   order_status, delivery_status, payment_method, party, order_deadline, currency, entity_kind, errc,
                   verification_status, restaurant_status, food_type, verification_decision, shift_status, withdrawal,
                   offer_outcome, pass_reason, search_state, partner_activity, document_kind, weekday) {
  std::set<std::string_view> names;
  for (std::size_t i = 0; i < enum_names<TestType>.size(); ++i) {
    auto x = static_cast<TestType>(i);
    CHECK(parse_enum<TestType>(name(x)) == x);
    CHECK_FALSE(parse_enum<TestType>(to_string(x) + " "));
    names.insert(name(x));
  }
  CHECK(names.size() == enum_names<TestType>.size());
  CHECK_FALSE(names.contains(""));
  CHECK_FALSE(parse_enum<TestType>(""));
  CHECK_FALSE(parse_enum<TestType>("nobody's name"));
}

// A missing name at the end would leave an enumerator that can't be written.
TEST_CASE("each enumeration has as many names as enumerators") {
  CHECK(enum_names<order_status>.size() == static_cast<std::size_t>(order_status::undeliverable) + 1);
  CHECK(enum_names<delivery_status>.size() == static_cast<std::size_t>(delivery_status::failed) + 1);
  CHECK(enum_names<party>.size() == static_cast<std::size_t>(party::platform) + 1);
  CHECK(enum_names<errc>.size() == static_cast<std::size_t>(errc::partner_not_approved) + 1);
  CHECK(enum_names<withdrawal>.size() == static_cast<std::size_t>(withdrawal::busy) + 1);
  CHECK(enum_names<offer_outcome>.size() == static_cast<std::size_t>(offer_outcome::refused) + 1);
  CHECK(enum_names<pass_reason>.size() == static_cast<std::size_t>(pass_reason::not_needed) + 1);
  CHECK(enum_names<partner_activity>.size() == static_cast<std::size_t>(partner_activity::offline) + 1);
  CHECK(enum_names<entity_kind>.size() == static_cast<std::size_t>(entity_kind::board) + 1);
  CHECK(enum_names<currency>.size() == static_cast<std::size_t>(currency::GBP) + 1);
  CHECK(enum_names<verification_status>.size() == static_cast<std::size_t>(verification_status::inactive) + 1);
  CHECK(enum_names<document_kind>.size() == static_cast<std::size_t>(document_kind::other) + 1);
  CHECK(enum_names<weekday>.size() == static_cast<std::size_t>(weekday::sunday) + 1);
  CHECK(enum_names<order_deadline>.size() == static_cast<std::size_t>(order_deadline::self_acceptance) + 1);
}

TEST_CASE("the names are those of the API") {
  CHECK(name(order_status::pending_restaurant_acceptance) == "PENDING_RESTAURANT_ACCEPTANCE");
  CHECK(name(order_status::undeliverable) == "UNDELIVERABLE");
  CHECK(name(delivery_status::at_customer) == "AT_CUSTOMER");
  CHECK(name(payment_method::cash_on_delivery) == "COD");
  CHECK(name(withdrawal::taken) == "taken");
  CHECK(name(pass_reason::too_many_offers) == "TOO_MANY_OFFERS");
  CHECK(name(errc::offer_no_longer_available) == "offer-no-longer-available");
  CHECK(name(errc::stale_version) == "stale-version");
}

TEST_CASE("exactly the states after OUT_FOR_DELIVERY are terminal") {
  for (std::size_t i = 0; i < enum_names<order_status>.size(); ++i) {
    auto s = static_cast<order_status>(i);
    bool open = s == order_status::payment_pending || s == order_status::pending_restaurant_acceptance ||
                s == order_status::accepted || s == order_status::in_preparation ||
                s == order_status::ready_for_pickup || s == order_status::out_for_delivery;
    CHECK(is_terminal(s) == !open);
  }
}

TEST_CASE("a number beyond an enumeration is refused when it arrives from another node") {
  caf::binary_serializer::container_type bytes{caf::byte{200}};
  caf::binary_deserializer in{nullptr, bytes};
  auto status = order_status::accepted;
  CHECK_FALSE(in.apply(status));
  CHECK(status == order_status::accepted);
}
