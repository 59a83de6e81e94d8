#include "tests/system/support/browser.hpp"

#include <filesystem>
#include <stdexcept>

#include "tests/system/support/node.hpp"

namespace dabba::system_tests {
namespace {

using nlohmann::json;
using namespace std::chrono_literals;

constexpr const char* driver_program = "/usr/bin/chromedriver";
/// The name that WebDriver gives to the member which holds an element's id.
constexpr const char* element_key = "element-6066-11e4-a52e-4f735466cecf";

json chromium_arguments(const std::filesystem::path& profile) {
  return {"--headless=new",
          "--no-sandbox",
          "--disable-gpu",
          "--disable-quic",
          "--disable-dev-shm-usage",
          "--no-first-run",
          "--disable-background-networking",
          "--disable-component-update",
          "--disable-sync",
          "--user-data-dir=" + profile.string()};
}

}  // namespace

bool browser::is_installed() { return std::filesystem::exists(driver_program); }

browser::browser() : port_{free_port()} {
  driver_ = std::make_unique<child_process>(
      std::vector<std::string>{driver_program, "--port=" + std::to_string(port_)}, folder_.path() / "driver.log");
  http_ = std::make_unique<http_client>(port_);
  auto answers = [&] {
    try {
      return http_->get("/status").status == 200;
    } catch (const no_answer&) {
      return false;
    }
  };
  if (!eventually(20s, answers)) throw std::runtime_error{"chromedriver does not start: " + driver_->log_tail()};
  json options{{"args", chromium_arguments(folder_.path() / "profile")}};
  json wanted{{"browserName", "chrome"}, {"goog:chromeOptions", options}, {"goog:loggingPrefs", {{"browser", "ALL"}}}};
  session_ = command("POST", "/session", {{"capabilities", {{"alwaysMatch", wanted}}}})["sessionId"];
}

browser::~browser() {
  try {
    if (!session_.empty()) command("DELETE", "/session/" + session_, nullptr);
  } catch (const std::exception&) {
    // The driver takes the browser with it.
  }
  driver_->signal(SIGTERM);
  driver_->wait(3s);
}

json browser::command(const std::string& method, const std::string& path, const json& body) {
  auto got = http_->send({method, path, body.is_null() ? "" : body.dump(), {}});
  auto answer = got.json();
  if (got.status != 200 || !answer.is_object())
    throw std::runtime_error{method + " " + path + ": " + got.body.substr(0, 1000)};
  return answer["value"];
}

void browser::devtools(const std::string& name, const json& parameters) {
  command("POST", "/session/" + session_ + "/goog/cdp/execute", {{"cmd", name}, {"params", parameters}});
}

void browser::open(const std::string& url) { command("POST", "/session/" + session_ + "/url", {{"url", url}}); }

void browser::show_at(int width, int height, bool is_phone) {
  devtools("Emulation.setDeviceMetricsOverride",
           {{"width", width}, {"height", height}, {"deviceScaleFactor", is_phone ? 3 : 1}, {"mobile", is_phone}});
}

void browser::prefer(const std::string& colours) {
  devtools("Emulation.setEmulatedMedia", {{"features", {{{"name", "prefers-color-scheme"}, {"value", colours}}}}});
}

json browser::evaluate(const std::string& script, const json& arguments) {
  return command("POST", "/session/" + session_ + "/execute/sync", {{"script", script}, {"args", arguments}});
}

void browser::click(const std::string& css_selector) {
  auto element = command("POST", "/session/" + session_ + "/element",
                         {{"using", "css selector"}, {"value", css_selector}})[element_key]
                     .get<std::string>();
  command("POST", "/session/" + session_ + "/element/" + element + "/click", json::object());
}

std::vector<std::string> browser::complaints() {
  std::vector<std::string> found;
  for (const auto& entry : command("POST", "/session/" + session_ + "/se/log", {{"type", "browser"}})) {
    std::string level = entry["level"];
    if (level == "SEVERE" || level == "WARNING") found.push_back(level + " " + entry["message"].get<std::string>());
  }
  return found;
}

}  // namespace dabba::system_tests
