/// A peer without a socket: what becomes of requests that fail inside.
#include "http-edge/peer.hpp"

#include <boost/asio/io_context.hpp>
#include <catch2/catch_test_macros.hpp>

#include "tests/http-edge/support/platform.hpp"

namespace dabba::test {
namespace {

using namespace std::chrono_literals;

const uuid customer = *parse_uuid("018f6f2c-0000-7000-8000-000000000002");

/// Keeps what is sent, and fails whenever something was done.
class failing_writer final : public http::frame_writer {
 public:
  void send(http::outgoing frame) override {
    if (frame.text.find("\"ack\"") != std::string::npos) throw std::runtime_error{"no room for an ack"};
    sent.push_back(std::move(frame.text));
  }
  void send_position(order_id, std::string) override {}
  boost::asio::awaitable<bool> room() override { co_return true; }
  void close(http::close_code, std::string_view) override {}
  void ping() override {}

  std::vector<std::string> sent;
};

TEST_CASE("a request that fails inside is answered, and leaves room for the next") {
  platform p;
  auto placed = p.add_order(user_id{customer}, p.add_restaurant());
  http::core shared{edge_options{}, p.services()};
  boost::asio::io_context io;
  failing_writer out;
  auto talk = std::make_shared<http::peer>(shared, io.get_executor(), out);
  talk->start(verified_token{{user_id{customer}, user_role::customer}, std::chrono::system_clock::now() + 1h});
  constexpr std::size_t count = 200;
  for (std::size_t i = 1; i <= count; ++i) {
    talk->received(R"({"type":"subscribe","id":7,"topic":"orders/)" + to_string(placed.id) + "\"}");
    for (int turn = 0; turn < 500 && out.sent.size() < i; ++turn) io.run_one_for(10ms);
    REQUIRE(out.sent.size() == i);
    CHECK(out.sent.back().starts_with(R"({"type":"error","id":7,"code":"internal","detail":")"));
  }
  talk->stop();
  shared.actors.stop();
  io.run_for(100ms);
}

}  // namespace
}  // namespace dabba::test
