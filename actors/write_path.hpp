/// What every durable entity does the same: one write in flight, the other commands in line behind it, subscribers told
/// after the commit.
#pragma once

#include <caf/send.hpp>
#include <caf/typed_response_promise.hpp>
#include <deque>
#include <functional>

#include "actors/node.hpp"
#include "protocols/codec.hpp"
#include "protocols/errors.hpp"
#include "protocols/model/limits.hpp"
#include "protocols/watched_actors.hpp"

namespace dabba {

/// Commands in line. A task runs at once unless a write is in flight; it may begin one.
class write_line {
 public:
  using task = std::function<void()>;

  /// False when the line is full: the command is to be refused as overloaded.
  template <class Task>
  bool run(Task&& next) {
    if (!busy_ && line_.empty()) {
      next();
      return true;
    }
    if (line_.size() >= limits::stashed_commands) return false;
    line_.emplace_back(std::forward<Task>(next));
    return true;
  }

  void begin() noexcept { busy_ = true; }

  /// The write ended: runs what waited, up to and including the task that begins the next write.
  void end() {
    busy_ = false;
    while (!busy_ && !line_.empty()) {
      auto next = std::move(line_.front());
      line_.pop_front();
      next();
    }
  }

  [[nodiscard]] bool is_writing() const noexcept { return busy_; }
  [[nodiscard]] bool is_idle() const noexcept { return !busy_ && line_.empty(); }

 private:
  bool busy_ = false;
  std::deque<task> line_;
};

/// Ends the actor after the commands that are in line.
template <class Self>
void end_in_line(Self* self, write_line& line) {
  if (!line.run([self] { self->quit(); })) self->quit();
}

/// True when the entity's memory can no longer be trusted to match the store: it ends, and is loaded anew when next
/// asked for.
constexpr bool must_reload(errc why) noexcept {
  return why == errc::moved || why == errc::stale_version || why == errc::outcome_unknown ||
         why == errc::deadline_exceeded || why == errc::internal;
}

/// True when nothing is wrong with the command itself: the same again, under the same id, may succeed.
constexpr bool may_be_repeated(errc why) noexcept {
  return why == errc::overloaded || why == errc::unavailable || why == errc::deadline_exceeded || why == errc::moved ||
         why == errc::outcome_unknown;
}

/// What the caller is told of a write that failed. A guard that found another version in the store means that this
/// actor was behind, not the caller.
constexpr errc told_to_caller(errc why) noexcept { return why == errc::stale_version ? errc::unavailable : why; }

/// The actor's memory is not what the store has: whoever asks next loads it anew.
template <class Self, class Refused>
void end_as(Self* self, errc why, Refused& refused) {
  refused(told_to_caller(why));
  self->quit(caf::make_error(why));
}

/// Writes `row`, and then calls `committed` with its position, or `refused` with what the caller is to be told: `none`
/// for a command that took effect long ago and is in the entity's state. The line goes on after that, or the actor ends
/// when its memory may differ from the store.
template <class Self, class Committed, class Refused>
void commit(Self* self, const shard_context& shard, write_line& line, append&& row, Committed committed,
            Refused refused) {
  line.begin();
  auto version = row.first_seq - 1;
  // Without a timer of CAF's: the journal always answers, within times of its own, and a timer for each write costs
  // more than any other step of it.
  self->request(shard.node->journal_of(shard.id), caf::infinite, std::move(row))
      .then(
          [self, &line, version, committed = std::move(committed), refused](appended where) mutable {
            if (!where.repeat_of)
              committed(where.first_position);
            else if (*where.repeat_of <= version)
              refused(errc::none);
            else
              return end_as(self, errc::stale_version, refused);
            line.end();
          },
          [self, &line, refused](const caf::error& error) mutable {
            auto why = to_errc(error);
            if (must_reload(why)) return end_as(self, why, refused);
            refused(why);
            line.end();
          });
}

template <class Event>
std::vector<event_record> to_records(const std::vector<Event>& events) {
  std::vector<event_record> out;
  out.reserve(events.size());
  for (const auto& event : events) {
    auto encoded = encode(event);
    out.push_back({std::string{encoded.type}, encoded.version, std::move(encoded.payload)});
  }
  return out;
}

/// What the rows of all entities have alike; whoever asks adds the rest.
template <class Event>
append begin_row(const shard_context& shard, const entity_ref& entity, std::uint64_t version, const command_meta& meta,
                 const std::vector<Event>& events, instant now) {
  append out;
  out.shard = shard.id;
  out.epoch = shard.epoch;
  out.entity = entity;
  out.first_seq = version + 1;
  out.command = meta.command;
  out.events = to_records(events);
  out.at = now;
  out.since = meta.since;
  return out;
}

/// `answer` is anything a reply can be.
template <class Answer>
std::optional<idempotent_answer> to_answer(const command_meta& meta, const Answer& answer) {
  if (!meta.idempotency) return std::nullopt;
  return idempotent_answer{
      meta.idempotency->caller, meta.idempotency->key, meta.idempotency->request_hash, encode(reply{answer})};
}

/// The sessions that are told of an entity's events: at most so many, and of them at most so many guests.
class subscriber_list {
 public:
  /// `watched` are those of the actor that keeps the list.
  explicit subscriber_list(watched_actors& watched, std::size_t most = limits::subscribers_per_entity,
                           std::size_t most_guests = limits::guests_per_entity) noexcept
      : watched_{watched}, most_{most}, most_guests_{most_guests} {}

