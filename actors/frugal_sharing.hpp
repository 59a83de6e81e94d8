/// A scheduling policy for CAF: all workers share one queue, and a worker keeps the first actor that its own work made
/// ready for itself. A message that goes from actor to actor then stays on one processor, and no thread is woken for
/// it; at low load that is most of what a node does. Why: docs/adr/0005-workers-share-one-queue.md.
#pragma once

#include <atomic>
#include <caf/policy/unprofiled.hpp>
#include <caf/resumable.hpp>
#include <condition_variable>
#include <deque>
#include <mutex>

namespace dabba {

class frugal_sharing : public caf::policy::unprofiled {
 public:
  /// What a worker runs next; others may take it before they go to sleep.
  using slot = std::atomic<caf::resumable*>;

  struct coordinator_data {
    explicit coordinator_data(caf::scheduler::abstract_coordinator*) {}

    std::mutex mutex;
    std::condition_variable work_is_there;
    std::deque<caf::resumable*> queue;
    std::deque<slot> slots;  ///< one for each worker that has started
    std::size_t idle = 0;    ///< workers that sleep, those that are being woken included
    std::size_t waking = 0;  ///< at most one: whoever wakes up looks if there is work for another
  };
  struct worker_data {
    explicit worker_data(caf::scheduler::abstract_coordinator*) {}
  };

  template <class Coordinator>
  void central_enqueue(Coordinator* self, caf::resumable* job) {
    // Most messages are sent without saying by whom, also by actors: the thread tells.
    auto& mine = this_thread();
    caf::resumable* nothing = nullptr;
    if (mine.of != &d(self) || !mine.next->compare_exchange_strong(nothing, job)) push(d(self), job);
  }
  template <class Worker>
  void external_enqueue(Worker* self, caf::resumable* job) {
    push(d(self->parent()), job);
  }
  template <class Worker>
  void internal_enqueue(Worker* self, caf::resumable* job) {
    central_enqueue(self->parent(), job);
  }
  /// The actor has more to do, and has had its turn.
  template <class Worker>
  void resume_job_later(Worker* self, caf::resumable* job) {
    push(d(self->parent()), job);
  }

  template <class Worker>
  caf::resumable* dequeue(Worker* self) {
    auto& data = d(self->parent());
    auto& mine = this_thread();
    if (mine.of != &data) mine = enrol(data);
    if (mine.in_a_row < kept_in_a_row) {
      if (auto* job = mine.next->exchange(nullptr)) {
        ++mine.in_a_row;
        return job;
      }
    }
    mine.in_a_row = 0;
    return take(data, *mine.next);
  }

  template <class Worker>
  void before_shutdown(Worker* self) {
    auto& mine = this_thread();
    if (auto* job = mine.next->exchange(nullptr)) push(d(self->parent()), job);
    mine = {};
  }
  template <class Worker, class Function>
  void foreach_resumable(Worker*, Function) {}
  template <class Coordinator, class Function>
  void foreach_central_resumable(Coordinator* self, Function f) {
    auto& data = d(self);
    std::unique_lock guard{data.mutex};
    while (auto* job = pop(data)) {
      guard.unlock();
      f(job);  // may make others ready
      guard.lock();
    }
  }

 private:
  /// So many times a worker prefers what it has made ready itself; then those in the queue get their turn.
  static constexpr int kept_in_a_row = 8;

  struct worker_thread {
    coordinator_data* of = nullptr;  ///< null: this thread is no worker
    slot* next = nullptr;
    int in_a_row = 0;
  };
  static worker_thread& this_thread() {
    static thread_local worker_thread it;
    return it;
  }

  static worker_thread enrol(coordinator_data& data) {
    std::scoped_lock guard{data.mutex};
    return {&data, &data.slots.emplace_back(nullptr), 0};
  }

  static void push(coordinator_data& data, caf::resumable* job) {
    std::unique_lock guard{data.mutex};
    data.queue.push_back(job);
    wake_another(data, guard);
  }

  /// Releases the lock: whoever wakes up needs it.
  static void wake_another(coordinator_data& data, std::unique_lock<std::mutex>& guard) {
    bool is_needed = !data.queue.empty() && data.idle > 0 && data.waking == 0;
    if (is_needed) ++data.waking;
    guard.unlock();
    if (is_needed) data.work_is_there.notify_one();
  }

  /// From the queue, or from another worker's slot; waits for work.
  static caf::resumable* take(coordinator_data& data, slot& mine) {
    std::unique_lock guard{data.mutex};
    if (auto* kept = mine.exchange(nullptr)) data.queue.push_back(kept);
    for (;;) {
      if (auto* job = pop(data)) {
        wake_another(data, guard);
        return job;
      }
      ++data.idle;
      data.work_is_there.wait(guard, [&] { return data.waking > 0; });
      --data.idle;
      --data.waking;
    }
  }

  static caf::resumable* pop(coordinator_data& data) {
    if (!data.queue.empty()) {
      auto* job = data.queue.front();
      data.queue.pop_front();
      return job;
    }
    for (auto& other : data.slots)
      if (auto* job = other.exchange(nullptr)) return job;
    return nullptr;
  }
};

}  // namespace dabba
