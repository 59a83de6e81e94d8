#include "tests/actors/two_nodes.hpp"

#include <caf/send.hpp>
#include <caf/typed_event_based_actor.hpp>

#include "actors/scheduling.hpp"
#include "protocols/errors.hpp"

namespace dabba::testing {

caf::actor_system_config& cluster_node::configure(caf::actor_system_config& config) {
  set_scheduling(config, 2);
  load_cluster_modules(config, std::nullopt);
  return config;
}

cluster_node::cluster_node(std::shared_ptr<memory_store> store, std::shared_ptr<manual_clock> time,
                           std::uint16_t shards)
    : system_{configure(config_)}, node_{std::make_shared<node_context>()} {
  lease_->keep_for_ever();
  node_->self = node_id::make(real_now());
  node_->lease = lease_;
  node_->time = std::move(time);
  node_->shard_count = shards;
  node_->journals.push_back(spawn_journal(system_, [store] { return store->make_writer(); }));
  node_->readers.push_back(spawn_reader(system_, [store] { return store->make_reader(); }));
  node_->cluster = spawn_cluster(
      system_, [store] { return store->make_cluster(); }, node_->self);
  dialer_ = spawn_dialer(system_, false, [](const std::string&) {});
  region_ = spawn_region(system_, node_, {true, dialer_});
  auto port = open_cluster_port(system_, region_, {"127.0.0.1", 0}, false);
  REQUIRE(port);
  port_ = *port;
}

cluster_node::~cluster_node() {
  caf::scoped_actor self{system_};
  // Those the other node knows stay until they are told to end.
  for (const auto& each : sessions_) caf::anon_send_exit(each, caf::exit_reason::user_shutdown);
  sessions_.clear();
  auto end = [&](const auto& actor) {
    self->monitor(actor);
    caf::anon_send(actor, stop{});
    bool has_ended = false;
    self->receive([&](const caf::down_msg&) { has_ended = true; }, caf::after(patience) >> [] {});
    CHECK(has_ended);
  };
  end(region_);
  end(node_->journals.front());
  end(node_->readers.front());
  end(node_->cluster);
  end(dialer_);
}

result_of<reply> cluster_node::ask(const entity_ref& to, routed body) {
  caf::scoped_actor self{system_};
  result_of<reply> out = tl::unexpected{errc::internal};
  self->request(region_, patience, envelope{to, 0, 0, std::move(body)})
      .receive(
          [&](reply& x) { out = std::move(x); }, [&](const caf::error& why) { out = tl::unexpected{to_errc(why)}; });
  return out;
}

session cluster_node::open_session() {
  auto out = spawn_session(system_);
  sessions_.push_back(out.actor);
  return out;
}

two_nodes::two_nodes(std::uint16_t shards) : store_{make_store(shards)} {
  first_ = std::make_unique<cluster_node>(store_, time_, shards);
  second_ = std::make_unique<cluster_node>(store_, time_, shards);
  for (const auto& owned : store_->take_all_shards())
    view_.shards.push_back(
        {owned.id, owned.id.value % 2 == 0 ? first_->id() : second_->id(), owned.epoch, shard_state::owned, {}});
  for (auto* each : {first_.get(), second_.get()}) {
    node_row row;
    row.id = each->id();
    row.state = node_state::up;
    row.host = "127.0.0.1";
    row.cluster_port = each->port();
    row.started_at = {static_cast<std::int64_t>(view_.nodes.size())};
    view_.nodes.push_back(row);
  }
  ++view_.version;
  tell_first();
  tell_second();
}

two_nodes::~two_nodes() {
  second_.reset();
  first_.reset();
  for (const auto& problem : store_->problems()) FAIL_CHECK(problem);
}

void two_nodes::move(const std::vector<shard_id>& shards, node_id to) {
  for (auto shard : shards) {
    view_.shards[shard.value].owner = to;
    view_.shards[shard.value].epoch = store_->retake(shard).epoch;
  }
  ++view_.version;
}

void two_nodes::give(const std::vector<shard_id>& shards, node_id to) {
  move(shards, to);
  tell_first();
  if (second_) tell_second();
}

void two_nodes::lose_second() {
  auto gone = second_->id();
  second_.reset();
  give_to_first(gone);
}

void two_nodes::disown_second() { give_to_first(second_->id()); }

void two_nodes::give_to_first(node_id gone) {
  std::erase_if(view_.nodes, [&](const node_row& x) { return x.id == gone; });
  std::vector<shard_id> orphans;
  for (const auto& row : view_.shards)
    if (row.owner == gone) orphans.push_back(row.id);
  move(orphans, first_->id());
  tell_first();
}

restaurant_id two_nodes::open_restaurant(shard_id in) {
  restaurant_id id;
  do id = restaurant_id::make(real_now());
  while (shard_of(id.value, static_cast<std::uint16_t>(view_.shards.size())) != in);
  restaurant_profile profile{
      samples::nth<user_id>(9), "Vidyarthi Bhavan", "", {"32, Gandhi Bazaar", samples::kitchen}, {}, to_string(id), ""};
  for (restaurant_command step : std::vector<restaurant_command>{
           register_restaurant{profile}, verify_restaurant{verification_decision::approve, ""},
           set_restaurant_status{restaurant_status::online}})
    REQUIRE(eventually([&] { return first().ask(ref(id), restaurant_request{fresh(), id, step}).has_value(); }));
  return id;
}

place_order two_nodes::order_from(restaurant_id of) const {
  auto out = samples::place();
  out.restaurant = of;
  out.zone = zone_at(out.pickup);
  return out;
}

}  // namespace dabba::testing
