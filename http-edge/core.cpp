#include "http-edge/core.hpp"

#include <spdlog/spdlog.h>

#include "protocols/model/limits.hpp"

namespace dabba::http {
namespace {

using namespace std::chrono_literals;

constexpr std::size_t cached_owners = 100'000;
/// What a caller may ask at once, in seconds of what it may ask for ever.
constexpr auto call_window = 5s;

std::function<std::unique_ptr<account_stores>()> make_account_stores(const edge_services& given) {
  return [make_identity = given.make_identity, make_archive = given.make_archive] {
    return std::make_unique<account_stores>(account_stores{make_identity(), make_archive()});
  };
}

}  // namespace

std::optional<user_id> owner_cache::find(restaurant_id x) const {
  std::lock_guard lock{mutex_};
  auto found = owners_.find(x);
  if (found == owners_.end()) return std::nullopt;
  return found->second;
}

void owner_cache::remember(restaurant_id x, user_id owner) {
  std::lock_guard lock{mutex_};
  if (owners_.size() >= cached_owners) owners_.clear();
  owners_[x] = owner;
}

core::core(edge_options chosen, edge_services given)
    : options{std::move(chosen)},
      services{std::move(given)},
      counted{services.system},
      actors{services.system, services.region, options.threads},
      reads{options.read_threads, services.make_reader},
      promotions{reads, services.make_promotions},
      accounts{options.account_threads, make_account_stores(services)},
      passwords{options.password_threads, options.passwords},
      cursors{services.shared_secret},
      proxies{options.trusted_proxies},
      calls{{options.requests_per_second * static_cast<unsigned>(call_window.count()), call_window}},
      sign_ins{{options.sign_ins_per_minute, 60s}},
      bulk{{limits::bulk_requests, limits::bulk_window}},
      logins{limits::logins_under_way},
      pages{options.web_root, options.swagger_ui} {}

boost::asio::ip::address core::client_of(const boost::asio::ip::address& peer, std::string_view forwarded_for) {
  auto found = proxies.client_of(peer, forwarded_for);
  switch (found.how) {
    case forwarding::fine: break;
    case forwarding::untrusted:
      if (!has_told_of_stranger_.exchange(true))
        spdlog::warn(
            "X-Forwarded-For comes from an address that is none of trusted-proxies, and is not believed: if "
            "that is the load balancer, all of its clients share what one address may do");
      break;
    case forwarding::unreadable:
      if (!has_told_of_entry_.exchange(true))
        spdlog::warn(
            "a trusted proxy's last entry of X-Forwarded-For is no address: its clients share what one address "
            "may do");
  }
  return found.client;
}

tl::expected<verified_token, std::string> authenticate(const core& shared, std::string_view authorization) {
  constexpr std::string_view scheme = "bearer ";
  auto same = [](char wanted, char sent) { return (sent | 0x20) == wanted; };
  if (authorization.size() <= scheme.size() ||
      !std::equal(scheme.begin(), scheme.end() - 1, authorization.begin(), same) || authorization[6] != ' ')
    return tl::unexpected{std::string{"a Bearer token is needed"}};
  return shared.services.keys->verify(authorization.substr(scheme.size()), shared.wall_now());
}

asio::awaitable<outcome_of<user_id>> owner_of(core& shared, restaurant_id which) {
  if (auto known = shared.owners.find(which)) co_return *known;
  auto state = co_await read_entity<restaurant>(shared, ref(which));
  if (!state) co_return tl::unexpected{state.error()};
  shared.owners.remember(which, state->profile.owner);
  co_return state->profile.owner;
}

asio::awaitable<outcome_of<std::optional<audience>>> audience_of(core& shared, const std::optional<principal>& who,
                                                                 const order& x) {
  auto otherwise = shared.options.open_city ? std::optional{audience::everybody} : std::nullopt;
  if (!who) co_return otherwise;
  switch (who->role) {
    case user_role::customer:
      if (x.customer == who->id) co_return audience::customer;
      co_return otherwise;
    case user_role::partner:
      if (x.carried_by && x.carried_by->partner.value == who->id.value) co_return audience::partner;
      co_return otherwise;
    case user_role::restaurant: {
      auto owner = co_await owner_of(shared, x.restaurant);
      if (!owner) co_return tl::unexpected{owner.error()};
      if (*owner == who->id) co_return audience::restaurant;
      co_return otherwise;
    }
    case user_role::support:
    case user_role::admin: co_return audience::staff;
  }
  co_return std::nullopt;
}

}  // namespace dabba::http
