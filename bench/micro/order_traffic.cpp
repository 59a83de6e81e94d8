#include "bench/micro/order_traffic.hpp"

#include <fmt/core.h>
#include <array>
#include <atomic>
#include <caf/event_based_actor.hpp>
#include <caf/scoped_actor.hpp>
#include <caf/stateful_actor.hpp>
#include <deque>
#include <stdexcept>
#include <thread>

#include "bench/micro/city_points.hpp"
#include "bench/micro/samples.hpp"
#include "protocols/errors.hpp"
#include "protocols/model/clock.hpp"
#include "protocols/model/limits.hpp"

namespace dabba::bench {
namespace {

constexpr std::size_t restaurant_count = 200;
constexpr std::size_t preparing_in_flight = 256;

struct kitchen {
  restaurant_id id;
  restaurant_profile profile;
};

/// One order after the other, carried by the same partner.
struct life {
  const kitchen* from = nullptr;
  geo_point to;
  partner_id partner;
  order_id order;
  std::size_t step = 0;
};

carrier carried(const life& x) { return {x.partner, offer_id::make(real_now()), job_id::make(real_now()), 0, 0}; }

using step = order_command (*)(const life&);
constexpr std::array<step, 9> steps{
    [](const life& x) -> order_command { return sample_order(x.from->id, x.from->profile, x.to); },
    [](const life&) -> order_command { return accept_order{20}; },
    [](const life& x) -> order_command { return assign_partner{carried(x)}; },
    [](const life&) -> order_command { return start_preparing{"COOKING"}; },
    [](const life& x) -> order_command { return partner_arrived{x.partner}; },
    [](const life&) -> order_command { return mark_ready{}; },
    [](const life& x) -> order_command { return pick_up{x.partner}; },
    [](const life& x) -> order_command { return partner_arrived{x.partner}; },
    [](const life& x) -> order_command {
      return deliver{x.partner, std::string{sample_pin}};
    },
};

envelope to_order(order_id to, order_command&& command) {
  order_request request{{command_id::make(real_now()), {}, {}}, to, std::move(command)};
  return {ref(to), 0, 0, routed{std::move(request)}};
}

envelope registration(const kitchen& x) {
  restaurant_request request{{command_id::make(real_now()), {}, {}}, x.id, register_restaurant{x.profile}};
  return {ref(x.id), 0, 0, routed{std::move(request)}};
}

}  // namespace

struct order_traffic::pool {
  std::vector<kitchen> kitchens;
  std::vector<life> lives;
  std::deque<life*> idle;

  /// The next command of the life whose turn it is.
  std::pair<life*, envelope> next() {
    auto* x = idle.front();
    idle.pop_front();
    if (x->step == 0) x->order = make_order_id(real_now(), x->from->id);
    return {x, to_order(x->order, steps[x->step](*x))};
  }

  void done(life* x) {
    x->step = (x->step + 1) % steps.size();
    idle.push_back(x);
  }
};

namespace {

/// What a closed loop shares with the thread that waits for it.
struct loop_control {
  std::atomic<bool> stopping{false};
  std::atomic<std::uint64_t> done{0};
  std::atomic<std::uint64_t> refused{0};
};

/// Keeps `in_flight` questions to the region under way until it is told to stop or runs out of them. `ask` gives a
/// question and what is to be done after its answer.
struct closed_loop {
  using question = std::pair<envelope, std::function<void()>>;
  using source = std::function<std::optional<question>()>;

  closed_loop(caf::event_based_actor* self, region_actor region, std::size_t in_flight, source ask,
              std::shared_ptr<loop_control> control)
      : self{self}, region{std::move(region)}, in_flight{in_flight}, ask{std::move(ask)}, control{std::move(control)} {}

  caf::behavior make_behavior() {
    for (auto left = in_flight; left > 0; --left) go_on();
    return {[](tick) {}};  // nobody sends it; without a behaviour there would be no actor
  }

