#include "http-edge/topic.hpp"

#include <spdlog/spdlog.h>
#include <algorithm>
#include <boost/asio/co_spawn.hpp>
#include <boost/asio/detached.hpp>
#include <boost/asio/redirect_error.hpp>
#include <boost/asio/steady_timer.hpp>
#include <utility>

#include "protocols/codec.hpp"
#include "protocols/model/limits.hpp"

namespace dabba::http {
namespace {

constexpr std::size_t page_events = 200;
/// Published events kept while the journal is read; beyond, they are read from there too.
constexpr std::size_t most_pending = 256;

/// True when the event takes an order from this partner; there is no other that does.
bool takes_away(const any_event& event, partner_id from) {
  const auto* of_order = std::get_if<order_event>(&event);
  const auto* released = of_order ? std::get_if<order_partner_released>(of_order) : nullptr;
  return released && released->partner == from;
}

/// Of a refusal: the same question may be answered in a while.
bool may_pass(errc why) {
  return why == errc::overloaded || why == errc::unavailable || why == errc::deadline_exceeded || why == errc::moved;
}

constexpr auto retry_after = std::chrono::milliseconds{300};

}  // namespace

viewer viewer_of(const order& x, audience to) {
  bool is_carrier = to == audience::partner && x.carried_by;
  return {to, is_carrier ? std::optional{x.carried_by->partner} : std::nullopt, x.version};
}

topic_follower::topic_follower(core& shared, asio::any_io_executor executor, session_actor subscriber,
                               std::shared_ptr<topic_sink> sink, kind what, entity_ref entity, viewer reader)
    : shared_{shared},
      executor_{std::move(executor)},
      subscriber_{std::move(subscriber)},
      sink_{std::move(sink)},
      kind_{what},
      entity_{entity},
      reader_{reader} {}

// Who reads what everybody may read takes no place from those whom the order concerns.
subscribe topic_follower::subscription() const { return {subscriber_, reader_.to == audience::everybody}; }

asio::awaitable<outcome_of<std::uint64_t>> topic_follower::open(std::optional<std::uint64_t> since) {
  routed question = subscription();
  auto got = co_await shared_.actors.ask(entity_, std::move(question));
  if (!got) co_return tl::unexpected{got.error()};
  auto* answer = std::get_if<subscribed>(&*got);
  if (!answer) co_return tl::unexpected{errc::internal};
  if (since && *since > answer->seq)
    if (auto problem = co_await check_resume_point(*since); problem != errc::none) co_return tl::unexpected{problem};
  target_ = std::max(target_, answer->seq);
  last_ = since.value_or(answer->seq);
  starts_at_first_ = !since && kind_ == kind::restaurant_feed && answer->seq == 0;
  co_return answer->seq;
}

asio::awaitable<errc> topic_follower::check_resume_point(std::uint64_t since) {
  // An actor that was started anew may not know yet what it published before; the journal does.
  auto known = co_await read_page(since - 1, 1);
  if (!known) co_return known.error();
  co_return known->empty() ? errc::resume_point_lost : errc::none;
}

void topic_follower::go() {
  may_emit_ = true;
  start_pump();
}

void topic_follower::start_pump() {
  if (is_pumping_ || !is_open_ || !may_emit_) return;
  take_pending();
  if (pending_.empty() && last_ >= target_) return;
  is_pumping_ = true;
  asio::co_spawn(
      executor_, [self = shared_from_this()]() -> asio::awaitable<void> { co_await self->pump(); }, asio::detached);
}

void topic_follower::on_published(const published& what) {
  if (!is_open_ || what.entity != entity_ || what.seq <= last_) return;
  target_ = std::max(target_, what.seq);
  if (pending_.size() < most_pending) pending_.push_back({what.seq, what.entity, what.at, what.event});
  start_pump();
}

void topic_follower::on_feed(const order_changed& what) {
  for (const auto& each : what.events) {
    if (std::exchange(starts_at_first_, false)) last_ = each.position - 1;
    target_ = std::max(target_, each.position);
  }
  start_pump();
}

void topic_follower::take_pending() {
  while (!pending_.empty() && pending_.front().seq <= last_ + 1) {
    auto next = std::move(pending_.front());
    pending_.pop_front();
    if (next.seq == last_ + 1 && !show(next)) return;
  }
}

bool topic_follower::show(const topic_event& what) {
  sink_->emit(*this, what);
  last_ = what.seq;
  if (!reader_.carrier || what.seq <= reader_.version || !takes_away(what.event, *reader_.carrier)) return true;
  auto sink = sink_;  // `close` gives ours up
  close();
  sink->lost(*this);
  return false;
}

asio::awaitable<result_of<std::vector<stored_event>>> topic_follower::read_page(std::uint64_t since, std::size_t most) {
  auto shards = shared_.options.shard_count;
  auto query = [is_feed = kind_ == kind::restaurant_feed, entity = entity_, since, most,
                shards](entity_reader& reader) {
    if (!is_feed) return reader.events(entity, since, most);
    return reader.restaurant_feed(restaurant_id{entity.id}, shard_of(entity.id, shards), since, most);
  };
  auto page = co_await shared_.reads.read(query);
  co_return page;
}

bool topic_follower::emit_page(const std::vector<stored_event>& page) {
  for (const auto& each : page) {
    auto seq = kind_ == kind::restaurant_feed ? each.position : each.seq;
    if (seq <= last_) continue;
    auto event = decode_event(each.event.type, each.event.version, each.event.payload);
    if (!event) {
      spdlog::error("event {} of {} can't be read", each.seq, to_string(each.entity.id));
      return false;
    }
    if (!show({seq, each.entity, each.at, std::move(*event)})) return false;
  }
  return true;
}

asio::awaitable<void> topic_follower::pump() {
  auto sink = sink_;  // `close` gives ours up
  while (is_open_) {
    take_pending();
    if (pending_.empty() && last_ >= target_) break;
    if (const bool has_room = co_await sink->room(); !has_room) break;
    auto wanted = target_;
    auto page = co_await read_page(last_, page_events);
    // A reader that fails is asked again at the next refresh or event.
    if (!is_open_ || !page || !emit_page(*page)) break;
    // A feed's target may be an event of another restaurant of the shard: when there is no more, that was all.
    if (page->size() < page_events && target_ == wanted && last_ < target_) {
      if (kind_ != kind::restaurant_feed) break;
      target_ = last_;
    }
  }
  is_pumping_ = false;
}

void topic_follower::refresh() {
  if (!is_open_) return;
  is_check_due_ = true;
  if (is_checking_) return;
  is_checking_ = true;
  asio::co_spawn(
      executor_, [self = shared_from_this()]() -> asio::awaitable<void> { co_await self->check(); }, asio::detached);
}

asio::awaitable<void> topic_follower::check() {
  while (is_open_ && std::exchange(is_check_due_, false)) {
    if (const bool is_subscribed = co_await subscribe_again(); is_subscribed || !is_open_) continue;
    // Whoever owns the entity next is not there yet: nobody would tell us when it is.
    is_check_due_ = true;
    asio::steady_timer pause{executor_, retry_after};
    boost::system::error_code ignored;
    co_await pause.async_wait(asio::redirect_error(asio::use_awaitable, ignored));
  }
  is_checking_ = false;
}

asio::awaitable<bool> topic_follower::subscribe_again() {
  routed question = subscription();
  auto got = co_await shared_.actors.ask(entity_, std::move(question));
  if (!is_open_) co_return false;
  if (!got) co_return !may_pass(got.error());
  if (auto* answer = std::get_if<subscribed>(&*got)) target_ = std::max(target_, answer->seq);
  // A restaurant knows only what it passed on itself: look whether there is more.
  if (kind_ == kind::restaurant_feed && !starts_at_first_) target_ = std::max(target_, last_ + 1);
  start_pump();
  co_return true;
}

bool topic_follower::shows(const carrier_moved& what) const noexcept {
  bool is_reader_there = is_open_ && entity_ == ref(what.order) && reader_.to != audience::everybody;
  return is_reader_there && (!reader_.carrier || *reader_.carrier == what.partner);
}

void topic_follower::close() {
  if (!is_open_) return;
  is_open_ = false;
  pending_.clear();
  shared_.actors.tell(entity_, unsubscribe{subscriber_});
  sink_.reset();
}

}  // namespace dabba::http
