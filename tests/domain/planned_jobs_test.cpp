/// What a planning policy may ask of the dispatcher: jobs of several orders, and partners asked one after the other.
#include <catch2/catch_test_macros.hpp>
#include <utility>

#include "tests/domain/zone_under_test.hpp"

using namespace dabba;
using namespace dabba::samples;
using namespace std::chrono_literals;
using oo = offer_outcome;

namespace {

/// Plans what the test wrote down, one offer after the other, each once all its orders search.
class scripted_policy final : public dispatch_policy {
 public:
  explicit scripted_policy(std::vector<planned_offer> plans) : plans_{plans.begin(), plans.end()} {}

  std::vector<planned_offer> plan(const zone_state& zone, instant now, const dispatch_terms&) override {
    if (plans_.empty()) return {};
    bool is_due = std::ranges::all_of(plans_.front().orders, [&](order_id order) {
      auto search = zone.searches.find(order);
      return search != zone.searches.end() && !search->second.live && search->second.next_wave_at <= now;
    });
    if (!is_due) return {};
    std::vector<planned_offer> out{std::move(plans_.front())};
    plans_.pop_front();
    return out;
  }

 private:
  std::deque<planned_offer> plans_;
};

planned_offer job_of(std::initializer_list<std::uint64_t> orders, std::initializer_list<std::uint64_t> asked,
                     duration apart = 0s) {
  planned_offer out;
  for (auto n : orders) out.orders.push_back(nth<order_id>(n));
  out.depart_at = noon + 8min;
  out.radius_m = {3000};
  duration after{0};
  for (auto n : asked) {
    out.asks.push_back({nth<partner_id>(n), {100.0 * static_cast<double>(n)}, after});
    after += apart;
  }
  return out;
}

zone_under_test scripted(std::vector<planned_offer> plans) {
  zone_under_test zone{{}, std::make_unique<scripted_policy>(std::move(plans))};
  zone.line_up(6);
  return zone;
}

}  // namespace

TEST_CASE("a job of two orders is one offer, paid for both, ready when the later is") {
  auto zone = scripted({job_of({2, 1}, {1, 2})});
  zone.find(1);
  auto later = wanted(2);
  later.ready_by = noon + 20min;
  auto effects = zone.dispatch.find(later, zone.now);
  REQUIRE(offered_to(effects) == partners({1, 2}));
  auto made = offer_in(effects);
  REQUIRE(made.offered.stops.size() == 2);
  CHECK(made.offered.stops[0].order == nth<order_id>(2));
  CHECK(made.offered.stops[1].order == nth<order_id>(1));
  CHECK(made.offered.pay == minor_units{80'00});
  CHECK(made.offered.ready_by == noon + 20min);
  CHECK(made.offered.depart_at == noon + 8min);
  CHECK(zone.record(1).waves.back().offer == made.id);
  CHECK(zone.record(2).waves.back().offer == made.id);
}

TEST_CASE("when one order of a job is taken the others wait for their own award before they are searched again") {
  auto zone = scripted({job_of({1, 2}, {1, 2}), job_of({2}, {3})});
  zone.find(1);
  zone.find(2);
  auto effects = zone.dispatch.end(nth<order_id>(1), nth<partner_id>(1), zone.now);
  CHECK(taken_back(effects) == std::map<partner_id, withdrawal>{{nth<partner_id>(2), withdrawal::taken}});
  CHECK(zone.after(5s).empty());
  CHECK(zone.dispatch.end(nth<order_id>(2), nth<partner_id>(1), zone.now).empty());
  CHECK(zone.outcomes(2, 0).at(nth<partner_id>(1)) == oo::accepted);
  CHECK(zone.record(2).partner == nth<partner_id>(1));
  CHECK(zone.after(1min).empty());
}

TEST_CASE("an order of a job that nobody confirms is searched again by itself") {
  auto zone = scripted({job_of({1, 2}, {1, 2}), job_of({2}, {3})});
  zone.find(1);
  zone.find(2);
  zone.dispatch.end(nth<order_id>(1), nth<partner_id>(1), zone.now);
  CHECK(offered_to(zone.after(30s)) == partners({3}));
}

TEST_CASE("when one order of a job is cancelled the offer is void and the other is searched again at once") {
  auto zone = scripted({job_of({1, 2}, {1, 2}), job_of({2}, {3})});
  zone.find(1);
  zone.find(2);
  auto effects = zone.dispatch.end(nth<order_id>(1), {}, zone.now);
  CHECK(taken_back(effects).size() == 2);
  CHECK(offered_to(zone.after(50ms)) == partners({3}));
}

TEST_CASE("who declines a job has declined each of its orders") {
  auto zone = scripted({job_of({1, 2}, {1, 2})});
  zone.find(1);
  auto made = offer_in(zone.find(2));
  zone.answer(made.id, 1, oo::declined);
  for (std::uint64_t order : {1, 2})
    CHECK(zone.dispatch.state().searches.at(nth<order_id>(order)).declined.contains(nth<partner_id>(1)));
}

TEST_CASE("who comes online is told of a job once, and is on the record of each of its orders") {
  auto zone = scripted({job_of({1, 2}, {1, 2})});
  zone.find(1);
  zone.find(2);
  CHECK(offered_to(zone.dispatch.seen(seen_at(9, 10), zone.now)) == partners({9}));
  for (std::uint64_t order : {1, 2}) {
    CHECK(zone.outcomes(order, 0).contains(nth<partner_id>(9)));
    CHECK(zone.dispatch.state().searches.at(nth<order_id>(order)).asked.contains(nth<partner_id>(9)));
  }
}

TEST_CASE("staggered partners are asked in their turn, and the offer stands for the last of them as long as for all") {
  auto zone = scripted({job_of({1}, {1, 2, 3}, 8s)});
  auto effects = zone.find(1);
  CHECK(offered_to(effects) == partners({1}));
  CHECK(offer_in(effects).expires_at == noon + 16s + 30s);
  CHECK(zone.after(8s - 1us).empty());
  CHECK(offered_to(zone.after(1us)) == partners({2}));
  CHECK(offered_to(zone.after(8s)) == partners({3}));
  CHECK(taken_back(zone.after(30s)).size() == 3);
}

TEST_CASE("a decline does not bring the next partner's turn forward") {
  auto zone = scripted({job_of({1}, {1, 2}, 8s)});
  auto made = offer_in(zone.find(1));
  CHECK(zone.answer(made.id, 1, oo::declined).empty());
  CHECK(offered_to(zone.after(8s)) == partners({2}));
}

TEST_CASE("who left before its turn is not asked, and whose turn never came is not told that it was taken") {
  auto zone = scripted({job_of({1}, {1, 2, 3}, 8s)});
  zone.find(1);
  zone.dispatch.left(nth<partner_id>(2), zone.now);
  CHECK(zone.after(8s).empty());
  auto effects = zone.dispatch.end(nth<order_id>(1), nth<partner_id>(1), zone.now);
  CHECK(taken_back(effects).empty());
  CHECK(zone.after(8s).empty());
}
