#include "http-edge/peer.hpp"

#include <spdlog/spdlog.h>
#include <boost/asio/co_spawn.hpp>
#include <boost/asio/detached.hpp>
#include <boost/asio/redirect_error.hpp>
#include <caf/send.hpp>

#include "http-edge/deliveries.hpp"
#include "protocols/model/limits.hpp"

namespace dabba::http {
namespace {

using namespace std::chrono_literals;
using steady = std::chrono::steady_clock;

/// Requests of one socket that wait for actors at once.
constexpr std::size_t most_running = 64;
constexpr auto refresh_interval = 10s;

}  // namespace

peer::peer(core& shared, asio::any_io_executor executor, frame_writer& writer)
    : shared_{shared},
      executor_{executor},
      writer_{&writer},
      sink_{std::make_shared<topic_writer>(writer)},
      timer_{executor},
      started_{steady::now()},
      last_heard_{started_} {}

void peer::start(std::optional<verified_token> who) {
  auto pass_on = [weak = weak_from_this(), executor = executor_](session_note note) {
    asio::post(executor, [weak, note = std::move(note)]() mutable {
      if (auto self = weak.lock()) self->noted(std::move(note));
    });
  };
  session_ = std::make_unique<session>(shared_.services.system, std::move(pass_on));
  shared_.counted.sessions->inc();
  if (who) signed_in(*who);
  asio::co_spawn(
      executor_, [self = shared_from_this()]() -> asio::awaitable<void> { co_await self->watch(); }, asio::detached);
}

void peer::stop() {
  if (!writer_) return;
  writer_ = nullptr;
  sink_->stop();
  timer_.cancel();
  for (auto& [name, topic] : topics_) topic->close();
  topics_.clear();
  for (const auto& [zone, city] : cities_) shared_.actors.tell(board_ref(zone), unsubscribe{session_->actor()});
  cities_.clear();
  if (link_) link_->close();
  link_.reset();
  session_->close();
  shared_.counted.sessions->dec();
}

void peer::received(std::string_view text) {
  heard();
  if (link_) {
    if (auto where = read_plain_location(text)) {
      link_->report(*where);
      return;
    }
  }
  handle(read_frame(text));
}

void peer::refuse(std::optional<std::uint64_t> id, errc code) {
  if (writer_) writer_->send({error_frame(id, name(code), detail_of(code)), false});
}

void peer::spawn(std::optional<std::uint64_t> id, asio::awaitable<void> work) {
  if (running_ >= most_running) return refuse(id, errc::overloaded);
  ++running_;
  auto run = [self = shared_from_this(), id, work = std::move(work)]() mutable -> asio::awaitable<void> {
    try {
      co_await std::move(work);
    } catch (const std::exception& bug) {
      spdlog::error("a request of a stream failed: {}", bug.what());
      self->refuse(id, errc::internal);
    }
    --self->running_;
  };
  asio::co_spawn(executor_, std::move(run), asio::detached);
}

void peer::handle(client_frame frame) {
  if (auto* bad = std::get_if<bad_frame>(&frame)) return writer_->close(close_code::bad_message, bad->reason);
  if (auto* invalid = std::get_if<invalid_frame>(&frame)) {
    writer_->send({error_frame(invalid->id, name(errc::invalid_argument), invalid->detail), false});
    return;
  }
  if (auto* auth = std::get_if<auth_frame>(&frame)) return sign_in(*auth);
  if (!token_ && !shared_.options.open_city) return writer_->close(close_code::no_token, "sign in first");
  if (auto* ping = std::get_if<ping_frame>(&frame))
    writer_->send({ack_frame(ping->id, shared_.services.time), false});
  else if (auto* positions = std::get_if<positions_frame>(&frame))
    report(positions->points);
  else if (auto* wanted = std::get_if<subscribe_frame>(&frame))
    spawn(wanted->id, subscribe_to(*wanted));
  else if (auto* unwanted = std::get_if<unsubscribe_frame>(&frame))
    unsubscribe_from(*unwanted);
  else if (auto* answer = std::get_if<answer_offer_frame>(&frame))
    spawn(answer->id, answer_offer(*answer));
}

void peer::sign_in(const auth_frame& frame) {
  auto verified = shared_.services.keys->verify(frame.token, shared_.wall_now());
  if (!verified) return writer_->close(close_code::no_token, verified.error());
  // A renewed token is the same caller's: subscriptions were granted to that one.
  if (token_ && token_->who != verified->who) return writer_->close(close_code::forbidden, "another caller's token");
  bool is_new = !token_;
  token_ = *verified;
  if (is_new) signed_in(*verified);
  writer_->send({ack_frame(frame.id, shared_.services.time), false});
  timer_.cancel();  // the watch looks at the new expiry
}

void peer::signed_in(const verified_token& token) {
  token_ = token;
  if (token.who.role != user_role::partner) return;
  link_ = std::make_shared<partner_link>(shared_, executor_, partner_id{token.who.id.value}, session_->actor());
  link_->start();
}

void peer::report(const std::vector<location>& points) {
  if (!link_) return writer_->close(close_code::forbidden, "only partners have positions");
  for (const auto& each : points) link_->report(each);
}

void peer::noted(session_note note) {
  if (!writer_) return;
  if (auto* event = std::get_if<published>(&note)) {
    for (auto& [name, topic] : topics_) topic->on_published(*event);
  } else if (auto* changed = std::get_if<order_changed>(&note)) {
    for (auto& [name, topic] : topics_)
      if (topic->what() == topic_follower::kind::restaurant_feed && topic->entity() == ref(changed->now->restaurant))
        topic->on_feed(*changed);
  } else if (auto* moved = std::get_if<carrier_moved>(&note)) {
    auto topic = topics_.find("orders/" + to_string(moved->order));
    if (topic != topics_.end() && topic->second->shows(*moved))
      writer_->send_position(moved->order, moved_frame(*moved));
  } else if (auto* offered = std::get_if<make_offer>(&note)) {
    if (offers_.show(offered->what.id)) writer_->send({offer_frame(offered->what), false});
  } else if (auto* withdrawn = std::get_if<withdraw_offer>(&note)) {
    offers_.withdraw(withdrawn->what);
    writer_->send({withdrawn_frame(*withdrawn), false});
  } else if (auto* city = std::get_if<city_update>(&note)) {
    show_city(*city);
  } else if (std::holds_alternative<replaced>(note)) {
    writer_->close(close_code::replaced, "a newer connection took over");
  } else if (std::holds_alternative<partner_gone>(note) && link_) {
    link_->lost();
  } else if (auto* gone = std::get_if<publisher_gone>(&note)) {
    renew(gone->entity);
  } else if (std::holds_alternative<session_gone>(note)) {
    writer_->close(close_code::broken, "something failed here: connect again");
  }
}

void peer::show_city(const city_update& update) {
  auto found = cities_.find(update.zone);
  if (found == cities_.end()) return city_was_written();
  found->second.last_update = steady::now();
  writer_->send({city_frame(update, ++found->second.seq, shared_.services.time.scale()), true});
}

void peer::city_was_written() {
  if (writer_) caf::anon_send(session_->actor(), city_written{});
}

void peer::refresh_topics() {
  auto now = steady::now();
  for (auto& [name, topic] : topics_) topic->refresh();
  // A board that says nothing may have been started anew.
  for (auto& [zone, city] : cities_) {
    if (now - city.last_update < refresh_interval) continue;
    city.last_update = now;
    shared_.actors.tell(board_ref(zone), subscribe{session_->actor(), !token_});
  }
}

void peer::renew(const entity_ref& publisher) {
  for (auto& [name, topic] : topics_)
    if (topic->entity() == publisher) topic->refresh();
  for (auto& [zone, city] : cities_) {
    if (board_ref(zone) != publisher) continue;
    city.last_update = steady::now();
    shared_.actors.tell(publisher, subscribe{session_->actor(), !token_});
  }
}

asio::awaitable<void> peer::watch() {
  auto self = shared_from_this();
  auto next_refresh = steady::now() + refresh_interval;
  auto next_ping = steady::now() + limits::stream_ping_interval;
  while (writer_) {
    auto now = steady::now();
    if (!token_ && !shared_.options.open_city && now - started_ >= limits::stream_auth_timeout)
      co_return writer_->close(close_code::silent, "no sign-in in time");
    if (token_ && token_->expires_at <= shared_.wall_now())
      co_return writer_->close(close_code::no_token, "the token has expired");
    if (now - last_heard_ > 2 * limits::stream_ping_interval)
      co_return writer_->close(close_code::silent, "no answer to pings");
    if (now >= next_ping) {
      writer_->ping();
      next_ping = now + limits::stream_ping_interval;
    }
    if (now >= next_refresh) {
      refresh_topics();
      next_refresh = now + refresh_interval;
    }
    auto wake = std::min(next_ping, next_refresh);
    if (token_)
      wake =
          std::min(wake, now + std::chrono::duration_cast<steady::duration>(token_->expires_at - shared_.wall_now()));
    else if (!shared_.options.open_city)
      wake = std::min(wake, started_ + limits::stream_auth_timeout);
    timer_.expires_at(wake);
    boost::system::error_code woken;
    co_await timer_.async_wait(asio::redirect_error(asio::use_awaitable, woken));
  }
}

}  // namespace dabba::http
