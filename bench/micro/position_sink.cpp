#include <fmt/core.h>
#include <atomic>
#include <boost/asio/io_context.hpp>
#include <boost/asio/ip/tcp.hpp>
#include <boost/beast/core/flat_buffer.hpp>
#include <boost/beast/websocket/stream.hpp>
#include <cstdlib>
#include <iostream>
#include <memory>
#include <thread>

#include "bench/micro/position_servers.hpp"

namespace dabba::bench {
namespace {

namespace asio = boost::asio;
namespace beast = boost::beast;
using tcp = asio::ip::tcp;
using boost::system::error_code;

struct tally {
  std::atomic<std::uint64_t> messages{0};
  std::uint64_t bytes = 0;
};

class sink_connection : public std::enable_shared_from_this<sink_connection> {
 public:
  sink_connection(tcp::socket socket, tally& counted) : socket_{std::move(socket)}, counted_{counted} {}

  void start() {
    socket_.async_accept([self = shared_from_this()](error_code error) {
      if (!error) self->read();
    });
  }

 private:
  void read() {
    socket_.async_read(buffer_, [self = shared_from_this()](error_code error, std::size_t bytes) {
      if (error) return;
      self->counted_.bytes += bytes;
      self->counted_.messages.fetch_add(1, std::memory_order_relaxed);
      self->buffer_.clear();
      self->read();
    });
  }

  beast::websocket::stream<tcp::socket> socket_;
  beast::flat_buffer buffer_;
  tally& counted_;
};

void accept_all(tcp::acceptor& acceptor, tally& counted) {
  acceptor.async_accept([&](error_code error, tcp::socket socket) {
    if (error) return;
    std::make_shared<sink_connection>(std::move(socket), counted)->start();
    accept_all(acceptor, counted);
  });
}

}  // namespace

int serve_sink() {
  asio::io_context io{1};
  tcp::acceptor acceptor{io, tcp::endpoint{asio::ip::address_v4::loopback(), 0}};
  acceptor.listen(asio::socket_base::max_listen_connections);
  tally counted;
  accept_all(acceptor, counted);
  std::thread reading{[&io] { io.run(); }};
  fmt::print("port {}\nready\n", acceptor.local_endpoint().port());
  std::fflush(stdout);
  std::string question;
  while (std::getline(std::cin, question)) {
    fmt::print("{} 0\n", counted.messages.load(std::memory_order_relaxed));
    std::fflush(stdout);
  }
  std::_Exit(0);
}

}  // namespace dabba::bench
