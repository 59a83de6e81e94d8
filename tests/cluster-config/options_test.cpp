/// A node's settings: which source wins, and what is refused.
#include <unistd.h>
#include <catch2/catch_test_macros.hpp>
#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <map>
#include <set>

#include "cluster-config/options.hpp"

using namespace dabba;

namespace {

/// A file that goes away with the test.
class temporary_file {
 public:
  explicit temporary_file(const std::string& text) {
    auto pattern = (std::filesystem::temp_directory_path() / "dabba-options-XXXXXX").string();
    int fd = mkstemp(pattern.data());
    REQUIRE(fd >= 0);
    ::close(fd);
    path_ = pattern;
    std::ofstream{path_} << text;
  }
  ~temporary_file() { std::filesystem::remove(path_); }
  temporary_file(const temporary_file&) = delete;
  temporary_file& operator=(const temporary_file&) = delete;

  [[nodiscard]] const std::string& path() const { return path_; }

 private:
  std::string path_;
};

auto environment(std::map<std::string, std::string> values) {
  return [values = std::move(values)](const std::string& name) -> const char* {
    auto found = values.find(name);
    return found == values.end() ? nullptr : found->second.c_str();
  };
}

}  // namespace

TEST_CASE("the environment wins over the file, and a flag over both") {
  temporary_file file{"listen = \"0.0.0.0:1000\"\nclock-scale = 60\nopen-city = true\n"};
  node_options options;
  REQUIRE(read_toml(options, file.path()));
  CHECK(options.address == "0.0.0.0");
  CHECK(options.port == 1000);
  CHECK(options.clock_scale == 60);
  CHECK(options.open_city);

  REQUIRE(read_environment(options, environment({{"DABBA_CLOCK_SCALE", "120"}, {"DABBA_LISTEN", "127.0.0.1:2000"}})));
  CHECK(options.clock_scale == 120);
  CHECK(options.port == 2000);

  REQUIRE(set_option(options, "clock-scale", "300"));
  CHECK(options.clock_scale == 300);
  CHECK(options.port == 2000);
}

TEST_CASE("a misspelt setting is an error that names it and its file") {
  temporary_file file{"clock-scael = 60\n"};
  node_options options;
  auto done = read_toml(options, file.path());
  REQUIRE_FALSE(done);
  CHECK(done.error().find("clock-scael") != std::string::npos);
  CHECK(done.error().find(file.path()) != std::string::npos);
  CHECK_FALSE(set_option(options, "nonsense", "1"));
}

TEST_CASE("a file that is no TOML is an error that names the line") {
  temporary_file file{"shards = 16\nlisten = \n"};
  node_options options;
  auto done = read_toml(options, file.path());
  REQUIRE_FALSE(done);
  CHECK(done.error().find("line 2") != std::string::npos);
}

TEST_CASE("values out of range, of another kind or with something behind them are refused and change nothing") {
  node_options options;
  for (auto [name, value] :
       {std::pair{"listen", "8080"},
        {"listen", ":80"},
        {"listen", "127.0.0.1:70000"},
        {"clock-scale", "0"},
        {"clock-scale", "nan"},
        {"clock-scale", "60x"},
        {"shards", "0"},
        {"shards", "4097"},
        {"open-city", "maybe"},
        {"journal-writers", "17"},
        {"offer-fanout", "0"},
        {"offer-fanout", "1025"},
        {"accept-minutes", "-1"},
        {"admin-port", "0"},
        {"log-level", "loud"},
        {"payments-timeout-ms", "0"},
        {"payments-timeout-ms", "60001"},
        {"edge-threads", ""}}) {
    INFO(name << " = " << value);
    CHECK_FALSE(set_option(options, name, value));
  }
  CHECK(options.port == node_options{}.port);
  CHECK_FALSE(options.clock_scale);
  CHECK_FALSE(options.admin_port);
  CHECK_FALSE(options.shards);
}

TEST_CASE("without settings nothing is taxed and nothing costs a fee") {
  node_options options;
  CHECK(options.pricing.tax.rate == basis_points{0});
  CHECK(options.pricing.platform_fee == minor_units{0});
  CHECK(options.pricing.delivery.bands.empty());
  CHECK(options.pricing.small_order_fee == minor_units{0});
}

