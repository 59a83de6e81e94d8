/// Looking for nodes that may not be there.
#include <arpa/inet.h>
#include <netinet/in.h>
#include <sys/socket.h>
#include <unistd.h>
#include <caf/scoped_actor.hpp>
#include <catch2/catch_test_macros.hpp>

#include "actors/peer_probe.hpp"
#include "protocols/errors.hpp"
#include "tests/actors/two_nodes.hpp"

using namespace dabba;
using namespace dabba::testing;

namespace {

/// A port of this machine on which somebody listens, until this object's end.
class listener {
 public:
  listener() : fd_{::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0)} {
    sockaddr_in at{};
    at.sin_family = AF_INET;
    at.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    socklen_t size = sizeof at;
    REQUIRE(::bind(fd_, reinterpret_cast<sockaddr*>(&at), size) == 0);
    REQUIRE(::listen(fd_, 1) == 0);
    REQUIRE(::getsockname(fd_, reinterpret_cast<sockaddr*>(&at), &size) == 0);
    port_ = ntohs(at.sin_port);
  }
  ~listener() { ::close(fd_); }
  listener(const listener&) = delete;
  listener& operator=(const listener&) = delete;
  [[nodiscard]] std::uint16_t port() const { return port_; }

 private:
  int fd_;
  std::uint16_t port_ = 0;
};

std::uint16_t closed_port() { return listener{}.port(); }

}  // namespace

TEST_CASE("somebody who listens is found by address and by name, and nobody where nobody does") {
  peer_probe probe;
  listener open;
  CHECK(probe.find({"127.0.0.1", open.port()}) == "127.0.0.1");
  CHECK(probe.find({"localhost", open.port()}) == "127.0.0.1");
  auto nobody = probe.find({"127.0.0.1", closed_port()});
  REQUIRE_FALSE(nobody);
  CHECK(nobody.error() == "Connection refused");
}

TEST_CASE("why a node can't be called is told once, and again when it is for another reason") {
  two_nodes both;
  auto& system = both.first().system();
  std::vector<std::string> reports;  // read after the answer that follows them
  auto dialer = spawn_dialer(system, false, [&](const std::string& x) { reports.push_back(x); });
  caf::scoped_actor self{system};
  auto call = [&](std::uint16_t port) {
    errc why = errc::none;
    self->request(dialer, patience, dial{"127.0.0.1", port})
        .receive([](const gateway_actor&) {}, [&](const caf::error& x) { why = to_errc(x); });
    return why;
  };
  auto port = closed_port();
  CHECK(call(port) == errc::unavailable);
  CHECK(call(port) == errc::unavailable);
  REQUIRE(reports.size() == 1);
  CHECK(reports[0] == "127.0.0.1:" + std::to_string(port) + " can't be called: Connection refused");
  CHECK(call(both.second().port()) == errc::none);
  caf::anon_send(dialer, stop{});
  self->wait_for(dialer);
}
