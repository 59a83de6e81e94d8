#include "bench/micro/bare_journal.hpp"

#include <stdexcept>

#include "actors/domain/order_machine.hpp"
#include "bench/micro/city_points.hpp"
#include "bench/micro/samples.hpp"
#include "protocols/codec.hpp"
#include "protocols/model/clock.hpp"
#include "protocols/model/limits.hpp"

namespace dabba::bench {
namespace {

/// An order in the kitchen, whose stage changes again and again.
append stage_change(const owned_shard& shard, order_id id, const place_order& placed) {
  auto now = real_now();
  order state;
  state.id = id;
  for (const order_command& command :
       std::vector<order_command>{placed, accept_order{20}, start_preparing{"CHOPPING"}}) {
    auto events = decide(state, command, now, order_terms{});
    if (!events) throw std::runtime_error{"the sample order can't be made"};
    for (const auto& event : *events) apply(state, event, now);
  }
  auto event = encode(order_event{order_stage_changed{"COOKING"}});
  return {
      .shard = shard.id,
      .epoch = shard.epoch,
      .entity = ref(id),
      .first_seq = 1,
      .command = {},
      .events = {{std::string{event.type}, event.version, event.payload}},
      .at = now,
      .feed = placed.restaurant.value,
      .state = encode(state),
      .open = true,
      .deadline = now,
      .columns = order_columns{.status = state.status,
                               .delivery = state.delivery,
                               .customer = state.customer,
                               .restaurant = state.restaurant,
                               .partner = {},
                               .zone = state.zone,
                               .placed_at = state.placed_at,
                               .ended_at = {}},
      .assignments = {},
      .answer = {}};
}

}  // namespace

bare_journal::bare_journal(std::unique_ptr<journal_writer> writer, const std::vector<owned_shard>& shards,
                           std::size_t orders)
    : writer_{std::move(writer)} {
  auto points = city_points(orders, 6);
  for (std::size_t i = 0; i < orders; ++i) {
    auto placed = sample_order(restaurant_id::make(real_now()), sample_profile(i, points[i]), points[orders - 1 - i]);
    commands_.push_back(stage_change(shards[i % shards.size()], order_id::make(real_now()), placed));
  }
}

double bare_journal::commands_per_second(std::chrono::milliseconds time) {
  auto begin = std::chrono::steady_clock::now();
  std::chrono::duration<double> passed{0};
  std::uint64_t done = 0;
  while (passed < time) {
    auto count = std::min(limits::commands_per_batch, commands_.size() - next_);
    std::span batch{commands_.data() + next_, count};
    for (auto& x : batch) {
      x.command = command_id::make(real_now());
      x.since = std::chrono::steady_clock::now();
    }
    for (const auto& answer : writer_->write(batch))
      if (!answer) throw std::runtime_error{"the journal refused: " + to_string(answer.error())};
    for (auto& x : batch) ++x.first_seq;
    next_ = (next_ + count) % commands_.size();
    done += count;
    passed = std::chrono::steady_clock::now() - begin;
  }
  total_ += done;
  return static_cast<double>(done) / passed.count();
}

}  // namespace dabba::bench
