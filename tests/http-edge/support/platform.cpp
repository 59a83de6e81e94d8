#include "tests/http-edge/support/platform.hpp"

#include <unistd.h>
#include <caf/send.hpp>
#include <caf/typed_event_based_actor.hpp>
#include <filesystem>

#include "actors/scheduling.hpp"
#include "protocols/codec.hpp"
#include "protocols/errors.hpp"
#include "tests/http-edge/support/canned_answers.hpp"
#include "tests/http-edge/support/promotions.hpp"
#include "tests/http-edge/support/types.hpp"

namespace dabba::test {
namespace {

using namespace std::chrono_literals;

void note(world& w) { w.changed.notify_all(); }

/// Positions only; the rest goes through the region.
partner_actor::behavior_type partner_behavior(partner_actor::pointer self, const std::shared_ptr<world>& w) {
  auto unused = [] { return caf::result<reply>{caf::make_error(errc::internal)}; };
  return {
      [unused](partner_request&) { return unused(); },
      [unused](read_state) { return unused(); },
      [unused](read_offers) { return unused(); },
      [unused](make_offer&) { return unused(); },
      [](withdraw_offer&) {},
      [unused](subscribe&) { return unused(); },
      [](unsubscribe&) {},
      [unused](attach&) { return unused(); },
      [](detach&) {},
      [w](locations& x) {
        std::lock_guard lock{w->mutex};
        w->positions.insert(w->positions.end(), x.points.begin(), x.points.end());
        note(*w);
      },
      [](order_changed&) {},
      [](timer_due&) {},
      [self](stop) { self->quit(); },
  };
}

caf::result<reply> route(region_actor::pointer self, world& w, const envelope& x) {
  std::unique_lock lock{w.mutex};
  w.told.emplace_back(x.to, x.body);
  note(w);
  if (w.is_silent) return w.unanswered.emplace_back(self->make_response_promise<reply>());
  std::optional<answer> made;
  if (auto before = w.before) {
    lock.unlock();
    made = before(x.to, x.body);
    lock.lock();
  }
  if (!made) made = canned_answer(w, x.to, x.body);
  note(w);
  if (!*made) return caf::make_error(made->error());
  return std::move(**made);
}

caf::result<partner_actor> locate(region_actor::pointer self, const std::shared_ptr<world>& w, partner_id who) {
  std::lock_guard lock{w->mutex};
  auto& known = w->partner_actors[who];
  if (!known) known = self->system().spawn(partner_behavior, w);
  return known;
}

region_actor::behavior_type region_behavior(region_actor::pointer self, const std::shared_ptr<world>& w) {
  return {
      [self, w](envelope& x) { return route(self, *w, x); },
      [self, w](locate_partner x) { return locate(self, w, x.who); },
      [](locate_matchmaker) -> caf::result<matchmaker_actor> { return caf::make_error(errc::internal); },
      [w](list_zones) {
        std::lock_guard lock{w->mutex};
        return w->zones;
      },
      [](const session_news&) {},
      [](tick) {},
      [self](stop) { self->quit(); },
  };
}

class memory_reader final : public entity_reader {
 public:
  explicit memory_reader(std::shared_ptr<world> w) : w_{std::move(w)} {}

  result_of<std::vector<head_record>> open_entities(shard_id) override { return tl::unexpected{errc::internal}; }
  result_of<std::optional<head_record>> load(const entity_ref&) override { return tl::unexpected{errc::internal}; }
  result_of<std::vector<stored_event>> events(const entity_ref& entity, std::uint64_t since,
                                              std::size_t limit) override {
    std::lock_guard lock{w_->mutex};
    if (w_->is_store_away) return tl::unexpected{errc::unavailable};
    std::vector<stored_event> page;
    for (const auto& each : w_->journal[entity])
      if (each.seq > since && page.size() < limit) page.push_back(each);
    return page;
  }
  result_of<std::vector<stored_event>> restaurant_feed(restaurant_id restaurant, shard_id, std::uint64_t since,
                                                       std::size_t limit) override {
    std::lock_guard lock{w_->mutex};
    std::map<std::uint64_t, stored_event> sorted;
    for (const auto& [id, state] : w_->orders)
      if (state.restaurant == restaurant)
        for (const auto& each : w_->journal[ref(id)])
          if (each.position > since) sorted.emplace(each.position, each);
    std::vector<stored_event> page;
    for (const auto& [at, each] : sorted)
      if (page.size() < limit) page.push_back(each);
    return page;
  }
  result_of<std::vector<std::string>> restaurant_orders(restaurant_id restaurant, std::optional<order_status> status,
                                                        std::optional<order_cursor> after, std::size_t limit) override {
    std::lock_guard lock{w_->mutex};
    std::vector<std::string> page;
    for (auto each = w_->orders.rbegin(); each != w_->orders.rend() && page.size() < limit; ++each)
      if (each->second.restaurant == restaurant && (!status || each->second.status == *status) &&
          (!after || each->first < after->order))
        page.push_back(encode(each->second));
    return page;
  }
  result_of<std::optional<idempotent_answer>> answer(user_id caller, const std::string& key) override {
    std::lock_guard lock{w_->mutex};
    if (w_->is_store_away) return tl::unexpected{errc::unavailable};
    auto found = w_->answers.find({caller, key});
    if (found == w_->answers.end()) return std::nullopt;
    return found->second;
  }
  result_of<bool> has_ordered(user_id customer) override {
    std::lock_guard lock{w_->mutex};
    return w_->has_ordered.contains(customer);
  }
  result_of<zone_summary> summary(zone_id, instant) override { return tl::unexpected{errc::internal}; }
  result_of<std::uint64_t> feed_position(restaurant_id, shard_id) override { return tl::unexpected{errc::internal}; }