  void go_on() {
    auto next = control->stopping ? std::nullopt : ask();
    if (!next) {
      if (--in_flight == 0) self->quit();
      return;
    }
    auto& [message, then] = *next;
    // As the edge does, which has a deadline of its own.
    self->request(region, caf::infinite, std::move(message))
        .then(
            [this, then](const reply&) {
              ++control->done;
              then();
              go_on();
            },
            [this, then](const caf::error& why) {
              if (control->refused++ == 0) fmt::print(stderr, "a command was refused: {}\n", to_string(to_errc(why)));
              go_on();
            });
  }

  caf::event_based_actor* self;
  region_actor region;
  std::size_t in_flight;
  source ask;
  std::shared_ptr<loop_control> control;
};

/// Runs a loop until `ask` has no more, or for `time`.
traffic_count run_loop(caf::actor_system& system, const region_actor& region, std::size_t in_flight,
                       closed_loop::source ask, std::optional<std::chrono::milliseconds> time) {
  auto control = std::make_shared<loop_control>();
  auto begin = std::chrono::steady_clock::now();
  auto loop = system.spawn<caf::stateful_actor<closed_loop>>(region, in_flight, std::move(ask), control);
  if (time) {
    std::this_thread::sleep_for(*time);
    control->stopping = true;
  }
  caf::scoped_actor self{system};
  self->wait_for(loop);
  std::chrono::duration<double> passed = std::chrono::steady_clock::now() - begin;
  return {control->done, control->refused, passed.count()};
}

}  // namespace

order_traffic::order_traffic(caf::actor_system& system, region_actor region, std::size_t orders)
    : system_{system}, region_{std::move(region)}, pool_{std::make_shared<pool>()} {
  prepare(orders);
}

order_traffic::~order_traffic() = default;

void order_traffic::prepare(std::size_t orders) {
  auto places = city_points(restaurant_count, 4);
  for (std::size_t i = 0; i < restaurant_count; ++i)
    pool_->kitchens.push_back({restaurant_id::make(real_now()), sample_profile(i, places[i])});
  auto doors = city_points(orders, 5);
  for (std::size_t i = 0; i < orders; ++i)
    pool_->lives.push_back({.from = &pool_->kitchens[i % restaurant_count],
                            .to = doors[i],
                            .partner = partner_id::make(real_now()),
                            .order = {},
                            .step = 0});
  for (auto& x : pool_->lives) pool_->idle.push_back(&x);
  auto all_of = [&](std::size_t count, auto make) {
    auto ask = [make, count, i = std::size_t{0}]() mutable -> std::optional<closed_loop::question> {
      if (i == count) return std::nullopt;
      return make(i++);
    };
    auto got = run_loop(system_, region_, preparing_in_flight, ask, {});
    if (got.refused > 0) throw std::runtime_error{"the orders could not be prepared"};
  };
  all_of(restaurant_count, [p = pool_](std::size_t i) {
    return closed_loop::question{registration(p->kitchens[i]), [] {}};
  });
  // Every partner's actor is started, as it is in service long before an order comes to it.
  all_of(orders, [p = pool_](std::size_t i) {
    return closed_loop::question{envelope{ref(p->lives[i].partner), 0, 0, routed{read_state{}}}, [] {}};
  });
  all_of(orders, [p = pool_](std::size_t) {
    auto [who, message] = p->next();
    return closed_loop::question{std::move(message), [p, who] { p->done(who); }};
  });
  total_ += orders;
}

traffic_count order_traffic::run(std::size_t in_flight, std::chrono::milliseconds time) {
  auto ask = [p = pool_]() -> std::optional<closed_loop::question> {
    if (p->idle.empty()) return std::nullopt;
    auto [who, message] = p->next();
    return closed_loop::question{std::move(message), [p, who = who] { p->done(who); }};
  };
  auto out = run_loop(system_, region_, in_flight, ask, time);
  total_ += out.transitions;
  return out;
}

}  // namespace dabba::bench
