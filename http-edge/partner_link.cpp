#include "http-edge/partner_link.hpp"

#include <boost/asio/co_spawn.hpp>
#include <boost/asio/detached.hpp>
#include <boost/asio/redirect_error.hpp>
#include <caf/send.hpp>

#include "protocols/model/limits.hpp"

namespace dabba::http {
namespace {

using namespace std::chrono_literals;
using steady = std::chrono::steady_clock;

/// A position that follows another within this time waits for the rest of it: a batch costs the actor as much as a
/// single one. One that comes alone, as nearly all do, goes on at once.
constexpr auto gather_time = 5ms;
constexpr auto retry_after = 500ms;

}  // namespace

partner_link::partner_link(core& shared, asio::any_io_executor executor, partner_id who, local_session phone)
    : shared_{shared},
      executor_{executor},
      who_{who},
      phone_{std::move(phone)},
      wake_{executor},
      flush_timer_{executor} {}

void partner_link::start() {
  asio::co_spawn(
      executor_, [self = shared_from_this()]() -> asio::awaitable<void> { co_await self->keep_attached(); },
      asio::detached);
}

asio::awaitable<bool> partner_link::attach_once() {
  was_lost_ = false;
  auto found = co_await shared_.actors.locate(who_);
  if (!found || !is_open_) co_return false;
  caf::anon_send(phone_, watch_partner{*found});
  routed question = attach{phone_};
  auto attached = co_await shared_.actors.ask(ref(who_), std::move(question));
  if (!is_open_) shared_.actors.tell(ref(who_), detach{phone_});
  if (!attached || !is_open_ || was_lost_) co_return false;
  actor_ = std::move(*found);
  flush();
  co_return true;
}

asio::awaitable<void> partner_link::keep_attached() {
  while (is_open_) {
    bool is_attached = co_await attach_once();
    if (!is_open_) co_return;
    boost::system::error_code woken;
    // `lost` wakes us; so does `close`.
    if (is_attached)
      wake_.expires_at(std::chrono::steady_clock::time_point::max());
    else
      wake_.expires_after(retry_after);
    co_await wake_.async_wait(asio::redirect_error(asio::use_awaitable, woken));
  }
}

void partner_link::lost() {
  actor_ = nullptr;
  was_lost_ = true;
  wake_.cancel();
}

void partner_link::report(const location& where) {
  shared_.counted.positions->inc();
  if (waiting_.size() == limits::locations_per_batch) waiting_.erase(waiting_.begin());
  waiting_.push_back(where);
  if (waiting_.size() == limits::locations_per_batch || steady::now() - flushed_at_ >= gather_time) return flush();
  if (is_flush_due_) return;
  is_flush_due_ = true;
  flush_timer_.expires_at(flushed_at_ + gather_time);
  flush_timer_.async_wait([self = shared_from_this()](boost::system::error_code) {
    self->is_flush_due_ = false;
    self->flush();
  });
}

void partner_link::flush() {
  if (!actor_ || waiting_.empty()) return;
  flushed_at_ = steady::now();
  shared_.actors.tell(actor_, ref(who_), locations{std::exchange(waiting_, {})});
}

void partner_link::close() {
  if (!is_open_) return;
  is_open_ = false;
  flush();
  wake_.cancel();
  flush_timer_.cancel();
  if (actor_) shared_.actors.tell(ref(who_), detach{phone_});
  actor_ = nullptr;
}

}  // namespace dabba::http
