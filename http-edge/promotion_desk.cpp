#include "http-edge/promotion_desk.hpp"

#include <algorithm>

#include "protocols/codec.hpp"
#include "protocols/model/limits.hpp"

namespace dabba::http {
namespace {

result_of<known_promotion> to_known(const promotion_record& x) {
  auto what = decode_promotion(x.text);
  if (!what) return tl::unexpected{what.error()};
  return known_promotion{std::move(*what), x.used, x.used_by_customer};
}

result_of<std::vector<known_promotion>> to_known(const std::vector<promotion_record>& all) {
  std::vector<known_promotion> out;
  out.reserve(all.size());
  for (const auto& each : all) {
    auto known = to_known(each);
    if (!known) return tl::unexpected{known.error()};
    out.push_back(std::move(*known));
  }
  return out;
}

using found_promotion = std::optional<known_promotion>;

result_of<found_promotion> to_known(result_of<std::optional<promotion_record>>&& found) {
  if (!found) return tl::unexpected{found.error()};
  if (!*found) return found_promotion{};
  return to_known(**found).map([](known_promotion&& x) { return found_promotion{std::move(x)}; });
}

bool is_on(const promotion& x, restaurant_id of, instant now) {
  bool is_here = x.restaurants.empty() || std::ranges::find(x.restaurants, of) != x.restaurants.end();
  return is_here && x.starts_at <= now && now < x.ends_at;
}

bool is_limited(const promotion& x) { return x.total_limit || x.per_customer_limit; }

}  // namespace

std::unique_ptr<promotion_store> promotion_desk::take_store() {
  {
    std::lock_guard lock{mutex_};
    if (!idle_.empty()) {
      auto store = std::move(idle_.back());
      idle_.pop_back();
      return store;
    }
  }
  return make_store_ ? make_store_() : nullptr;
}

void promotion_desk::give_back(std::unique_ptr<promotion_store> store) {
  std::lock_guard lock{mutex_};
  idle_.push_back(std::move(store));
}

asio::awaitable<result_of<void>> promotion_desk::write(promotion_change change) {
  auto query = [change = std::move(change)](promotion_store& store) { return store.write(change); };
  auto done = co_await ask<void>(std::move(query));
  if (done) {
    // Who changed a deal sees the change at once, on this node.
    std::lock_guard lock{mutex_};
    fresh_until_ = {};
    deals_ = nullptr;
  }
  co_return done;
}

asio::awaitable<result_of<std::optional<known_promotion>>> promotion_desk::find(promotion_id which) {
  auto query = [which](promotion_store& store) { return to_known(store.find(which, std::nullopt)); };
  co_return co_await ask<found_promotion>(std::move(query));
}

asio::awaitable<result_of<std::optional<known_promotion>>> promotion_desk::find_code(std::string code,
                                                                                     user_id customer) {
  auto query = [code = std::move(code), customer](promotion_store& store) {
    return to_known(store.find_code(code, customer));
  };
  co_return co_await ask<found_promotion>(std::move(query));
}

asio::awaitable<result_of<promotion_page>> promotion_desk::list(std::int64_t before, std::size_t limit) {
  auto query = [before, limit](promotion_store& store) -> result_of<promotion_page> {
    auto found = store.list(before, limit + 1);
    if (!found) return tl::unexpected{found.error()};
    promotion_page page;
    if (found->size() > limit) {
      found->resize(limit);
      page.next = found->back().serial;
    }
    return to_known(*found).map([&page](std::vector<known_promotion>&& items) {
      page.items = std::move(items);
      return std::move(page);
    });
  };
  co_return co_await ask<promotion_page>(std::move(query));
}

promotion_desk::deal_list promotion_desk::remembered_deals() {
  std::lock_guard lock{mutex_};
  auto now = std::chrono::steady_clock::now();
  if (!deals_) return nullptr;
  if (now < fresh_until_) return deals_;
  // The one who finds them stale reads them anew; the others go on with what there is meanwhile.
  fresh_until_ = now + limits::deals_remembered;
  return nullptr;
}

void promotion_desk::remember_deals(deal_list deals) {
  std::lock_guard lock{mutex_};
  deals_ = std::move(deals);
  fresh_until_ = std::chrono::steady_clock::now() + limits::deals_remembered;
}

asio::awaitable<result_of<promotion_desk::deal_list>> promotion_desk::all_deals(instant now) {
  if (auto known = remembered_deals()) co_return known;
  auto query = [now](promotion_store& store) -> result_of<std::vector<known_promotion>> {
    auto page = store.deals(now, limits::deals);
    if (!page) return tl::unexpected{page.error()};
    return to_known(*page);
  };
  auto read = co_await ask<std::vector<known_promotion>>(std::move(query));
  if (!read) co_return tl::unexpected{read.error()};
  auto made = std::make_shared<std::vector<promotion>>();
  for (auto& each : *read) made->push_back(std::move(each.what));
  remember_deals(made);
  co_return deal_list{std::move(made)};
}

asio::awaitable<result_of<std::vector<promotion>>> promotion_desk::deals(restaurant_id of, instant now) {
  std::vector<promotion> found;
  if (!make_store_) co_return found;
  auto all = co_await all_deals(now);
  if (!all) co_return tl::unexpected{all.error()};
  for (const auto& each : **all)
    if (found.size() < limits::deals_considered && is_on(each, of, now)) found.push_back(each);
  co_return found;
}

asio::awaitable<result_of<std::vector<known_promotion>>> promotion_desk::deals_for(restaurant_id of, instant now,
                                                                                   user_id customer) {
  auto found = co_await deals(of, now);
  if (!found) co_return tl::unexpected{found.error()};
  std::vector<promotion_id> limited;
  for (const auto& each : *found)
    if (is_limited(each)) limited.push_back(each.id);
  std::vector<promotion_record> used;
  if (!limited.empty()) {
    auto query = [limited, customer](promotion_store& store) { return store.usage(limited, customer); };
    auto read = co_await ask<std::vector<promotion_record>>(std::move(query));
    if (!read) co_return tl::unexpected{read.error()};
    used = std::move(*read);
  }
  std::vector<known_promotion> out;
  auto next = used.begin();
  for (auto& each : *found) {
    bool is_counted = is_limited(each) && next != used.end();
    known_promotion known{std::move(each), 0, 0};
    if (is_counted) known.used = next->used, known.used_by_customer = next->used_by_customer, ++next;
    out.push_back(std::move(known));
  }
  co_return out;
}

}  // namespace dabba::http