TEST_CASE("taxes and fees are read exactly, from flags and from a file") {
  temporary_file file{
      "tax-percent = 2.5\ntax-by-category = \"drinks=18,Bread & rolls=0\"\ntax-included = true\n"
      "platform-fee = 7\ndelivery-fee = \"2=20,5.5=35.50\"\nsmall-order-fee = \"19.9\"\n"};
  node_options options;
  REQUIRE(read_toml(options, file.path()));
  const auto& terms = options.pricing;
  CHECK(terms.tax.rate == basis_points{250});
  CHECK(terms.tax.rate_of("drinks") == basis_points{1800});
  CHECK(terms.tax.rate_of("Bread & rolls") == basis_points{0});
  CHECK(terms.tax.rate_of("mains") == basis_points{250});
  CHECK(terms.tax.mode == tax_mode::included);
  CHECK(terms.platform_fee == minor_units{7'00});
  CHECK(terms.small_order_fee == minor_units{19'90});
  REQUIRE(terms.delivery.bands.size() == 2);
  CHECK(terms.delivery.bands[1].up_to == metres{5500});
  CHECK(terms.delivery.bands[1].fee == minor_units{35'50});
  REQUIRE(set_option(options, "delivery-fee", "25"));
  REQUIRE(terms.delivery.bands.size() == 1);
  CHECK(terms.delivery.bands[0].up_to == metres{0});
  CHECK(terms.delivery.bands[0].fee == minor_units{25'00});
}

TEST_CASE("taxes and fees that can't be are refused") {
  node_options options;
  for (auto [name, value] :
       {std::pair{"tax-percent", "101"},
        {"tax-percent", "-1"},
        {"tax-percent", "2.505"},
        {"tax-percent", ""},
        {"tax-percent", "5%"},
        {"tax-by-category", "drinks"},
        {"tax-by-category", "=5"},
        {"platform-fee", "1e3"},
        {"platform-fee", "0.001"},
        {"platform-fee", "+5"},
        {"platform-fee", "1000000001"},
        {"delivery-fee", "5=20,3=30"},
        {"delivery-fee", "3=30,5=20"},
        {"delivery-fee", "-1=5"},
        {"delivery-fee", "nan=5"},
        {"delivery-fee", "3="},
        {"small-order-fee", "."},
        {"small-order-below", "1."}}) {
    INFO(name << " = " << value);
    CHECK_FALSE(set_option(options, name, value));
  }
}

TEST_CASE("a wider fan-out also widens what late comers may join") {
  node_options options;
  REQUIRE(set_option(options, "offer-fanout", "1000"));
  CHECK(options.dispatch.fanout == 1000);
  CHECK(options.dispatch.fanout_max == 1000);
}

TEST_CASE("every setting has a name of its own and a line of help") {
  std::set<std::string_view> names;
  for (const auto& option : option_table()) {
    CHECK(names.insert(option.name).second);
    CHECK_FALSE(option.help.empty());
    CHECK(option.set != nullptr);
  }
}

TEST_CASE("the card gateway's secrets are no settings that a flag or a file of settings could hold") {
  node_options options;
  REQUIRE(set_option(options, "payments-url", "https://api.stripe.com"));
  REQUIRE(set_option(options, "payments-key-file", "/etc/dabba/payments-key"));
  CHECK(options.payments.url == "https://api.stripe.com");
  CHECK(options.payments.key_file == "/etc/dabba/payments-key");
  CHECK_FALSE(set_option(options, "payments-key", "sk_test_1"));
  CHECK_FALSE(set_option(options, "payments-webhook-secrets", "whsec_1"));
  REQUIRE(read_environment(options, environment({{payments_key_variable, "sk_test_1"}})));
}

TEST_CASE("origins are a list separated by commas") {
  node_options options;
  REQUIRE(set_option(options, "allowed-origins", "https://a.example,,https://b.example"));
  CHECK(options.allowed_origins == std::vector<std::string>{"https://a.example", "https://b.example"});
}

TEST_CASE("an address that stands for all of a machine's is told from those that others can connect to") {
  for (const auto* all : {"0.0.0.0", "0", "::", "[::]", "0:0:0:0:0:0:0:0"}) {
    INFO(all);
    CHECK(is_wildcard(all));
  }
  for (const auto* one : {"127.0.0.1", "10.0.0.0", "::1", "[fe80::1]", "localhost", "0.example.org", ""}) {
    INFO(one);
    CHECK_FALSE(is_wildcard(one));
  }
}

TEST_CASE("a node's URL names what it listens on, or the machine when that is every address") {
  CHECK(url_of("10.0.0.11", 8080, "machine") == "http://10.0.0.11:8080");
  CHECK(url_of("0.0.0.0", 8080, "machine") == "http://machine:8080");
  CHECK(url_of("[::]", 80, "machine") == "http://machine:80");
  CHECK(url_of("[::1]", 8080, "machine") == "http://[::1]:8080");
  CHECK(url_of("::1", 8080, "machine") == "http://[::1]:8080");
}
