#include "http-edge/edge.hpp"

#include <spdlog/spdlog.h>
#include <boost/asio/executor_work_guard.hpp>
#include <boost/asio/io_context.hpp>
#include <caf/init_global_meta_objects.hpp>
#include <thread>

#include "http-edge/core.hpp"
#include "http-edge/edge_messages.hpp"
#include "http-edge/server.hpp"
#include "protocols/model/limits.hpp"

namespace dabba {
namespace {

using namespace std::chrono_literals;

/// For requests in flight to be answered and sockets to say goodbye, and for what is cut off to end.
constexpr auto drain_time = 5s;
constexpr auto abort_time = 2s;

}  // namespace

void register_edge_types() { caf::init_global_meta_objects<caf::id_block::dabba_edge>(); }

class edge::impl {
 public:
  impl(edge_options options, edge_services services)
      : io_{static_cast<int>(options.threads)}, shared_{std::move(options), std::move(services)} {}

  ~impl() { stop(); }

  void start() {
    const auto& options = shared_.options;
    bool is_split = options.admin_port.has_value();
    add_server(options.port, {true, !is_split});
    if (is_split) add_server(*options.admin_port, {false, true});
    for (unsigned i = 0; i < std::max(1U, options.threads); ++i) threads_.emplace_back([this] { run(); });
  }

  [[nodiscard]] std::uint16_t port(std::size_t which) const {
    return servers_.size() > which ? servers_[which]->port() : std::uint16_t{0};
  }

  void stop() {
    if (std::exchange(is_stopped_, true)) return;
    shared_.stopping = true;
    for (auto& each : servers_) each->stop();
    for (auto& each : servers_)
      if (!each->wait_until_idle(drain_time)) each->abort();
    // Answers that are still awaited come now, as refusals, while there is somebody to run them.
    shared_.actors.stop();
    shared_.reads.stop();
    shared_.accounts.stop();
    shared_.passwords.stop();
    for (auto& each : servers_)
      if (!each->wait_until_idle(abort_time)) spdlog::error("connections did not end in time");
    work_.reset();
    io_.stop();
    for (auto& each : threads_) each.join();
  }

 private:
  void add_server(std::uint16_t port, http::surfaces serves) {
    auto made = std::make_shared<http::server>(shared_, io_, serves);
    made->listen(shared_.options.address, port);
    servers_.push_back(std::move(made));
  }

  void run() {
    // Coroutines let nothing out; what comes here is a bug in a plain handler. The thread goes on.
    while (true) {
      try {
        io_.run();
        return;
      } catch (const std::exception& bug) {
        spdlog::critical("the edge failed: {}", bug.what());
      }
    }
  }

  boost::asio::io_context io_;
  boost::asio::executor_work_guard<boost::asio::io_context::executor_type> work_{io_.get_executor()};
  http::core shared_;
  std::vector<std::shared_ptr<http::server>> servers_;
  std::vector<std::thread> threads_;
  bool is_stopped_ = false;
};

edge::edge(edge_options options, edge_services services)
    : impl_{std::make_unique<impl>(std::move(options), std::move(services))} {}
edge::~edge() = default;

void edge::start() { impl_->start(); }
std::uint16_t edge::port() const { return impl_->port(0); }
std::uint16_t edge::admin_port() const { return impl_->port(1); }
void edge::stop() { impl_->stop(); }

}  // namespace dabba
