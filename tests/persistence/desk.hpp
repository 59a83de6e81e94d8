/// Where accounts are made and kept, for tests.
#pragma once

#include <catch2/catch_test_macros.hpp>

#include "persistence/postgres/identity.hpp"
#include "persistence/postgres/order_archive.hpp"
#include "persistence/postgres/reader.hpp"
#include "tests/persistence/database.hpp"

namespace dabba::tests {

struct desk {
  std::vector<std::string> reported;
  postgres::identity store{
      migrated_database().options("identity"), [this](const std::string& what) { reported.push_back(what); }};
  postgres::reader reader{migrated_database().options("reader"), {}};

  account open(const std::string& email, user_role role = user_role::customer) {
    auto made = fresh(email, role);
    REQUIRE(store.create_account({made, "hash of " + email, {}}));
    return made;
  }
  static account fresh(const std::string& email, user_role role = user_role::customer) {
    account made;
    made.id = user_id::make(real_now());
    made.role = role;
    made.email = email;
    made.name = "Asha";
    made.phone = "+91 80 1234 5678";
    made.created_at = {1'700'000'000'000'000};
    return made;
  }
};

/// An address nobody else in these tests has.
inline std::string some_email() { return to_string(make_uuid_v7(real_now())) + "@example.org"; }

inline saved_address home() {
  return {address_id::make(real_now()), "Home", {"7, Church Street", {12.97, 77.59}}, "ring twice"};
}

}  // namespace dabba::tests
