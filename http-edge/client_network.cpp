#include "http-edge/client_network.hpp"

#include <algorithm>
#include <optional>
#include <stdexcept>

namespace dabba::http {
namespace {

namespace ip = boost::asio::ip;

/// IPv4 addresses that came in the dress of IPv6 are IPv4 addresses.
ip::address plain(const ip::address& x) {
  if (!x.is_v6() || !x.to_v6().is_v4_mapped()) return x;
  return ip::make_address_v4(ip::v4_mapped, x.to_v6());
}

std::string_view trimmed(std::string_view text) {
  constexpr std::string_view white = " \t";
  auto first = text.find_first_not_of(white);
  if (first == std::string_view::npos) return {};
  return text.substr(first, text.find_last_not_of(white) - first + 1);
}

bool is_port(std::string_view text) {
  return !text.empty() && text.size() <= 5 && text.find_first_not_of("0123456789") == std::string_view::npos;
}

/// `address`, `a.b.c.d:port`, `[v6]` or `[v6]:port`.
std::optional<ip::address> read_entry(std::string_view text) {
  auto host = text;
  auto colon = text.rfind(':');
  bool is_bracketed = text.starts_with('[');
  if (is_bracketed) {
    auto end = text.find(']');
    if (end == std::string_view::npos) return std::nullopt;
    auto rest = text.substr(end + 1);
    if (!rest.empty() && (rest.front() != ':' || !is_port(rest.substr(1)))) return std::nullopt;
    host = text.substr(1, end - 1);
  } else if (colon != std::string_view::npos && text.find(':') == colon) {
    if (!is_port(text.substr(colon + 1))) return std::nullopt;
    host = text.substr(0, colon);
  }
  boost::system::error_code error;
  auto named = ip::make_address(host, error);
  if (error || (is_bracketed && !named.is_v6())) return std::nullopt;
  return plain(named);
}

bool contains(const ip::network_v4& net, const ip::address_v4& x) {
  auto mask = net.netmask().to_uint();
  return (x.to_uint() & mask) == (net.address().to_uint() & mask);
}

bool contains(const ip::network_v6& net, const ip::address_v6& x) {
  auto a = net.address().to_bytes();
  auto b = x.to_bytes();
  for (unsigned bit = 0; bit < net.prefix_length(); ++bit)
    if ((a[bit / 8] ^ b[bit / 8]) >> (7 - bit % 8) & 1) return false;
  return true;
}

}  // namespace

trusted_proxies::trusted_proxies(const std::vector<std::string>& named) {
  for (const auto& text : named) {
    boost::system::error_code error;
    auto slash = text.find('/');
    if (slash == std::string::npos) {
      auto one = ip::make_address(text, error);
      if (error) throw std::runtime_error{"'" + text + "' is no address of a proxy"};
      if (one.is_v4())
        v4_.emplace_back(one.to_v4(), static_cast<unsigned short>(32));
      else
        v6_.emplace_back(one.to_v6(), static_cast<unsigned short>(128));
      continue;
    }
    if (text.find(':') == std::string::npos)
      v4_.push_back(ip::make_network_v4(text, error));
    else
      v6_.push_back(ip::make_network_v6(text, error));
    if (error) throw std::runtime_error{"'" + text + "' is no network of proxies"};
  }
}

bool trusted_proxies::has(const ip::address& x) const {
  if (x.is_v4()) return std::ranges::any_of(v4_, [&](const auto& net) { return contains(net, x.to_v4()); });
  return std::ranges::any_of(v6_, [&](const auto& net) { return contains(net, x.to_v6()); });
}

forwarded_client trusted_proxies::client_of(const ip::address& peer, std::string_view forwarded_for) const {
  auto client = plain(peer);
  if (!forwarded_for.empty() && !has(client)) return {client, forwarding::untrusted};
  while (has(client) && !forwarded_for.empty()) {
    auto comma = forwarded_for.rfind(',');
    auto last = trimmed(comma == std::string_view::npos ? forwarded_for : forwarded_for.substr(comma + 1));
    forwarded_for = comma == std::string_view::npos ? std::string_view{} : forwarded_for.substr(0, comma);
    auto named = read_entry(last);
    if (!named) return {client, forwarding::unreadable};  // the proxy before it is the last that is known
    client = *named;
  }
  return {client, forwarding::fine};
}

client_network network_of(const ip::address& x) {
  client_network out{};
  if (x.is_v4()) {
    auto bytes = ip::make_address_v6(ip::v4_mapped, x.to_v4()).to_bytes();
    std::ranges::copy(bytes, out.begin());
  } else {
    auto bytes = x.to_v6().to_bytes();
    std::copy_n(bytes.begin(), 8, out.begin());
  }
  return out;
}

}  // namespace dabba::http
