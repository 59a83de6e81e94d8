/// The page of a living city, as people see it: in a browser.
#include <algorithm>

#include <catch2/catch_test_macros.hpp>

#include "tests/system/support/browser.hpp"
#include "tests/system/support/town.hpp"

namespace dabba::system_tests {
namespace {

using nlohmann::json;
using namespace std::chrono_literals;

constexpr const char* speed = "60";

/// What people could see of the page, read through the hooks that index.html lists.
class city_page {
 public:
  explicit city_page(browser& in) : in_{in} {}

  int count(const std::string& id) {
    auto value = in_.evaluate("return document.getElementById(arguments[0]).dataset.value ?? null", {id});
    return value.is_null() ? -1 : std::stoi(value.get<std::string>());
  }
  std::string text_attribute(const std::string& selector, const std::string& name) {
    auto value = in_.evaluate(
        "return document.querySelector(arguments[0])?.getAttribute(arguments[1]) ?? null", {selector, name});
    return value.is_null() ? std::string{} : value.get<std::string>();
  }
  bool is_live() { return text_attribute("#connection", "data-state") == "live"; }
  bool overflows() {
    return in_.evaluate("return document.documentElement.scrollWidth > document.documentElement.clientWidth");
  }
  std::string background() { return in_.evaluate("return getComputedStyle(document.body).backgroundColor"); }
  /// The steps of the order that is shown, oldest first, each as [type, time].
  json steps() {
    return in_.evaluate(
        "return [...document.querySelectorAll('#timeline li[data-event][data-at]')]"
        ".map(x => [x.dataset.event, x.dataset.at]).sort((a, b) => a[1] < b[1] ? -1 : a[1] > b[1] ? 1 : 0)");
  }
  /// The times of the steps from top to bottom.
  std::vector<std::string> times() {
    return in_.evaluate(
        "return [...document.querySelectorAll('#timeline li[data-event][data-at]')]"
        ".map(x => x.dataset.at)");
  }
  std::string shown_order() {
    return in_.evaluate(
        "const x = document.getElementById('detail');"
        "return !x.hidden && x.dataset.kind === 'order' ? x.dataset.id : ''");
  }

 private:
  browser& in_;
};

/// A city that lives while the page is looked at.
std::unique_ptr<child_process> start_city(const test_node& node) {
  return std::make_unique<child_process>(
      std::vector<std::string>{
          DABBA_CITY_PROGRAM, "--url", node.url(), "--signing-key", node.signing_key(), "--dabba", DABBA_PROGRAM,
          "--database", node.database(), "--speed", speed, "--hours", "1", "--no-progress"},
      node.folder() / "city.log");
}

/// Clicks orders of the list until one shows at least three steps.
std::string show_an_order(browser& in, city_page& page) {
  auto shown = [&] {
    auto id = page.text_attribute("#order-list button[data-order-id]", "data-order-id");
    if (id.empty()) return false;
    try {
      in.click("#order-list button[data-order-id='" + id + "']");
    } catch (const std::runtime_error&) {
      return false;  // the list has moved on meanwhile
    }
    return eventually(3s, [&] { return page.shown_order() == id && page.times().size() >= 3; });
  };
  return eventually(30s, shown) ? page.shown_order() : std::string{};
}

void check_timeline(city_page& page, queries& db, const std::string& order) {
  auto times = page.times();
  bool rises = std::is_sorted(times.begin(), times.end());
  bool falls = std::is_sorted(times.rbegin(), times.rend());
  CHECK((rises || falls));
  std::vector<std::string> types;
  for (const auto& step : page.steps()) types.push_back(step[0]);
  CHECK(std::find(types.begin(), types.end(), "order.placed") != types.end());
  auto journal = db.column("select type from ordering.journal where entity_id = '" + order + "'");
  for (const auto& type : types) CHECK(std::find(journal.begin(), journal.end(), type) != journal.end());
}

}  // namespace

TEST_CASE("the page shows a living city, on a screen and on a phone, light and dark") {
  if (!browser::is_installed()) SKIP("chromedriver is not installed");
  test_node node{{"--open-city", "--clock-scale", speed}};
  auto city = start_city(node);
  browser chromium;
  city_page page{chromium};
  chromium.show_at(1280, 800, false);
  chromium.prefer("light");
  chromium.open(node.url() + "/");
  INFO(city->log_tail());
  REQUIRE(eventually(
      60s, [&] { return page.is_live() && page.count("count-open") > 0 && page.count("count-online") > 0; }, 200ms));
  CHECK_FALSE(page.overflows());
  auto delivered = page.count("count-delivered");
  auto time = page.text_attribute("#platform-time", "datetime");
  CHECK(eventually(
      60s, [&] { return page.count("count-delivered") > delivered; }, 200ms));
  CHECK(page.text_attribute("#platform-time", "datetime") > time);
  CHECK(std::stoi(page.text_attribute("#map", "data-restaurants")) > 0);
  CHECK(std::stoi(page.text_attribute("#map", "data-partners")) > 0);

  auto order = show_an_order(chromium, page);
  REQUIRE_FALSE(order.empty());
  CHECK(page.text_attribute("#timeline", "data-source") == "events");
  queries db{node.database()};
  check_timeline(page, db, order);

  CHECK(page.text_attribute("html", "data-theme") == "light");
  auto light = page.background();
  chromium.click("#theme-toggle");
  CHECK(page.text_attribute("html", "data-theme") == "dark");
  CHECK(eventually(3s, [&] { return page.background() != light; }));
  CHECK_FALSE(page.overflows());

  chromium.show_at(390, 844, true);
  for (const auto* colours : {"light", "dark"}) {
    INFO(colours);
    chromium.prefer(colours);
    chromium.evaluate("localStorage.clear()");
    chromium.open(node.url() + "/");
    CHECK(eventually(20s, [&] { return page.is_live() && page.count("count-online") > 0; }));
    CHECK(page.text_attribute("html", "data-theme") == colours);
    CHECK_FALSE(page.overflows());
  }
  CHECK(chromium.complaints() == std::vector<std::string>{});
}

TEST_CASE("the page says so when its node goes away, and goes on when it is back") {
  if (!browser::is_installed()) SKIP("chromedriver is not installed");
  test_node node{{"--open-city"}};
  restaurant kitchen{node};
  browser chromium;
  city_page page{chromium};
  chromium.open(node.url() + "/");
  REQUIRE(eventually(20s, [&] { return page.is_live(); }));
  node.kill();
  CHECK(eventually(20s, [&] { return page.text_attribute("#connection", "data-state") == "lost"; }));
  node.start();
  CHECK(eventually(40s, [&] { return page.is_live(); }));
}

}  // namespace dabba::system_tests
