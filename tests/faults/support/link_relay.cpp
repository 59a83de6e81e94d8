#include "tests/faults/support/link_relay.hpp"

#include <array>
#include <list>
#include <thread>

#include <boost/asio/buffer.hpp>
#include <boost/asio/io_context.hpp>
#include <boost/asio/ip/tcp.hpp>
#include <boost/asio/post.hpp>
#include <boost/asio/write.hpp>

namespace dabba::fault_tests {
namespace {

namespace asio = boost::asio;
using boost::system::error_code;
using tcp = asio::ip::tcp;

/// Both ways of one connection.
class relayed : public std::enable_shared_from_this<relayed> {
 public:
  explicit relayed(tcp::socket from) : ends_{std::move(from), tcp::socket{ends_[0].get_executor()}} {}

  void start(std::uint16_t target) {
    ends_[1].async_connect({asio::ip::address_v4::loopback(), target}, [me = shared_from_this()](error_code failed) {
      if (failed) return me->close();
      for (auto& each : me->ends_) each.set_option(tcp::no_delay{true}, failed);
      me->pump(0);
      me->pump(1);
    });
  }

  void close() {
    error_code ignored;
    for (auto& each : ends_) each.close(ignored);
  }

 private:
  void pump(std::size_t from) {
    ends_[from].async_read_some(
        asio::buffer(buffers_[from]), [me = shared_from_this(), from](error_code failed, std::size_t size) {
          if (failed) return me->close();
          me->pass_on(from, size);
        });
  }

  void pass_on(std::size_t from, std::size_t size) {
    asio::async_write(ends_[1 - from], asio::buffer(buffers_[from], size),
                      [me = shared_from_this(), from](error_code failed, std::size_t) {
                        if (failed) return me->close();
                        me->pump(from);
                      });
  }

  std::array<tcp::socket, 2> ends_;
  std::array<std::array<char, 16384>, 2> buffers_{};
};

}  // namespace

struct link_relay::impl {
  asio::io_context context{1};
  tcp::acceptor acceptor;
  std::uint16_t target;
  bool is_open = true;
  std::list<std::weak_ptr<relayed>> connections;
  std::thread thread;

  impl(const std::string& address, std::uint16_t port, std::uint16_t to)
      : acceptor{context, {asio::ip::make_address(address), port}}, target{to} {
    accept();
    thread = std::thread{[this] { context.run(); }};
  }

  void accept() {
    acceptor.async_accept([this](error_code failed, tcp::socket from) {
      if (failed) return;
      if (is_open) {
        auto made = std::make_shared<relayed>(std::move(from));
        connections.push_back(made);
        made->start(target);
      }
      accept();
    });
  }

  void shut() {
    for (auto& each : connections)
      if (auto still_there = each.lock()) still_there->close();
    connections.clear();
  }
};

link_relay::link_relay(const std::string& address, std::uint16_t port, std::uint16_t target)
    : impl_{std::make_unique<impl>(address, port, target)} {}

link_relay::~link_relay() {
  asio::post(impl_->context, [this] {
    error_code ignored;
    impl_->acceptor.close(ignored);
    impl_->shut();
  });
  impl_->thread.join();
}

std::uint16_t link_relay::port() const { return impl_->acceptor.local_endpoint().port(); }

void link_relay::set_open(bool open) {
  asio::post(impl_->context, [this, open] {
    impl_->is_open = open;
    if (!open) impl_->shut();
  });
}

}  // namespace dabba::fault_tests
