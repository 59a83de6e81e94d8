/// HTTP/1.1 in front of the API: connections, and the faults that show there. All on one thread.
#pragma once

#include <cstdint>
#include <memory>
#include <optional>
#include <string>

#include <boost/asio/io_context.hpp>

#include "bench/sandbox-gateway/api.hpp"
#include "bench/sandbox-gateway/chance.hpp"
#include "bench/sandbox-gateway/control.hpp"
#include "bench/sandbox-gateway/faults.hpp"
#include "bench/sandbox-gateway/webhooks.hpp"

namespace dabba::sandbox {

/// What the server is made of; all of it outlives the io_context's run.
struct served_parts {
  api& stripe;
  control& own;
  webhook_sender& webhooks;
  const faults& how;
  dice& chance;
  bool logs_requests = true;
};

class server {
 public:
  server(boost::asio::io_context& io, served_parts parts);
  ~server();

  /// Throws std::runtime_error when the port can't be had. Returns the port.
  std::uint16_t listen(const std::string& address, std::uint16_t port);
  void stop();

 private:
  class acceptor;
  std::shared_ptr<acceptor> acceptor_;
};

}  // namespace dabba::sandbox
