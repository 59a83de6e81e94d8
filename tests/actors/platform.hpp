/// A node in a test: a real actor system over the memory store, a clock in one's hand, and sessions that write down
/// what they are told.
#pragma once

#include <atomic>
#include <caf/actor_system.hpp>
#include <caf/actor_system_config.hpp>
#include <caf/scoped_actor.hpp>
#include <catch2/catch_test_macros.hpp>
#include <condition_variable>
#include <thread>

#include "actors/region.hpp"
#include "actors/zones.hpp"
#include "tests/actors/memory_store.hpp"
#include "tests/protocols/samples.hpp"

namespace dabba::testing {

/// Far more than anything here takes, so that a slow machine fails no test.
inline constexpr auto patience = std::chrono::seconds{20};

class manual_clock final : public clock {
 public:
  [[nodiscard]] instant now() const noexcept override { return {micros_.load()}; }
  [[nodiscard]] double scale() const noexcept override { return 1; }
  void advance(duration by) noexcept { micros_ += by.count(); }

 private:
  std::atomic<std::int64_t> micros_{samples::noon.micros};
};

/// True once `holds` is; false when it never is within the test's patience.
template <class Condition>
bool eventually(Condition holds) {
  auto until = std::chrono::steady_clock::now() + patience;
  do {
    if (holds()) return true;
    std::this_thread::yield();
  } while (std::chrono::steady_clock::now() < until);
  return false;
}

using told = std::variant<published, carrier_moved, order_changed, make_offer, withdraw_offer, city_update, replaced,
                          publishing>;

/// What a session was told, in sequence.
class inbox {
 public:
  void put(told what) {
    std::scoped_lock lock{mutex_};
    all_.push_back(std::move(what));
    changed_.notify_all();
  }

  template <class T>
  [[nodiscard]] std::vector<T> all() const {
    std::scoped_lock lock{mutex_};
    return pick<T>();
  }

  /// Waits for `count` messages of a kind, and returns all there are.
  template <class T>
  [[nodiscard]] std::vector<T> await(std::size_t count = 1) {
    std::unique_lock lock{mutex_};
    changed_.wait_for(lock, patience, [&] { return pick<T>().size() >= count; });
    return pick<T>();
  }

 private:
  template <class T>
  [[nodiscard]] std::vector<T> pick() const {
    std::vector<T> out;
    for (const auto& x : all_)
      if (const auto* one = std::get_if<T>(&x)) out.push_back(*one);
    return out;
  }

  mutable std::mutex mutex_;
  std::condition_variable changed_;
  std::vector<told> all_;
};

struct session {
  session_actor actor;
  std::shared_ptr<inbox> in = std::make_shared<inbox>();
  /// Set when all who watch the actor have been sent word of its end.
  std::shared_ptr<std::atomic<bool>> ended = std::make_shared<std::atomic<bool>>(false);
};

/// One that writes down what it is told.
session spawn_session(caf::actor_system& system);

struct platform_options {
  dispatch_terms dispatch;
  order_terms orders;
  pricing_terms pricing;
  std::uint16_t shards = 4;
};

class platform {
 public:
  explicit platform(std::shared_ptr<memory_store> store, std::shared_ptr<manual_clock> time = {},
                    platform_options options = {});
  /// Stops the node; checks that every actor ended and that the journal is sound.
  ~platform();
  platform(const platform&) = delete;
  platform& operator=(const platform&) = delete;

  // -- Asking --

  [[nodiscard]] result_of<reply> ask(const entity_ref& to, routed body);
  /// Sends all, does what is to be done `meanwhile`, and waits; answers in the same sequence.
  [[nodiscard]] std::vector<result_of<reply>> ask_all(
      std::vector<std::pair<entity_ref, routed>> what, const std::function<void()>& meanwhile = [] {});
  void tell(const entity_ref& to, routed body);

  /// The answer as the alternative it must be; fails the test otherwise.
  template <class T>
  T expect(result_of<reply> answer) {
    INFO(name(answer ? errc::none : answer.error()));
    REQUIRE(answer);
    REQUIRE(std::holds_alternative<T>(*answer));
    return std::get<T>(std::move(*answer));
  }

  // -- Orders, restaurants and partners --

  [[nodiscard]] order_id new_order_id() { return make_order_id(now(), the_restaurant); }
  [[nodiscard]] place_order order_from_kitchen() const;
  result_of<reply> command(order_id to, order_command what, command_meta meta = fresh());
  result_of<reply> command(partner_id to, partner_command what, command_meta meta = fresh());
  result_of<reply> command(restaurant_id to, restaurant_command what, command_meta meta = fresh());
  [[nodiscard]] std::pair<entity_ref, routed> request(order_id to, order_command what, command_meta meta = fresh());
  [[nodiscard]] std::pair<entity_ref, routed> request(partner_id to, partner_command what, command_meta meta = fresh());
  [[nodiscard]] order read(order_id x);
  [[nodiscard]] partner read(partner_id x);
  [[nodiscard]] search_record read_search_of(order_id x);
  /// Registers the restaurant, has it verified, and opens it.
  void open_restaurant();
  /// A placed order that the restaurant accepted: it searches.
  order_id searching_order();
  /// Online, with a phone, so many metres north of the restaurant, known to the matchmaker as idle.
  session online_partner(partner_id who, double metres_north);
  void report_position(partner_id who, geo_point at);
  /// Known to the zone's matchmaker as idle or busy, without open offers when idle.
  [[nodiscard]] bool matchmaker_counts_online(std::size_t partners);

  static command_meta fresh() { return {command_id::make(real_now()), {}, {}}; }

  // -- Sessions, time, machinery --

  [[nodiscard]] session open_session();
  /// Ends it; whoever watched it has that in its mailbox afterwards.
  void close(session& x);
  [[nodiscard]] instant now() const { return time_->now(); }
  void tick() { caf::anon_send(region_, dabba::tick{}); }
  /// Lets time pass, and ticks.
  void advance(duration by);
  /// Ticks until it holds, `step` apart.
  template <class Condition>
  bool ticking_until(Condition holds, duration step = {}) {
    return eventually([&] {
      advance(step);
      keep_pace();
      return holds();
    });
  }
  /// Waits until region, shards and boards have done all they were told before. Partners and orders may be behind all
  /// the same: a clock in one's hand is faster than any actor, so what expires wants small steps.
  void keep_pace() { (void)zones(); }
  [[nodiscard]] zone_list zones();
  void kill_matchmaker();
  [[nodiscard]] std::size_t running_actors() { return system_.registry().running(); }
  [[nodiscard]] memory_store& store() { return *store_; }
  [[nodiscard]] const local_region_actor& region() const { return region_; }
  [[nodiscard]] std::shared_ptr<const node_context> node() const { return node_; }
  [[nodiscard]] caf::actor_system& system() { return system_; }

  static inline const restaurant_id the_restaurant = samples::nth<restaurant_id>(1);

 private:
  static caf::actor_system_config& configure(caf::actor_system_config& config);

  std::shared_ptr<memory_store> store_;
  std::shared_ptr<manual_clock> time_;
  caf::actor_system_config config_;
  caf::actor_system system_;
  std::size_t baseline_ = 0;
  std::shared_ptr<const node_context> node_;
  local_region_actor region_;
};

inline std::shared_ptr<memory_store> make_store(std::uint16_t shards = 4) {
  return std::make_shared<memory_store>(shards);
}

}  // namespace dabba::testing
