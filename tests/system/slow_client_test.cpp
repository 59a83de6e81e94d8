/// Clients that take the node's time and memory and give nothing back.
#include <algorithm>
#include <atomic>
#include <functional>
#include <thread>

#include <catch2/catch_test_macros.hpp>

#include "tests/system/support/tcp.hpp"
#include "tests/system/support/town.hpp"

namespace dabba::system_tests {
namespace {

using namespace std::chrono_literals;

constexpr int of_each_kind = 50;
/// The longest of the limits' timeouts here is 30 s, for an answer that nobody reads.
constexpr auto longest = 36s;
#ifdef __SANITIZE_ADDRESS__
// It keeps up to 256 MiB of what was freed, and puts about as much around what is in use as that takes.
constexpr long tolerated_growth_kib = (256 + 2 * 96) * 1024;
#else
constexpr long tolerated_growth_kib = 96 * 1024;
#endif

const std::string handshake =
    "GET /v1/stream HTTP/1.1\r\nHost: 127.0.0.1\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n"
    "Sec-WebSocket-Version: 13\r\nSec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\n"
    "Sec-WebSocket-Protocol: dabba.v1+json\r\n\r\n";
const std::string page_request = "GET / HTTP/1.1\r\nHost: 127.0.0.1\r\n\r\n";

/// A group of connections that all behave in one way.
struct crowd {
  std::string name;
  std::vector<tcp_connection> members;
  /// What each of them does every now and then.
  std::function<void(tcp_connection&)> pester;
  std::optional<steady::time_point> all_closed;
};

crowd make_crowd(const test_node& node, std::string name, bool small_window, const std::string& opening,
                 std::function<void(tcp_connection&)> pester) {
  crowd made{std::move(name), {}, std::move(pester), {}};
  for (int i = 0; i < of_each_kind; ++i) {
    made.members.emplace_back(node.port(), small_window);
    CHECK(made.members.back().send(opening));
  }
  return made;
}

std::vector<crowd> gather(const test_node& node) {
  auto nothing = [](tcp_connection&) {};
  std::vector<crowd> crowds;
  crowds.push_back(make_crowd(node, "says nothing", false, "", nothing));
  crowds.push_back(make_crowd(node, "one header byte after the other", false,
                              "GET /livez HTTP/1.1\r\nX-Slow: ", [](tcp_connection& x) { x.send_some("z"); }));
  crowds.push_back(make_crowd(node, "never signs in", false, handshake, nothing));
  crowds.push_back(make_crowd(node, "asks for ever and reads nothing", true, page_request, [](tcp_connection& x) {
    for (int i = 0; i < 64; ++i) x.send_some(page_request);
  }));
  return crowds;
}

/// Somebody who behaves well meanwhile; how long the slowest answer took.
class healthy_client {
 public:
  healthy_client(const test_node& node, restaurant& kitchen)
      : thread_{[this, &node, &kitchen] {
          customer me{node};
          while (!stopping_.load()) {
            auto began = steady::now();
            try {
              me.order(kitchen);
            } catch (const std::exception&) {
              ++failures_;
            }
            ++answers_;
            slowest_ = std::max(slowest_, std::chrono::ceil<milliseconds>(steady::now() - began));
            std::this_thread::sleep_for(20ms);
          }
        }} {}
  ~healthy_client() { stop(); }
  healthy_client(const healthy_client&) = delete;
  healthy_client& operator=(const healthy_client&) = delete;

  void stop() {
    stopping_ = true;
    if (thread_.joinable()) thread_.join();
  }
  // Once stopped:
  [[nodiscard]] int answers() const { return answers_; }
  [[nodiscard]] int failures() const { return failures_; }
  [[nodiscard]] milliseconds slowest() const { return slowest_; }

 private:
  std::atomic<bool> stopping_{false};
  int answers_ = 0;
  int failures_ = 0;
  milliseconds slowest_{0};
  std::thread thread_;
};

}  // namespace

TEST_CASE("clients that send or read too slowly are cut off, and others do not notice them") {
  test_node node;
  restaurant kitchen{node};
  auto resident_before = node.process().resident_kib();
  healthy_client healthy{node, kitchen};
  auto crowds = gather(node);
  auto began = steady::now();
  long most_resident = 0;
  auto all_gone = [&] {
    most_resident = std::max(most_resident, node.process().resident_kib());
    for (auto& crowd : crowds) {
      if (crowd.all_closed) continue;
      for (auto& each : crowd.members)
        if (!each.is_closed()) crowd.pester(each);
      if (std::all_of(crowd.members.begin(), crowd.members.end(), [](const auto& x) { return x.is_closed(); }))
        crowd.all_closed = steady::now();
    }
    return std::all_of(crowds.begin(), crowds.end(), [](const auto& x) { return x.all_closed.has_value(); });
  };
  CHECK(eventually(longest, all_gone, 500ms));
  healthy.stop();

  for (const auto& crowd : crowds) {
    INFO(crowd.name);
    REQUIRE(crowd.all_closed);
    // Not refused at once either: a slow phone has the time that the limits say.
    CHECK(*crowd.all_closed - began > 5s);
  }
  CHECK(healthy.answers() > 100);
  CHECK(healthy.failures() == 0);
  CHECK(healthy.slowest() < 2s);
  CHECK(most_resident - resident_before < tolerated_growth_kib);
  CHECK(node.is_ready());
}

TEST_CASE("a client that closes its sending side is answered and then let go") {
  test_node node;
  tcp_connection half_open{node.port()};
  CHECK(half_open.send(page_request));
  half_open.finish_sending();
  CHECK(half_open.read(5s).starts_with("HTTP/1.1 200"));
  CHECK(half_open.is_closed());

  tcp_connection never_asked{node.port()};
  never_asked.finish_sending();
  never_asked.read(5s);
  CHECK(never_asked.is_closed());
}

}  // namespace dabba::system_tests
