#include "http-edge/server.hpp"

#include <spdlog/spdlog.h>
#include <boost/asio/co_spawn.hpp>
#include <boost/asio/detached.hpp>
#include <boost/asio/redirect_error.hpp>
#include <boost/asio/steady_timer.hpp>
#include <boost/asio/strand.hpp>

#include "protocols/model/limits.hpp"

namespace dabba::http {
namespace {

using boost::system::error_code;
using tcp = asio::ip::tcp;

/// When there are no file descriptors left, trying at once again would only burn the processor.
constexpr auto pause_after_failure = std::chrono::milliseconds{50};

}  // namespace

server::server(core& shared, asio::io_context& io, surfaces serves)
    : shared_{shared}, io_{io}, acceptor_{asio::make_strand(io)}, serves_{serves} {}

void server::listen(const std::string& address, std::uint16_t port) {
  try {
    tcp::endpoint at{asio::ip::make_address(address), port};
    acceptor_.open(at.protocol());
    acceptor_.set_option(asio::socket_base::reuse_address{true});
    acceptor_.bind(at);
    acceptor_.listen(asio::socket_base::max_listen_connections);
  } catch (const boost::system::system_error& why) {
    throw std::runtime_error{address + ":" + std::to_string(port) + " can't be had: " + why.code().message()};
  }
  port_ = acceptor_.local_endpoint().port();
  is_accepting_ = true;
  asio::co_spawn(
      acceptor_.get_executor(),
      [self = shared_from_this()]() -> asio::awaitable<void> { co_await self->accept_connections(); }, asio::detached);
}

std::uint16_t server::port() const { return port_; }

asio::awaitable<void> server::accept_connections() {
  asio::steady_timer pause{acceptor_.get_executor()};
  while (acceptor_.is_open()) {
    error_code error;
    tcp::socket socket{asio::make_strand(io_)};
    co_await acceptor_.async_accept(socket, asio::redirect_error(asio::use_awaitable, error));
    if (!error) {
      serve(std::move(socket));
    } else if (acceptor_.is_open()) {
      spdlog::warn("a connection was not taken: {}", error.message());
      pause.expires_after(pause_after_failure);
      co_await pause.async_wait(asio::redirect_error(asio::use_awaitable, error));
    }
  }
  std::lock_guard lock{mutex_};
  is_accepting_ = false;
  changed_.notify_all();
}

void server::serve(tcp::socket socket) {
  error_code ignored;
  socket.set_option(tcp::no_delay{true}, ignored);
  auto executor = socket.get_executor();
  auto made = std::make_shared<connection>(shared_, std::move(socket), serves_);
  {
    std::lock_guard lock{mutex_};
    // Beyond the limit the socket is closed with the connection.
    if (is_stopping_ || open_.size() >= limits::connections) return;
    open_.insert(made);
  }
  auto forget = [self = shared_from_this(), made](const std::exception_ptr&) {
    std::lock_guard lock{self->mutex_};
    self->open_.erase(made);
    self->changed_.notify_all();
  };
  asio::co_spawn(
      executor, [made]() -> asio::awaitable<void> { co_await made->run(); }, std::move(forget));
}

void server::stop() {
  asio::post(acceptor_.get_executor(), [self = shared_from_this()] {
    error_code ignored;
    self->acceptor_.close(ignored);
  });
  std::lock_guard lock{mutex_};
  is_stopping_ = true;
  for (const auto& each : open_) each->stop();
}

void server::abort() {
  std::lock_guard lock{mutex_};
  for (const auto& each : open_) each->abort();
}

bool server::wait_until_idle(std::chrono::milliseconds patience) {
  std::unique_lock lock{mutex_};
  return changed_.wait_for(lock, patience, [this] { return open_.empty() && !is_accepting_; });
}

}  // namespace dabba::http
