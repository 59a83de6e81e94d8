/// One subscription: everything after a sequence number, from the journal and then as it happens, each event once and
/// in order. The journal has every event before it is published, so what is published may be lost or come early.
#pragma once

#include <deque>
#include <memory>
#include <optional>

#include "http-edge/core.hpp"

namespace dabba::http {

/// An event of a topic; `seq` counts in the topic.
struct topic_event {
  std::uint64_t seq = 0;
  entity_ref entity;
  instant at;
  any_event event;
};

/// Who reads a topic.
struct viewer {
  audience to = audience::everybody;
  /// Set: reads as the order's partner, until an event after `version` says that the order was taken from it.
  std::optional<partner_id> carrier{};
  std::uint64_t version = 0;
};
/// A reader of the order, who is `to` in its present state.
viewer viewer_of(const order& x, audience to);

class topic_follower;

/// Where a topic's events go. Called on the executor of the socket.
class topic_sink {
 public:
  virtual ~topic_sink() = default;
  /// Does not call back into the topic.
  virtual void emit(const topic_follower& from, const topic_event& what) = 0;
  /// The reader may see nothing after what was emitted: the topic has closed.
  virtual void lost(const topic_follower& from) = 0;
  /// Waits until a page of events can be taken; false when the socket is going.
  virtual asio::awaitable<bool> room() = 0;
};

/// Used on one executor only.
class topic_follower : public std::enable_shared_from_this<topic_follower> {
 public:
  enum class kind : std::uint8_t { order, restaurant_feed, partner };

  topic_follower(core& shared, asio::any_io_executor executor, session_actor subscriber,
                 std::shared_ptr<topic_sink> sink, kind what, entity_ref entity, viewer reader);

  /// Subscribes, and gives the topic's current sequence number. Nothing is emitted before `go`. `resume_point_lost`
  /// when no event has the number `since`, nor a higher one.
  asio::awaitable<outcome_of<std::uint64_t>> open(std::optional<std::uint64_t> since);
  /// Emits from here on.
  void go();
  /// Subscribes once more, in case the entity's actor was started anew, and catches up when that shows a gap.
  void refresh();
  /// An event of the entity was published.
  void on_published(const published& what);
  /// Events of the restaurant's orders were published. They are read from the journal: orders publish each on their
  /// own, so their events may arrive in another order than their positions.
  void on_feed(const order_changed& what);
  /// Ends the subscription; emits nothing more.
  void close();

  [[nodiscard]] kind what() const noexcept { return kind_; }
  [[nodiscard]] const entity_ref& entity() const noexcept { return entity_; }
  [[nodiscard]] audience to() const noexcept { return reader_.to; }
  [[nodiscard]] bool is_open() const noexcept { return is_open_; }
  /// True when the reader may see where this order's partner is.
  [[nodiscard]] bool shows(const carrier_moved& what) const noexcept;

 private:
  [[nodiscard]] subscribe subscription() const;
  asio::awaitable<void> pump();
  /// Subscribes until it is done, as often as that is due.
  asio::awaitable<void> check();
  /// False when it is to be tried again.
  asio::awaitable<bool> subscribe_again();
  void start_pump();
  /// Emits the published events that follow the last one.
  void take_pending();
  asio::awaitable<result_of<std::vector<stored_event>>> read_page(std::uint64_t since, std::size_t most);
  asio::awaitable<errc> check_resume_point(std::uint64_t since);
  /// False when that ended the topic.
  bool show(const topic_event& what);
  /// False when the page can't be shown, or no more after it.
  bool emit_page(const std::vector<stored_event>& page);

  core& shared_;
  asio::any_io_executor executor_;
  session_actor subscriber_;
  std::shared_ptr<topic_sink> sink_;
  kind kind_;
  entity_ref entity_;
  viewer reader_;

  std::uint64_t last_ = 0;    ///< emitted
  std::uint64_t target_ = 0;  ///< known to be in the journal
  std::deque<topic_event> pending_;
  bool is_open_ = true;
  bool may_emit_ = false;
  bool is_pumping_ = false;
  bool is_checking_ = false;
  bool is_check_due_ = false;
  /// A restaurant that has not passed anything on yet can't say where its feed is: it goes on with the next event.
  bool starts_at_first_ = false;
};

}  // namespace dabba::http
