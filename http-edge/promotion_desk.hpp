/// What the edge knows of promotions: definitions and uses from the store, and the deals of the moment.
#pragma once

#include "http-edge/read_pool.hpp"
#include "persistence/promotion_store.hpp"
#include "protocols/messages.hpp"

namespace dabba::http {

/// A promotion with how far it is used.
using known_promotion = offered_promotion;

/// Newest first.
struct promotion_page {
  std::vector<known_promotion> items;
  std::optional<std::int64_t> next;  ///< `before` of the next page, when there is one
};

class promotion_desk {
 public:
  using maker = std::function<std::unique_ptr<promotion_store>()>;

  /// Its calls are made on threads of the pool.
  promotion_desk(read_pool& pool, maker make_store) : pool_{pool}, make_store_{std::move(make_store)} {}

  asio::awaitable<result_of<void>> write(promotion_change change);
  asio::awaitable<result_of<std::optional<known_promotion>>> find(promotion_id which);
  /// The active coupon with this code.
  asio::awaitable<result_of<std::optional<known_promotion>>> find_code(std::string code, user_id customer);
  asio::awaitable<result_of<promotion_page>> list(std::int64_t before, std::size_t limit);
  /// The deals of a restaurant that are on now, at most `limits::deals_considered`, as they were a moment ago (real
  /// time); how they are used is not looked at.
  asio::awaitable<result_of<std::vector<promotion>>> deals(restaurant_id of, instant now);
  /// The same deals with how far they are used, as far as that matters.
  asio::awaitable<result_of<std::vector<known_promotion>>> deals_for(restaurant_id of, instant now, user_id customer);

 private:
  using deal_list = std::shared_ptr<const std::vector<promotion>>;

  template <class T, class F>
  asio::awaitable<result_of<T>> ask(F query) {
    auto call = [this, query = std::move(query)]() -> result_of<T> { return with_store<T>(query); };
    result_of<T> lost = tl::unexpected{errc::unavailable};
    co_return co_await pool_.run(std::move(lost), std::move(call));
  }
  /// Blocks. A store that threw is not used again.
  template <class T, class F>
  result_of<T> with_store(const F& query) {
    auto store = take_store();
    if (!store) return tl::unexpected{errc::unavailable};
    result_of<T> answer = query(*store);
    give_back(std::move(store));
    return answer;
  }
  std::unique_ptr<promotion_store> take_store();
  void give_back(std::unique_ptr<promotion_store> store);

  /// All deals, when they are fresh or somebody else is at it.
  deal_list remembered_deals();
  void remember_deals(deal_list deals);
  asio::awaitable<result_of<deal_list>> all_deals(instant now);

  read_pool& pool_;
  maker make_store_;
  std::mutex mutex_;
  std::vector<std::unique_ptr<promotion_store>> idle_;
  deal_list deals_;
  std::chrono::steady_clock::time_point fresh_until_;
};

}  // namespace dabba::http
