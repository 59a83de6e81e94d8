/// The port where nodes meet: CAF's middleman, in the clear or with mutual TLS.
#pragma once

#include <caf/actor_system_config.hpp>

#include "actors/cluster_messages.hpp"

namespace dabba {

/// PEM files. Both ends show a certificate that the authority signed.
struct cluster_certificates {
  std::string certificate;
  std::string key;
  std::string authority;
};

/// Before the actor system is made.
void load_cluster_modules(caf::actor_system_config& config, const std::optional<cluster_certificates>& certificates);

/// Opens connections as `load_cluster_modules` was told to. `report` is told why a node can't be called, once for each
/// reason.
using reporter = std::function<void(const std::string&)>;
dialer_actor spawn_dialer(caf::actor_system& system, bool is_encrypted, reporter report);

/// Takes hellos on `host:port` (0: any free port) and passes them to the region. The port, or what is wrong.
tl::expected<std::uint16_t, std::string> open_cluster_port(caf::actor_system& system, const local_region_actor& region,
                                                           const dial& where, bool is_encrypted);

}  // namespace dabba