 private:
  std::shared_ptr<world> w_;
};

std::shared_ptr<token_keys> new_keys() {
  auto file = std::filesystem::temp_directory_path() / ("dabba-edge-test-" + to_string(make_uuid_v7(real_now())));
  auto made = token_keys::create(file);
  std::filesystem::remove(file);
  if (!made) throw std::runtime_error{made.error()};
  return std::make_shared<token_keys>(std::move(*made));
}

const instant start_of_day{1'772'362'800'000'000};  // 2026-03-01T11:00:00Z

}  // namespace

platform::platform(edge_options options, bool trusts_unknown_callers)
    : world_{std::make_shared<test::world>()}, clock_{start_of_day} {
  world_->now = [this] { return clock_.now(); };
  register_types();
  config_ = std::make_unique<caf::actor_system_config>();
  set_scheduling(*config_, 2);
  system_ = std::make_unique<caf::actor_system>(*config_);
  region_ = system_->spawn(region_behavior, world_);
  keys_ = new_keys();
  options.port = 0;
  options.passwords = {1, 8192};
  options.trust_unknown_callers = trusts_unknown_callers;
  auto problem = [w = world_]() -> std::optional<std::string> {
    std::lock_guard lock{w->mutex};
    if (w->is_store_away) return "the database can't be reached";
    return std::nullopt;
  };
  auto read_cluster = [w = world_]() -> result_of<cluster_view> {
    std::lock_guard lock{w->mutex};
    if (w->is_store_away) return tl::unexpected{errc::unavailable};
    return w->cluster;
  };
  auto drain = [w = world_](const start_draining& what) { return w->drain(what); };
  auto make_reader = [w = world_] { return std::make_unique<memory_reader>(w); };
  services_ = std::make_unique<edge_services>(edge_services{
      *system_, region_, clock_, wall_, make_reader, problem, keys_, read_cluster, drain,
      [w = world_] { return make_identity(w); }, [w = world_] { return make_archive(w); }, "secret",
      [w = world_] { return make_promotions(w); }});
  front_ = std::make_unique<edge>(std::move(options), *services_);
  front_->start();
}

platform::~platform() {
  front_.reset();
  {
    std::lock_guard lock{world_->mutex};
    for (auto& [id, actor] : world_->partner_actors) caf::anon_send(actor, stop{});
    world_->partner_actors.clear();
    world_->subscribers.clear();
    world_->phones.clear();
    world_->told.clear();
  }
  caf::anon_send(region_, stop{});
  services_.reset();
  region_ = nullptr;
  system_.reset();
}

std::string platform::token(user_role role, uuid who, std::chrono::seconds lifetime) {
  return keys_->sign({user_id{who}, role}, std::chrono::system_clock::now(), lifetime).value();
}

void platform::advance(duration by) { clock_.advance(by); }

shop platform::add_restaurant() {
  shop made;
  made.id = restaurant_id::make(clock_.now());
  made.version = 3;
  made.profile.owner = user_id::make(clock_.now());
  made.profile.name = "Annapurna";
  made.profile.where = {"1 Market Road", {18.52, 73.85}};
  made.verification = verification_status::active;
  made.status = restaurant_status::online;
  for (auto [name, price] : {std::pair{"Thali", 17'500}, std::pair{"Lassi", 6'050}})
    made.menu.push_back({item_id::make(clock_.now()), name, "", "", food_type::veg, {price}, currency::INR});
  menu offered;
  offered.items = made.menu;
  std::lock_guard lock{world_->mutex};
  world_->restaurants[made.id] = {made, std::move(offered)};
  return made;
}

order platform::add_order(user_id customer, const restaurant& of) {
  order made;
  made.id = make_order_id(clock_.now(), of.id);
  made.status = order_status::pending_restaurant_acceptance;
  made.customer = customer;
  made.restaurant = of.id;
  made.restaurant_name = of.profile.name;
  made.dropoff = {"2 Lake Street", {18.53, 73.86}};
  made.pin = "4711";
  made.note = "ring twice";
  made.placed_at = clock_.now();
  made.zone = zone_of_tests;
  {
    std::lock_guard lock{world_->mutex};
    world_->orders[made.id] = made;
  }
  order_placed placed;
  placed.customer = customer;
  placed.restaurant = of.id;
  placed.restaurant_name = of.profile.name;
  placed.dropoff = made.dropoff;
  placed.pin = made.pin;
  placed.note = made.note;
  happen(made.id, placed);
  std::lock_guard lock{world_->mutex};
  return world_->orders[made.id];
}

void platform::happen(order_id which, order_event what, bool is_published) {
  std::lock_guard lock{world_->mutex};
  auto& state = world_->orders[which];
  auto encoded = encode(what);
  auto& history = world_->journal[ref(which)];
  auto position = ++world_->position;
  history.push_back({ref(which),
                     history.size() + 1,
                     position,
                     {std::string{encoded.type}, encoded.version, encoded.payload},
                     clock_.now()});
  state.version = history.size();
  if (!is_published) return;
  published event{ref(which), state.version, position, clock_.now(), any_event{what}};
  for (const auto& each : world_->subscribers[ref(which)]) caf::anon_send(each, event);
  for (const auto& each : world_->subscribers[ref(state.restaurant)])
    caf::anon_send(each, order_changed{state, {event}});
}

void platform::end_partner(partner_id who) {
  std::lock_guard lock{world_->mutex};
  caf::anon_send(std::exchange(world_->partner_actors[who], nullptr), stop{});
}

}  // namespace dabba::test
