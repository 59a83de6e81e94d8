/// The books and their file: what was committed is there after a kill, and nothing else.
#include "bench/sandbox-gateway/books.hpp"

#include <catch2/catch_test_macros.hpp>
#include <fstream>
#include <sstream>

#include "bench/sandbox-gateway/endpoints.hpp"
#include "bench/sandbox-gateway/faults.hpp"
#include "bench/sandbox-gateway/form.hpp"
#include "bench/sandbox-gateway/pages.hpp"
#include "bench/sandbox-gateway/payments.hpp"
#include "bench/sandbox-gateway/refunds.hpp"
#include "bench/sandbox-gateway/signature.hpp"
#include "tests/bench/city/temporary_folder.hpp"

using namespace dabba::sandbox;
using dabba::city::temporary_folder;

namespace {

parameters form(const std::string& text) { return parameters{parse_form(text)}; }

std::string records(const books& kept) {
  std::string text;
  auto add = [&text](const auto& each) {
    text += text_of(to_record(each)) + "\n";
    return true;
  };
  kept.intents().oldest_first(add);
  kept.charges().oldest_first(add);
  kept.refunds().oldest_first(add);
  kept.events().oldest_first(add);
  kept.endpoints().oldest_first(add);
  return text;
}

/// One of each kind of change.
void live(books& kept) {
  payment_settings settings{std::chrono::milliseconds{60'000}, {}};
  payments intents{kept, settings};
  refund_desk refunds{kept, settings};
  ensure_endpoint(kept, "http://127.0.0.1:1/hook", {"whsec_1"});
  roll_secret(kept, ensure_endpoint(kept, "http://127.0.0.1:1/hook", {}).id, std::chrono::seconds{60});
  const std::string more =
      "&metadata[order]=7&description=caf%C3%A9&automatic_payment_methods[enabled]=true&"
      "automatic_payment_methods[allow_redirects]=never";
  for (const auto* method : {"pm_card_visa", "pm_card_visa_chargeDeclined", "pm_card_threeDSecure2Required",
                             "pm_usBankAccount_success", "pm_card_pendingRefund"}) {
    auto made = intents.create(form("amount=5000&currency=eur" + more), {true, "req_1", "key_1"}).body;
    intents.confirm(made.at("id"), form(std::string{"payment_method="} + method), {});
  }
  kept.intents().oldest_first([&](const payment_intent& x) {
    if (x.status == intent_status::succeeded)
      refunds.create(form("amount=1000&reason=duplicate&metadata[a]=b&payment_intent=" + x.id), {});
    return true;
  });
  kept.put(kept_answer{"key_1", "print", "req_1", 4'000'000'000, 200, "{\"id\": 1}"});
  kept.delivered(kept.take_new_events().front(), kept.endpoints().oldest()->id);
}

}  // namespace

TEST_CASE("what was committed is read back as it was, again and again") {
  temporary_folder folder;
  std::string before;
  {
    books kept{folder.path() / "state"};
    live(kept);
    kept.commit();
    before = records(kept);
  }
  for (int i = 0; i < 3; ++i) {
    books kept{folder.path() / "state"};
    CHECK(records(kept) == before);
    REQUIRE(kept.answers().find("key_1"));
    CHECK(kept.answers().find("key_1")->body == "{\"id\": 1}");
    CHECK(kept.unsettled_intents().size() == 1);
    CHECK(kept.unsettled_refunds().size() == 1);
  }
}

TEST_CASE("what was not committed, or was cut off in the file, was never there") {
  temporary_folder folder;
  auto file = folder.path() / "state";
  std::string before;
  {
    books kept{file};
    live(kept);
    kept.commit();
    before = records(kept);
    live(kept);
  }
  std::ofstream{file, std::ios::app} << R"([{"kind":"intent","record":{"id":"pi_)";
  books kept{file};
  CHECK(records(kept) == before);
}

TEST_CASE("a file that is in use, or is none of ours, is refused") {
  temporary_folder folder;
  books kept{folder.path() / "state"};
  CHECK_THROWS(books{folder.path() / "state"});
  std::ofstream{folder.path() / "other"} << "not ours\n";
  CHECK_THROWS(books{folder.path() / "other"});
  CHECK_THROWS(books{folder.path() / "nowhere" / "state"});
}

TEST_CASE("lists go page by page in both directions, each object once") {
  books kept{std::nullopt};
  for (int i = 0; i < 7; ++i) {
    payment_intent x;
    x.id = "pi_" + std::to_string(i);
    x.created = 100 + i;
    kept.put(x);
  }
  auto list = [&](const std::string& query) {
    auto given = form(query);
    auto page = page_of(given);
    auto got = list_page(kept.intents(), page, "/v1/payment_intents", [](const payment_intent&) { return true; }).body;
    std::string ids = got.at("has_more").get<bool>() ? "more" : "last";
    for (const auto& each : got.at("data")) ids += " " + each.at("id").get<std::string>().substr(3);
    return ids;
  };
  CHECK(list("") == "last 6 5 4 3 2 1 0");
  CHECK(list("limit=3") == "more 6 5 4");
  CHECK(list("limit=3&starting_after=pi_4") == "more 3 2 1");
  CHECK(list("limit=3&starting_after=pi_1") == "last 0");
  CHECK(list("limit=3&ending_before=pi_1") == "more 4 3 2");
  CHECK(list("limit=3&ending_before=pi_4") == "last 6 5");
  CHECK(list("created[gte]=102&created[lt]=105") == "last 4 3 2");
  CHECK(list("created=103") == "last 3");
  for (const auto* wrong : {"limit=0", "limit=101", "limit=x", "starting_after=pi_9", "created[around]=1",
                            "starting_after=pi_1&ending_before=pi_2"})
    CHECK_THROWS_AS(list(wrong), api_error);
}

TEST_CASE("secrets overlap while one replaces the other, and the old one ends") {
  books kept{std::nullopt};
  const auto id = ensure_endpoint(kept, "http://127.0.0.1:1/", {"whsec_1"}).id;
  const auto second = roll_secret(kept, id, std::chrono::seconds{60});
  const auto now = kept.endpoints().find(id)->secrets.front().ends.value() - 60;
  CHECK(secrets_in_use(*kept.endpoints().find(id), now) == std::vector<std::string>{"whsec_1", second});
  CHECK(secrets_in_use(*kept.endpoints().find(id), now + 60) == std::vector<std::string>{second});
  // Replaced at once: the one before is gone, the one that was promised a minute is not.
  const auto third = roll_secret(kept, id, std::chrono::seconds{0});
  CHECK(secrets_in_use(*kept.endpoints().find(id), now) == std::vector<std::string>{"whsec_1", third});
  for (int i = 0; i < 10; ++i) roll_secret(kept, id, std::chrono::seconds{3600});
  CHECK(kept.endpoints().find(id)->secrets.size() == 4);
}

TEST_CASE("addresses of webhooks") {
  auto url = parse_webhook_url("http://127.0.0.1:8080/v1/webhooks/stripe?x=1");
  REQUIRE(url);
  CHECK(url->host == "127.0.0.1");
  CHECK(url->port == "8080");
  CHECK(url->target == "/v1/webhooks/stripe?x=1");
  CHECK(parse_webhook_url("http://localhost")->target == "/");
  for (const auto* text : {"https://x/", "http://", "http:///x", "http://x:/", "http://x:y/", "http://x:123456/",
                           "http://x/a b", "ftp://x"})
    CHECK_FALSE(parse_webhook_url(text));
}

TEST_CASE("faults are set by name, all or none, and shown") {
  faults how;
  change_faults(how, {{"latency_ms", 5}, {"error_rate", 0.25}, {"error_point", "stored"}, {"webhook_copies", 2}});
  CHECK(how.latency_ms == 5);
  CHECK(how.error_rate == 0.25);
  CHECK(how.errors == error_point::stored);
  for (const auto& wrong : {nlohmann::json{{"latency_ms", 6}, {"error_rate", 2}}, nlohmann::json{{"latency_ms", -1}},
                            nlohmann::json{{"webhook_copies", 0}}, nlohmann::json{{"error_point", "never"}},
                            nlohmann::json{{"unknown", 1}}, nlohmann::json::array()})
    CHECK_THROWS_AS(change_faults(how, wrong), api_error);
  CHECK(how.latency_ms == 5);
  auto shown = to_json(how);
  faults again;
  change_faults(again, shown);
  CHECK(to_json(again) == shown);
}

TEST_CASE("a signature is what OpenSSL's program makes of the time, a dot and the body") {
  // printf '1700000000.{"id":"evt_1"}' | openssl dgst -sha256 -hmac whsec_first
  CHECK(signature_header(1'700'000'000, R"({"id":"evt_1"})", {"whsec_first"}) ==
        "t=1700000000,v1=1e3d4a587cb2a36f93d7444746133dcfcd077e60212c2413513da26d6ddb0cbb");
}
