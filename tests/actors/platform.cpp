#include "tests/actors/platform.hpp"

#include <caf/send.hpp>
#include <caf/typed_event_based_actor.hpp>

#include "actors/lone_node.hpp"
#include "actors/scheduling.hpp"
#include "protocols/errors.hpp"

namespace dabba::testing {

session_actor::behavior_type take_notes(session_actor::pointer self, const std::shared_ptr<inbox>& in) {
  (void)self;
  return {
      [in](const published& x) { in->put(x); },
      [in](const carrier_moved& x) { in->put(x); },
      [in](const order_changed& x) { in->put(x); },
      [in](const make_offer& x) { in->put(x); },
      [in](const withdraw_offer& x) { in->put(x); },
      [in](const city_update& x) { in->put(x); },
      [in](replaced x) { in->put(x); },
      [in](const publishing& x) { in->put(x); },
  };
}

caf::actor_system_config& platform::configure(caf::actor_system_config& config) {
  set_scheduling(config, 2);
  return config;
}

platform::platform(std::shared_ptr<memory_store> store, std::shared_ptr<manual_clock> time, platform_options options)
    : store_{std::move(store)},
      time_{time ? std::move(time) : std::make_shared<manual_clock>()},
      system_{configure(config_)},
      baseline_{system_.registry().running()} {
  auto node = std::make_shared<node_context>();
  node->self = node_id::make(real_now());
  node->lease = endless_lease();
  node->time = time_;
  node->orders = options.orders;
  node->dispatch = options.dispatch;
  node->pricing = options.pricing;
  node->shard_count = options.shards;
  node->journals.push_back(spawn_journal(system_, [s = store_] { return s->make_writer(); }));
  node->readers.push_back(spawn_reader(system_, [s = store_] { return s->make_reader(); }));
  node->cluster = spawn_cluster(
      system_, [s = store_] { return s->make_cluster(); }, node->self);
  node_ = std::move(node);
  region_ = spawn_region(system_, node_, {.ticks = false, .dialer = {}});
  caf::anon_send(region_, lone_view(node_->self, store_->take_all_shards()));
}

platform::~platform() {
  store_->release();
  caf::anon_send(region_, stop{});
  region_ = nullptr;
  node_ = nullptr;
  bool all_ended = eventually([this] { return running_actors() == baseline_; });
  if (!all_ended) system_.await_actors_before_shutdown(false);
  CHECK(all_ended);
  for (const auto& problem : store_->problems()) FAIL_CHECK(problem);
}

result_of<reply> platform::ask(const entity_ref& to, routed body) {
  auto answers = ask_all({{to, std::move(body)}});
  return std::move(answers.front());
}

std::vector<result_of<reply>> platform::ask_all(std::vector<std::pair<entity_ref, routed>> what,
                                                const std::function<void()>& meanwhile) {
  caf::scoped_actor self{system_};
  using handle = decltype(self->request(region_, patience, std::declval<envelope>()));
  std::vector<handle> open;
  open.reserve(what.size());
  for (auto& [to, body] : what) open.push_back(self->request(region_, patience, envelope{to, 0, 0, std::move(body)}));
  meanwhile();
  std::vector<result_of<reply>> out;
  out.reserve(open.size());
  for (auto& one : open)
    one.receive([&](reply& x) { out.emplace_back(std::move(x)); },
                [&](const caf::error& why) { out.emplace_back(tl::unexpected{to_errc(why)}); });
  return out;
}

void platform::tell(const entity_ref& to, routed body) { caf::anon_send(region_, envelope{to, 0, 0, std::move(body)}); }

place_order platform::order_from_kitchen() const {
  auto out = samples::place();
  out.zone = zone_at(out.pickup);
  return out;
}

std::pair<entity_ref, routed> platform::request(order_id to, order_command what, command_meta meta) {
  return {ref(to), order_request{std::move(meta), to, std::move(what)}};
}
std::pair<entity_ref, routed> platform::request(partner_id to, partner_command what, command_meta meta) {
  return {ref(to), partner_request{std::move(meta), to, std::move(what)}};
}

result_of<reply> platform::command(order_id to, order_command what, command_meta meta) {
  return ask(ref(to), order_request{std::move(meta), to, std::move(what)});
}
result_of<reply> platform::command(partner_id to, partner_command what, command_meta meta) {
  return ask(ref(to), partner_request{std::move(meta), to, std::move(what)});
}
result_of<reply> platform::command(restaurant_id to, restaurant_command what, command_meta meta) {
  return ask(ref(to), restaurant_request{std::move(meta), to, std::move(what)});
}

order platform::read(order_id x) { return expect<order>(ask(ref(x), read_state{})); }
partner platform::read(partner_id x) { return expect<partner>(ask(ref(x), read_state{})); }

search_record platform::read_search_of(order_id x) {
  return expect<search_record>(ask(matchmaker_ref(zone_at(samples::kitchen)), read_search{x}));
}

void platform::open_restaurant() {
  restaurant_profile profile{
      samples::nth<user_id>(9), "Vidyarthi Bhavan", "", {"32, Gandhi Bazaar", samples::kitchen}, {}, "L1", ""};
  expect<restaurant>(command(the_restaurant, register_restaurant{profile}));
  expect<restaurant>(command(the_restaurant, verify_restaurant{verification_decision::approve, ""}));
  expect<restaurant>(command(the_restaurant, set_restaurant_status{restaurant_status::online}));
}

order_id platform::searching_order() {
  auto id = new_order_id();
  expect<order>(command(id, order_from_kitchen()));
  expect<order>(command(id, accept_order{12}));
  return id;
}

session platform::online_partner(partner_id who, double metres_north) {
  auto phone = open_session();
  expect<done>(ask(ref(who), attach{phone.actor}));
  expect<partner>(command(who, go_online{samples::north_of(samples::kitchen, metres_north), {}}));
  report_position(who, samples::north_of(samples::kitchen, metres_north));
  return phone;
}

void platform::report_position(partner_id who, geo_point at) {
  tell(ref(who), locations{{location{at, now(), {}, {}, {}}}});
}

bool platform::matchmaker_counts_online(std::size_t partners) {
  // The board hears of partners from the matchmaker, every fifth tick.
  return ticking_until([&] {
    std::uint64_t online = 0;
    for (const auto& zone : zones().zones) online += zone.partners_online;
    return online == partners;
  });
}

zone_list platform::zones() {
  caf::scoped_actor self{system_};
  zone_list out;
  self->request(region_, patience, list_zones{})
      .receive([&](zone_list& x) { out = std::move(x); }, [](const caf::error&) {});
  return out;
}

session spawn_session(caf::actor_system& system) {
  session out;
  out.actor = system.spawn(take_notes, out.in);
  // CAF tells the latest watcher first: this one, which comes before all others, hears last.
  caf::actor_cast<caf::actor>(out.actor)->attach_functor([ended = out.ended] { *ended = true; });
  return out;
}

session platform::open_session() { return spawn_session(system_); }

void platform::close(session& x) {
  caf::anon_send_exit(x.actor, caf::exit_reason::user_shutdown);
  x.actor = nullptr;
  CHECK(eventually([&] { return x.ended->load(); }));
}

void platform::advance(duration by) {
  time_->advance(by);
  tick();
}

void platform::kill_matchmaker() {
  caf::scoped_actor self{system_};
  self->request(region_, patience, locate_matchmaker{zone_at(samples::kitchen)})
      .receive(
          [&](const matchmaker_actor& x) {
            self->monitor(x);
            self->send_exit(x, caf::exit_reason::kill);
            self->receive([](const caf::down_msg&) {});
          },
          [](const caf::error& why) { FAIL(to_string(why)); });
}

}  // namespace dabba::testing
