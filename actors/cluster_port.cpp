#include "actors/cluster_port.hpp"

#include <caf/actor_system.hpp>
#include <caf/init_global_meta_objects.hpp>
#include <caf/io/basp/header.hpp>
#include <caf/io/middleman.hpp>
#include <caf/openssl/manager.hpp>
#include <caf/openssl/publish.hpp>
#include <caf/stateful_actor.hpp>
#include <caf/typed_event_based_actor.hpp>
#include <stdexcept>

#include "actors/peer_probe.hpp"
#include "protocols/errors.hpp"

namespace dabba {
namespace {

using namespace std::chrono_literals;

/// A peer that takes the connection and says nothing (it is stopped, say) must not keep us from the others.
constexpr auto handshake_patience = 3s;
constexpr auto caf_heartbeat = 1s;
/// CAF gives up a connection on which nothing came for so long.
constexpr auto caf_silence = 4s;

struct dialer_state {
  static inline const char* name = "dabba.dialer";

  dialer_state(dialer_actor::pointer self, caf::io::middleman_actor middleman, reporter report)
      : self{self}, middleman{std::move(middleman)}, report{std::move(report)} {}

  dialer_actor::behavior_type make_behavior() {
    return {
        [this](const dial& x) { return call(x); },
        [this](stop) { self->quit(); },
    };
  }

  caf::result<gateway_actor> call(const dial& where) {
    auto address = probe.find(where);
    if (!address) return fail(where, address.error());
    auto promise = self->make_response_promise<gateway_actor>();
    self->request(middleman, handshake_patience, caf::connect_atom_v, *address, where.port)
        .then(
            [this, where,
             promise](const caf::node_id&, const caf::strong_actor_ptr& found, const std::set<std::string>&) mutable {
              if (!found) return promise.deliver(fail(where, "it does not let us in"));
              problems.erase(name_of(where));
              promise.deliver(caf::actor_cast<gateway_actor>(found));
            },
            [this, where, promise](const caf::error& why) mutable { promise.deliver(fail(where, to_string(why))); });
    return promise;
  }

  /// It is tried again several times a second: only what is new is told.
  caf::error fail(const dial& where, const std::string& why) {
    auto& known = problems[name_of(where)];
    if (std::exchange(known, why) != why) report(name_of(where) + " can't be called: " + why);
    return caf::make_error(errc::unavailable);
  }

  static std::string name_of(const dial& where) { return where.host + ":" + std::to_string(where.port); }

  dialer_actor::pointer self;
  caf::io::middleman_actor middleman;
  reporter report;
  peer_probe probe;
  std::map<std::string, std::string> problems;  ///< of the last call, by address
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

dialer_actor spawn_dialer(caf::actor_system& system, bool is_encrypted, reporter report) {
  auto middleman = is_encrypted ? system.openssl_manager().actor_handle() : system.middleman().actor_handle();
  return system.spawn<dialer_actor::stateful_impl<dialer_state>, caf::detached>(
      std::move(middleman), std::move(report));
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
