#include "actors/domain/pricing/bill.hpp"

#include <algorithm>
#include <tuple>

#include "actors/domain/pricing/shares.hpp"

namespace dabba {
namespace {

bool includes(const food_selection& selection, const food_line& line) {
  return selection.is_everything() || std::ranges::find(selection.items, line.item) != selection.items.end() ||
         std::ranges::find(selection.categories, line.category) != selection.categories.end();
}

std::vector<bill_line*> selected(bill& from, const food_selection& selection) {
  std::vector<bill_line*> found;
  for (auto& line : from.lines)
    if (includes(selection, *line.what)) found.push_back(&line);
  return found;
}

/// Those of the selection, the dearest pieces first.
std::vector<bill_line*> dearest_first(bill& from, const food_selection& selection) {
  auto found = selected(from, selection);
  std::ranges::stable_sort(found, std::greater{}, [](const bill_line* x) { return x->what->unit_price; });
  return found;
}

/// Of the first `count` pieces in groups of `buy` bought and then `get` got, how many are got.
std::int64_t got_before(std::int64_t count, const buy_and_get& x) noexcept {
  std::int64_t group = x.buy + x.get;
  return count / group * x.get + std::max<std::int64_t>(0, count % group - x.buy);
}

struct taker {
  bill& from;

  minor_units operator()(const percentage_off& x) const {
    auto lines = selected(from, x.of);
    auto off = part_of(left_of(lines), x.rate.value, all_of_it.value);
    return share_out(std::min(off, x.at_most.value_or(off)), lines, x.of);
  }

  minor_units operator()(const amount_off& x) const {
    auto lines = selected(from, x.of);
    return share_out(std::min(x.amount, left_of(lines)), lines, x.of);
  }

  minor_units operator()(const free_delivery& x) const {
    auto off = from.delivery_fee - from.delivery_discount;
    off = std::min(off, x.at_most.value_or(off));
    from.delivery_discount += off;
    return off;
  }

  minor_units operator()(const buy_and_get& x) const {
    auto lines = dearest_first(from, x.of);
    std::int64_t pieces = 0;
    for (const auto* line : lines) pieces += line->pieces_left;
    std::int64_t group = x.buy + x.get;
    auto taking_part = std::min<std::int64_t>(pieces / group, x.times) * group;
    minor_units off;
    std::int64_t at = 0;
    for (auto* line : lines) {
      auto end = std::min(at + line->pieces_left, taking_part);
      auto free = line->what->unit_price * (got_before(end, x) - got_before(at, x));
      line->off_items += free;
      line->pieces_left -= static_cast<std::int32_t>(end - at);
      off += free;
      at = end;
    }
    return off;
  }

  minor_units operator()(const combo& x) const {
    minor_units off;
    for (std::int32_t round = 0; round < x.times; ++round) {
      auto one = one_combo(x);
      if (one.value == 0) break;  // the dearest went first: the next would not be worth more
      off += one;
    }
    return off;
  }

 private:
  static minor_units left_of(const std::vector<bill_line*>& lines) noexcept {
    minor_units all;
    for (const auto* line : lines) all += line->left();
    return all;
  }

  static minor_units share_out(minor_units off, const std::vector<bill_line*>& lines, const food_selection& of) {
    std::vector<minor_units> weights;
    for (const auto* line : lines) weights.push_back(line->left());
    auto shares = spread(off, weights);
    for (std::size_t i = 0; i < lines.size(); ++i)
      (of.is_everything() ? lines[i]->off_order : lines[i]->off_items) += shares[i];
    return sum(shares);
  }

  /// Nothing, and nothing is changed, when a part can't be had or the price is no better.
  [[nodiscard]] minor_units one_combo(const combo& x) const {
    bill after = from;
    std::vector<minor_units> worth(after.lines.size());
    for (const auto& part : x.parts) {
      auto wanted = part.count;
      for (auto* line : dearest_first(after, part.of)) {
        auto taken = std::min(wanted, line->pieces_left);
        wanted -= taken;
        line->pieces_left -= taken;
        worth[static_cast<std::size_t>(line - after.lines.data())] += line->what->unit_price * taken;
      }
      if (wanted > 0) return {};
    }
    auto all = sum(worth);
    if (all <= x.price) return {};
    auto shares = spread(all - x.price, worth);
    for (std::size_t i = 0; i < worth.size(); ++i) after.lines[i].off_items += shares[i];
    from = std::move(after);
    return all - x.price;
  }
};

}  // namespace

minor_units gross_of(const food_line& line) noexcept {
  auto piece = line.unit_price;
  for (auto option : line.options) piece += option;
  return piece * line.quantity;
}

bill open_bill(std::span<const food_line> lines, minor_units delivery_fee) {
  bill made{{}, delivery_fee, {}};
  for (std::size_t i = 0; i < lines.size(); ++i)
    made.lines.push_back({&lines[i], i, gross_of(lines[i]), {}, {}, lines[i].quantity});
  std::ranges::stable_sort(made.lines, {}, [](const bill_line& x) {
    return std::tuple{x.what->item, x.gross, x.what->unit_price, x.what->quantity};
  });
  return made;
}

discount_stage stage_of(const promotion_effect& what) noexcept {
  struct stage {
    static discount_stage of(const food_selection& x) noexcept {
      return x.is_everything() ? discount_stage::food : discount_stage::items;
    }
    discount_stage operator()(const percentage_off& x) const noexcept { return of(x.of); }
    discount_stage operator()(const amount_off& x) const noexcept { return of(x.of); }
    discount_stage operator()(const free_delivery&) const noexcept { return discount_stage::delivery; }
    discount_stage operator()(const buy_and_get&) const noexcept { return discount_stage::pieces; }
    discount_stage operator()(const combo&) const noexcept { return discount_stage::pieces; }
  };
  return std::visit(stage{}, what);
}

minor_units take_off(bill& from, const promotion_effect& what) { return std::visit(taker{from}, what); }

}  // namespace dabba