  /// `overloaded` beyond the bounds. Adding one that is there already changes nothing. Either is told who publishes
  /// `what` to it, so that it can subscribe anew when this actor ends.
  template <class Self>
  errc add(Self* self, const region_actor& region, const entity_ref& what, const subscribe& x) {
    auto tell = [&] {
      tell_session(region, x.who, publishing{what, caf::actor_cast<caf::strong_actor_ptr>(self), false});
    };
    if (std::ranges::find(all_, x.who, &subscribe::who) != all_.end()) {
      tell();
      return errc::none;
    }
    auto guests = static_cast<std::size_t>(std::ranges::count(all_, true, &subscribe::is_guest));
    if (all_.size() >= most_ || (x.is_guest && guests >= most_guests_)) return errc::overloaded;
    watched_.add(self, x.who);
    all_.push_back(x);
    tell();
    return errc::none;
  }

  /// It is told that this actor publishes `what` to it no more.
  template <class Self>
  void remove(Self* self, const region_actor& region, const entity_ref& what, const session_actor& who) {
    if (std::erase_if(all_, [&](const subscribe& x) { return x.who == who; }) == 0) return;
    watched_.remove(self, who);
    tell_session(region, who, publishing{what, caf::actor_cast<caf::strong_actor_ptr>(self), true});
  }

  void remove(const caf::actor_addr& gone) {
    watched_.forget(gone);
    std::erase_if(all_, [&](const subscribe& x) { return x.who.address() == gone; });
  }

  /// One message for all that are on this node, and one for those of each other node.
  template <class Message>
  void tell(const region_actor& region, const Message& what) const {
    if (all_.empty()) return;
    auto shared = caf::make_message(what);
    std::vector<std::vector<session_actor>> elsewhere;
    for (const auto& x : all_) {
      if (x.who.node() == region.node())
        caf::anon_send(caf::actor_cast<caf::actor>(x.who), shared);
      else
        sessions_beside(x.who, elsewhere).push_back(x.who);
    }
    for (auto& sessions : elsewhere) caf::anon_send(region, session_news{std::move(sessions), what});
  }

  /// Of a city: the next update waits until each has been written, and the links have no part in that.
  void show_all_but(const session_actor& but, const city_update& what) const {
    if (all_.empty()) return;
    auto shared = caf::make_message(what);
    for (const auto& x : all_)
      if (x.who != but) caf::anon_send(caf::actor_cast<caf::actor>(x.who), shared);
  }

  [[nodiscard]] bool empty() const noexcept { return all_.empty(); }

 private:
  static std::vector<session_actor>& sessions_beside(const session_actor& x,
                                                     std::vector<std::vector<session_actor>>& by_node) {
    for (auto& sessions : by_node)
      if (sessions.front().node() == x.node()) return sessions;
    return by_node.emplace_back();
  }

  watched_actors& watched_;
  std::vector<subscribe> all_;
  std::size_t most_;
  std::size_t most_guests_;
};

}  // namespace dabba
