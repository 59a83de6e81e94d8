/// A headless Chromium, driven through chromedriver (W3C WebDriver over HTTP).
#pragma once

#include <memory>
#include <string>
#include <vector>

#include <nlohmann/json.hpp>

#include "tests/system/support/api.hpp"
#include "tests/system/support/process.hpp"

namespace dabba::system_tests {

class browser {
 public:
  static bool is_installed();

  browser();
  ~browser();
  browser(const browser&) = delete;
  browser& operator=(const browser&) = delete;

  void open(const std::string& url);
  /// The size of the page's viewport, as on a screen or a phone of that size.
  void show_at(int width, int height, bool is_phone);
  /// What the page is told that people prefer: `light` or `dark`.
  void prefer(const std::string& colours);
  /// The value of a function body in the page: `return document.title`.
  nlohmann::json evaluate(const std::string& script, const nlohmann::json& arguments = nlohmann::json::array());
  /// Clicks where the element is, as a pointer would.
  void click(const std::string& css_selector);
  /// Warnings and errors that the page has written to its console since the last call.
  std::vector<std::string> complaints();

 private:
  nlohmann::json command(const std::string& method, const std::string& path, const nlohmann::json& body);
  void devtools(const std::string& name, const nlohmann::json& parameters);

  scratch_folder folder_;
  std::uint16_t port_;
  std::unique_ptr<child_process> driver_;
  std::unique_ptr<http_client> http_;
  std::string session_;
};

}  // namespace dabba::system_tests
