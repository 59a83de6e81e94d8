/// The scheduling policy: nothing that is ready is forgotten, and nobody keeps the others out.
#include "actors/scheduling.hpp"

#include <caf/actor_system.hpp>
#include <caf/event_based_actor.hpp>
#include <caf/scoped_actor.hpp>
#include <catch2/catch_test_macros.hpp>
#include <thread>

using namespace std::chrono_literals;

namespace {

constexpr auto patience = 30s;

struct scheduled : caf::actor_system_config {
  explicit scheduled(unsigned threads) { dabba::set_scheduling(*this, threads); }
};

/// Passes a number on to the next, one less; tells `whom` when it is down to zero.
struct ring_actor {
  caf::actor next;
};

caf::behavior pass_on(caf::stateful_actor<ring_actor>* self, caf::actor whom) {
  return {
      [self](caf::actor next) { self->state.next = std::move(next); },
      [self, whom](std::int32_t left) {
        if (left > 0)
          caf::anon_send(self->state.next, left - 1);
        else
          caf::anon_send(whom, caf::ok_atom_v);
      },
  };
}

std::vector<caf::actor> make_ring(caf::actor_system& system, std::size_t size, const caf::actor& whom) {
  std::vector<caf::actor> ring;
  for (std::size_t i = 0; i < size; ++i) ring.push_back(system.spawn(pass_on, whom));
  for (std::size_t i = 0; i < size; ++i) caf::anon_send(ring[i], ring[(i + 1) % size]);
  return ring;
}

void break_up(const std::vector<caf::actor>& ring) {
  for (const auto& each : ring) {
    caf::anon_send(each, caf::actor{});
    caf::anon_send_exit(each, caf::exit_reason::user_shutdown);
  }
}

std::size_t await_oks(caf::scoped_actor& self, std::size_t count) {
  std::size_t got = 0;
  for (bool in_time = true; in_time && got < count;)
    self->receive([&](caf::ok_atom) { ++got; }, caf::after(patience) >> [&] { in_time = false; });
  return got;
}

}  // namespace

TEST_CASE("every message arrives, whichever thread sends it and however many workers there are") {
  for (unsigned workers : {1U, 2U, 5U}) {
    scheduled config{workers};
    caf::actor_system system{config};
    caf::scoped_actor self{system};
    auto ring = make_ring(system, 50, caf::actor{self});
    std::vector<std::thread> senders;
    for (int t = 0; t < 4; ++t)
      senders.emplace_back([&, t] {
        for (int i = 0; i < 250; ++i) {
          caf::anon_send(ring[static_cast<std::size_t>(t * 7 + i) % ring.size()], i % 40);
          // So that the workers sleep in between, too.
          if (i % 50 == 0) std::this_thread::sleep_for(2ms);
        }
      });
    for (auto& each : senders) each.join();
    CHECK(await_oks(self, 1000) == 1000);
    break_up(ring);
  }
}

TEST_CASE("two that keep each other busy do not keep out a third") {
  scheduled config{1};
  caf::actor_system system{config};
  caf::scoped_actor self{system};
  auto busy = make_ring(system, 2, caf::actor{self});
  auto patient = make_ring(system, 1, caf::actor{self});
  caf::anon_send(busy.front(), 1'000'000'000);
  caf::anon_send(patient.front(), 3);
  CHECK(await_oks(self, 1) == 1);
  break_up(busy);
  break_up(patient);
}

TEST_CASE("a system ends with messages under way, and leaves nothing behind") {
  for (int i = 0; i < 20; ++i) {
    scheduled config{3};
    caf::actor_system system{config};
    caf::scoped_actor self{system};
    auto ring = make_ring(system, 20, caf::actor{self});
    for (const auto& each : ring) caf::anon_send(each, 1'000'000);
    break_up(ring);
  }
}
