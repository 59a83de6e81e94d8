#include "actors/store_actors.hpp"

#include <caf/actor_system.hpp>
#include <caf/init_global_meta_objects.hpp>
#include <caf/stateful_actor.hpp>
#include <caf/typed_event_based_actor.hpp>
#include <deque>
#include <map>

#include "actors/cluster_metrics.hpp"
#include "protocols/model/limits.hpp"

namespace dabba {
namespace {

struct journal_state {
  static inline const char* name = "dabba.journal";

  using steady = std::chrono::steady_clock;

  struct waiting {
    append what;
    caf::typed_response_promise<appended> promise;
  };

  journal_state(journal_actor::pointer self, writer_factory make)
      : self{self}, writer{make()}, counted{self->system().metrics()} {}

  journal_actor::behavior_type make_behavior() {
    return {
        [this](append& what) { return enqueue(std::move(what)); },
        [this](const own_shard& x) { writer->own(x.shard, x.epoch); },
        [this](const disown_shard& x) { writer->disown(x.shard); },
        [this](flush) { write(); },
        [this](stop) { end(); },
    };
  }

  caf::result<appended> enqueue(append&& what) {
    if (queue.size() >= limits::queued_commands) return caf::make_error(errc::overloaded);
    auto promise = self->make_response_promise<appended>();
    queue.push_back({std::move(what), promise});
    counted.queue->inc();
    // The flush goes behind whatever is in the mailbox by now: all of that joins the group.
    if (!flush_sent) {
      flush_sent = true;
      self->send(self, flush{});
    }
    return promise;
  }

  void write() {
    flush_sent = false;
    auto count = std::min(queue.size(), limits::commands_per_batch);
    std::vector<append> batch;
    batch.reserve(count);
    for (std::size_t i = 0; i < count; ++i) batch.push_back(std::move(queue[i].what));
    auto began = steady::now();
    auto results = writer->write(batch);
    auto ended = steady::now();
    counted.batch_time->observe(std::chrono::duration<double>{ended - began}.count());
    std::vector<waiting> kept;
    for (std::size_t i = 0; i < count; ++i) {
      auto& promise = queue[i].promise;
      // Whatever it says, the first of a group has its answer: every group ends for somebody.
      if (i > 0 && may_go_on_waiting(results[i], batch[i].since, ended))
        kept.push_back({std::move(batch[i]), std::move(promise)});
      else
        answer(batch[i], promise, results[i], ended);
    }
    counted.queue->dec(static_cast<std::int64_t>(count - kept.size()));
    queue.erase(queue.begin(), queue.begin() + static_cast<std::ptrdiff_t>(count));
    queue.insert(queue.begin(), std::make_move_iterator(kept.begin()), std::make_move_iterator(kept.end()));
    if (!queue.empty()) {
      flush_sent = true;
      self->send(self, flush{});
    }
  }

  /// A group ends with the patience of its oldest; whoever came later has some left. What ends within a tick ends now,
  /// or there would be a group for each of them.
  static bool may_go_on_waiting(const result_of<appended>& result, steady::time_point since, steady::time_point now) {
    return result == tl::unexpected{errc::unavailable} && now + limits::tick_interval < since + limits::store_patience;
  }

  void answer(const append& what, caf::typed_response_promise<appended>& promise, const result_of<appended>& result,
              steady::time_point now) {
    count_write(what.shard, result, now - what.since);
    if (result)
      promise.deliver(*result);
    else
      promise.deliver(caf::make_error(result.error()));
  }

  void count_write(shard_id shard, const result_of<appended>& result, steady::duration took) {
    if (!result) return counted.failures[dabba::name(result.error())].inc();
    auto [found, is_new] = by_shard.try_emplace(shard);
    if (is_new) {
      auto label = std::to_string(shard.value);
      found->second = {&counted.writes[label], &counted.write_time[label]};
    }
    found->second.count->inc();
    found->second.seconds->inc(std::chrono::duration<double>{took}.count());
  }

  void end() {
    while (!queue.empty()) write();
    self->quit();
  }

  struct shard_counters {
    caf::telemetry::int_counter* count = nullptr;
    caf::telemetry::dbl_counter* seconds = nullptr;
  };

  journal_actor::pointer self;
  std::unique_ptr<journal_writer> writer;
  journal_metrics counted;
  std::map<shard_id, shard_counters> by_shard;
  std::deque<waiting> queue;
  bool flush_sent = false;
};

struct reader_state {
  static inline const char* name = "dabba.reader";

  reader_state(reader_actor::pointer self, reader_factory make) : self{self}, reader{make()} {}

  reader_actor::behavior_type make_behavior() {
    return {
        [this](load_open x) -> caf::result<loaded_heads> {
          return answer<loaded_heads>(asked(x).open_entities(x.shard));
        },
        [this](const load_entity& x) -> caf::result<loaded_entity> {
          return answer<loaded_entity>(asked(x).load(x.entity));
        },
        [this](const load_summary& x) -> caf::result<zone_summary> {
          return answer<zone_summary>(asked(x).summary(x.zone, x.ended_since));
        },
        [this](const load_feed& x) -> caf::result<loaded_feed> {
          return answer<loaded_feed>(asked(x).feed_position(x.restaurant, x.shard));
        },
        [this](stop) { self->quit(); },
    };
  }

  template <class Question>
  entity_reader& asked(const Question& x) {
    reader->asked_at(x.since);
    return *reader;
  }

  template <class Answer, class Found>
  static caf::result<Answer> answer(result_of<Found>&& found) {
    if (!found) return caf::make_error(found.error());
    return Answer{std::move(*found)};
  }

  reader_actor::pointer self;
  std::unique_ptr<entity_reader> reader;
};

struct cluster_state {
  static inline const char* name = "dabba.cluster";

  cluster_state(cluster_actor::pointer self, cluster_factory make, node_id node)
      : self{self}, node{node}, tables{make()} {}

  cluster_actor::behavior_type make_behavior() {
    return {
        [this](retake_shard x) -> caf::result<retaken_shard> {
          auto taken = tables->retake(node, x.shard);
          if (!taken) return caf::make_error(taken.error());
          return retaken_shard{*taken};
        },
        [this](forget_answers x) { forget(x.before); },
        [this](stop) { self->quit(); },
    };
  }

  /// In steps, so that no statement takes long; what is left after so many, or when the store is away, goes next time.
  void forget(instant before) {
    constexpr int steps = 20;
    for (int i = 0; i < steps; ++i)
      if (tables->forget_answers(before).value_or(0) == 0) return;
  }

  cluster_actor::pointer self;
  node_id node;
  std::unique_ptr<cluster_store> tables;
};

}  // namespace

cluster_actor spawn_cluster(caf::actor_system& system, cluster_factory make, node_id self) {
  return system.spawn<cluster_actor::stateful_impl<cluster_state>, caf::detached>(std::move(make), self);
}

journal_actor spawn_journal(caf::actor_system& system, writer_factory make) {
  return system.spawn<journal_actor::stateful_impl<journal_state>, caf::detached>(std::move(make));
}

reader_actor spawn_reader(caf::actor_system& system, reader_factory make) {
  return system.spawn<reader_actor::stateful_impl<reader_state>, caf::detached>(std::move(make));
}

void register_store_types() { caf::init_global_meta_objects<caf::id_block::dabba_store>(); }

}  // namespace dabba
