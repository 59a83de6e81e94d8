/// Where a request comes from, for what is counted per client.
#pragma once

#include <boost/asio/ip/address.hpp>
#include <boost/asio/ip/network_v4.hpp>
#include <boost/asio/ip/network_v6.hpp>
#include <string>
#include <string_view>
#include <tl/expected.hpp>
#include <vector>

#include "http-edge/message.hpp"

namespace dabba::http {

/// What became of an X-Forwarded-For.
enum class forwarding : std::uint8_t {
  fine,        ///< there was none, or it was read
  untrusted,   ///< its sender is none of the proxies
  unreadable,  ///< a proxy has written something that is no address
};
struct forwarded_client {
  boost::asio::ip::address client;
  forwarding how = forwarding::fine;
};

/// The proxies before a node, whose word for the client's address is taken.
class trusted_proxies {
 public:
  /// Addresses, or networks as `10.0.0.0/8`; throws std::runtime_error for other texts.
  explicit trusted_proxies(const std::vector<std::string>& named);

  /// The client of a connection from `peer`. When that is one of the proxies: the last address of X-Forwarded-For that
  /// is none of them, since what stands further left anybody can write. An entry may name a port, too.
  [[nodiscard]] forwarded_client client_of(const boost::asio::ip::address& peer, std::string_view forwarded_for) const;

 private:
  [[nodiscard]] bool has(const boost::asio::ip::address& x) const;

  std::vector<boost::asio::ip::network_v4> v4_;
  std::vector<boost::asio::ip::network_v6> v6_;
};

/// An IPv4 address, or the half of an IPv6 address that names a network: one subscriber has all the rest.
client_network network_of(const boost::asio::ip::address& x);

}  // namespace dabba::http
