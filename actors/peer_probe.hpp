/// Looks whether somebody listens at a node's address, in bounded time: what CAF does itself (resolving a name,
/// connecting) takes as long as the system likes.
#pragma once

#include <netdb.h>
#include <future>
#include <map>
#include <memory>
#include <string>
#include <tl/expected.hpp>

#include "actors/cluster_messages.hpp"

namespace dabba {

/// Used by one thread. Each call takes some seconds at most; a name that is not resolved by then is looked up further.
class peer_probe {
 public:
  /// The numeric address of the first that takes a connection, or why there is none.
  tl::expected<std::string, std::string> find(const dial& where);

 private:
  struct free_addresses {
    void operator()(addrinfo* x) const noexcept { ::freeaddrinfo(x); }
  };
  using addresses = std::shared_ptr<const addrinfo>;
  using resolved = tl::expected<addresses, std::string>;

  resolved resolve(const dial& where);
  static resolved look_up(const dial& where, int flags);

  std::map<std::string, std::shared_future<resolved>> lookups_;  ///< under way, by address
};

}  // namespace dabba
