#include "tests/http-edge/support/promotions.hpp"

#include <algorithm>

namespace dabba::test {
namespace {

class memory_promotions final : public promotion_store {
 public:
  explicit memory_promotions(std::shared_ptr<world> w) : w_{std::move(w)} {}

  result_of<void> write(const promotion_change& change) override {
    std::lock_guard lock{w_->mutex};
    if (w_->is_store_away) return tl::unexpected{errc::unavailable};
    auto known = std::ranges::find(w_->promotions, change.what.id, [](const auto& x) { return x.what.id; });
    bool is_new = known == w_->promotions.end();
    if (change.what.version != (is_new ? 0 : known->what.version) + 1) return tl::unexpected{errc::stale_version};
    auto has_its_code = [&](const promotion_change& x) {
      return x.what.id != change.what.id && x.what.is_active && !x.what.is_deal() && x.what.code == change.what.code;
    };
    if (change.what.is_active && std::ranges::any_of(w_->promotions, has_its_code))
      return tl::unexpected{errc::promotion_code_taken};
    if (is_new)
      w_->promotions.push_back(change);
    else
      *known = change;
    return {};
  }
  result_of<std::optional<promotion_record>> find(promotion_id which, std::optional<user_id>) override {
    return first([which](const promotion& x) { return x.id == which; });
  }
  result_of<std::optional<promotion_record>> find_code(const std::string& code, user_id) override {
    return first([&code](const promotion& x) { return x.is_active && !x.is_deal() && x.code == code; });
  }
  result_of<std::vector<promotion_record>> deals(instant now, std::size_t limit) override {
    {
      std::lock_guard lock{w_->mutex};
      ++w_->deal_reads;
    }
    auto found = all([now](const promotion& x) { return x.is_active && x.is_deal() && x.ends_at > now; });
    if (found && found->size() > limit) found->resize(limit);
    return found;
  }
  result_of<std::vector<promotion_record>> usage(std::span<const promotion_id> which, user_id) override {
    std::lock_guard lock{w_->mutex};
    std::vector<promotion_record> out;
    for (auto id : which) out.push_back({"{}", w_->used[id], 0, 0});
    return out;
  }
  result_of<std::vector<promotion_record>> list(std::int64_t before, std::size_t limit) override {
    auto found = all([](const promotion&) { return true; });
    if (!found) return found;
    std::ranges::reverse(*found);
    std::erase_if(*found, [before](const auto& x) { return x.serial >= before; });
    if (found->size() > limit) found->resize(limit);
    return found;
  }

 private:
  template <class F>
  result_of<std::vector<promotion_record>> all(F fits) {
    std::lock_guard lock{w_->mutex};
    if (w_->is_store_away) return tl::unexpected{errc::unavailable};
    std::vector<promotion_record> out;
    std::int64_t serial = 0;
    for (const auto& each : w_->promotions) {
      ++serial;
      if (fits(each.what)) out.push_back({each.text, w_->used[each.what.id], 0, serial});
    }
    return out;
  }
  template <class F>
  result_of<std::optional<promotion_record>> first(F fits) {
    auto found = all(fits);
    if (!found) return tl::unexpected{found.error()};
    return found->empty() ? std::nullopt : std::optional{found->front()};
  }

  std::shared_ptr<world> w_;
};

}  // namespace

std::unique_ptr<promotion_store> make_promotions(const std::shared_ptr<world>& w) {
  return std::make_unique<memory_promotions>(w);
}

}  // namespace dabba::test
