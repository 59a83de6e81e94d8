#include "actors/cluster_port.hpp"

#include <fcntl.h>
#include <netdb.h>
#include <poll.h>
#include <sys/socket.h>
#include <unistd.h>
#include <caf/actor_system.hpp>
#include <caf/init_global_meta_objects.hpp>
#include <caf/io/basp/header.hpp>
#include <caf/io/middleman.hpp>
#include <caf/openssl/manager.hpp>
#include <caf/openssl/publish.hpp>
#include <caf/stateful_actor.hpp>
#include <caf/typed_event_based_actor.hpp>
#include <stdexcept>

#include "protocols/errors.hpp"

namespace dabba {
namespace {

using namespace std::chrono_literals;

constexpr auto probe_patience = 1s;
/// A peer that takes the connection and says nothing (it is stopped, say) must not keep us from the others.
constexpr auto handshake_patience = 3s;
constexpr auto caf_heartbeat = 1s;
/// CAF gives up a connection on which nothing came for so long.
constexpr auto caf_silence = 4s;

class socket_handle {
 public:
  explicit socket_handle(int fd) noexcept : fd_{fd} {}
  ~socket_handle() {
    if (fd_ >= 0) ::close(fd_);
  }
  socket_handle(const socket_handle&) = delete;
  socket_handle& operator=(const socket_handle&) = delete;
  [[nodiscard]] int get() const noexcept { return fd_; }

 private:
  int fd_;
};

bool connects(const addrinfo& to) {
  socket_handle probe{::socket(to.ai_family, to.ai_socktype | SOCK_NONBLOCK | SOCK_CLOEXEC, to.ai_protocol)};
  if (probe.get() < 0) return false;
  if (::connect(probe.get(), to.ai_addr, to.ai_addrlen) == 0) return true;
  if (errno != EINPROGRESS) return false;
  pollfd wait{.fd = probe.get(), .events = POLLOUT, .revents = 0};
  if (::poll(&wait, 1, static_cast<int>(std::chrono::milliseconds{probe_patience}.count())) != 1) return false;
  int problem = 0;
  socklen_t size = sizeof problem;
  return ::getsockopt(probe.get(), SOL_SOCKET, SO_ERROR, &problem, &size) == 0 && problem == 0;
}

/// True when somebody listens there. CAF's own connect blocks for as long as the kernel likes.
bool is_listening(const dial& where) {
  addrinfo hints{};
  hints.ai_socktype = SOCK_STREAM;
  addrinfo* found = nullptr;
  if (::getaddrinfo(where.host.c_str(), std::to_string(where.port).c_str(), &hints, &found) != 0) return false;
  bool one_does = false;
  for (const auto* each = found; each && !one_does; each = each->ai_next) one_does = connects(*each);
  ::freeaddrinfo(found);
  return one_does;
}

struct dialer_state {
  static inline const char* name = "dabba.dialer";

  dialer_state(dialer_actor::pointer self, caf::io::middleman_actor middleman)
      : self{self}, middleman{std::move(middleman)} {}

  dialer_actor::behavior_type make_behavior() {
    return {
        [this](const dial& x) { return call(x); },
        [this](stop) { self->quit(); },
    };
  }

  caf::result<gateway_actor> call(const dial& where) {
    if (!is_listening(where)) return caf::make_error(errc::unavailable);
    auto promise = self->make_response_promise<gateway_actor>();
    self->request(middleman, handshake_patience, caf::connect_atom_v, where.host, where.port)
        .then(
            [promise](const caf::node_id&, const caf::strong_actor_ptr& found, const std::set<std::string>&) mutable {
              if (!found) return promise.deliver(caf::make_error(errc::unavailable));
              promise.deliver(caf::actor_cast<gateway_actor>(found));
            },
            [promise](const caf::error&) mutable { promise.deliver(caf::make_error(errc::unavailable)); });
    return promise;
  }

  dialer_actor::pointer self;
  caf::io::middleman_actor middleman;
};

/// Ends with the region.
gateway_actor::behavior_type make_gateway(gateway_actor::pointer self, const local_region_actor& region) {
  self->set_down_handler([self](const caf::down_msg&) { self->quit(); });
  self->monitor(region);
  return {[self, region](const hello& x) { return self->delegate(region, x); }};
}

}  // namespace

void register_cluster_types() {
  caf::init_global_meta_objects<caf::id_block::dabba_cluster>();
  caf::io::middleman::init_global_meta_objects();
  caf::openssl::manager::init_global_meta_objects();
}

void load_cluster_modules(caf::actor_system_config& config, const std::optional<cluster_certificates>& certificates) {
  // Keeps basp_guard.cpp in the program: nothing else of ours names what it defines.
  caf::io::basp::header empty_handshake{caf::io::basp::message_type::client_handshake, 0, 0, 0, 0, 0};
  if (caf::io::basp::valid(empty_handshake)) throw std::logic_error{"CAF's check of headers is not ours"};
  config.load<caf::io::middleman>();  // first: it brings the settings
  config.set("caf.middleman.heartbeat-interval", caf::timespan{caf_heartbeat});
  config.set("caf.middleman.connection-timeout", caf::timespan{caf_silence});
  config.set("caf.middleman.app-identifiers", std::vector<std::string>{"dabba"});
  if (!certificates) return;
  config.openssl_certificate = certificates->certificate;
  config.openssl_key = certificates->key;
  config.openssl_cafile = certificates->authority;
  config.load<caf::openssl::manager>();
}

dialer_actor spawn_dialer(caf::actor_system& system, bool is_encrypted) {
  auto middleman = is_encrypted ? system.openssl_manager().actor_handle() : system.middleman().actor_handle();
  return system.spawn<dialer_actor::stateful_impl<dialer_state>, caf::detached>(std::move(middleman));
}

tl::expected<std::uint16_t, std::string> open_cluster_port(caf::actor_system& system, const local_region_actor& region,
                                                           const dial& where, bool is_encrypted) {
  auto gateway = system.spawn(make_gateway, region);
  auto port = is_encrypted ? caf::openssl::publish(gateway, where.port, where.host.c_str(), true)
                           : system.middleman().publish(gateway, where.port, where.host.c_str(), true);
  if (port) return *port;
  return tl::unexpected{
      where.host + ":" + std::to_string(where.port) + " can't be had: " + caf::to_string(port.error())};
}

}  // namespace dabba
