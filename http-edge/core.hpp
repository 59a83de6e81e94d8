/// What every connection and handler of one edge shares.
#pragma once

#include <atomic>
#include <boost/asio/any_io_executor.hpp>
#include <mutex>
#include <optional>
#include <unordered_map>

#include "http-edge/bridge.hpp"
#include "http-edge/client_network.hpp"
#include "http-edge/cursors.hpp"
#include "http-edge/edge.hpp"
#include "http-edge/login_slots.hpp"
#include "http-edge/metrics.hpp"
#include "http-edge/passwords.hpp"
#include "http-edge/problems.hpp"
#include "http-edge/promotion_desk.hpp"
#include "http-edge/rate_limiter.hpp"
#include "http-edge/read_pool.hpp"
#include "http-edge/rendered_menus.hpp"
#include "http-edge/static_files.hpp"
#include "http-edge/views.hpp"

namespace dabba::http {

template <class T>
using answer_or_problem = tl::expected<T, problem>;

/// Owners of restaurants, which never change: so that not every command of a restaurant reads its whole state.
class owner_cache {
 public:
  [[nodiscard]] std::optional<user_id> find(restaurant_id x) const;
  void remember(restaurant_id x, user_id owner);

 private:
  mutable std::mutex mutex_;
  std::unordered_map<restaurant_id, user_id> owners_;
};

/// What a thread needs that serves an account.
struct account_stores {
  std::unique_ptr<identity_store> identity;
  std::unique_ptr<order_archive> orders;

  void asked_at(std::chrono::steady_clock::time_point when) const {
    identity->asked_at(when);
    orders->asked_at(when);
  }
};

struct core {
  core(edge_options chosen, edge_services given);

  edge_options options;
  edge_services services;
  metrics counted;
  bridge actors;
  rendered_menus menus{actors};
  read_pool reads;
  promotion_desk promotions;
  store_pool<account_stores> accounts;
  password_hasher passwords;
  cursor_signer cursors;
  trusted_proxies proxies;
  rate_limiter calls;
  rate_limiter sign_ins;
  rate_limiter bulk;
  login_slots logins;
  static_files pages;
  owner_cache owners;
  std::atomic<bool> stopping{false};

  /// As trusted_proxies has it. What an operator has to know of it is logged once.
  boost::asio::ip::address client_of(const boost::asio::ip::address& peer, std::string_view forwarded_for);

  /// Real time, for tokens.
  [[nodiscard]] real_time wall_now() const { return real_time{std::chrono::microseconds{services.wall.now().micros}}; }

 private:
  std::atomic<bool> has_told_of_stranger_{false};
  std::atomic<bool> has_told_of_entry_{false};
};

/// The caller of `authorization` (a Bearer header), or why there is none.
tl::expected<verified_token, std::string> authenticate(const core& shared, std::string_view authorization);

/// The state of an entity, as `T`.
template <class T>
asio::awaitable<outcome_of<T>> read_entity(core& shared, entity_ref which) {
  auto got = co_await shared.actors.ask(which, read_state{});
  if (!got) co_return tl::unexpected{got.error()};
  if (auto* state = std::get_if<T>(&*got)) co_return std::move(*state);
  co_return tl::unexpected{errc::internal};
}

/// Who the caller is to the order; nothing: it is none of theirs.
asio::awaitable<outcome_of<std::optional<audience>>> audience_of(core& shared, const std::optional<principal>& who,
                                                                 const order& x);
asio::awaitable<outcome_of<user_id>> owner_of(core& shared, restaurant_id which);

}  // namespace dabba::http
