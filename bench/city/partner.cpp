#include "bench/city/partner.hpp"

#include <numbers>

#include <fmt/format.h>

namespace dabba::city {

using std::chrono::steady_clock;

partner::partner(world& w, std::size_t index, account_id account)
    : world_(w),
      index_(index),
      account_(account),
      name_("partner-" + w.day.partners[index].name),
      shift_(w.day.partners[index]),
      body_(w.day.parameters, shift_),
      plan_(body_),
      random_(w.options.seed ^ (index + 1) * 0x9e3779b97f4a7c15ULL),
      stream_(w, account, name_, *this),
      reports_(w, index, account, name_, [this] { working_.poke(); }),
      working_(w),
      offers_changed_(w.executor),
      position_due_(w.executor) {}

void partner::open() { world_.spawn(name_, live()); }

asio::awaitable<void> partner::live() {
  try {
    co_await work();
  } catch (const std::exception& e) {
    world_.log.error(name_, fmt::format("went home: {}", e.what()));
  }
  finish();
}

asio::awaitable<void> partner::work() {
  if (const bool ok = co_await working_.until(shift_.on - limits::early_sign_in); !ok) co_return;
  stream_.subscribe("partners/me");
  stream_.open();
  if (const bool ok = co_await working_.until(shift_.on); !ok) co_return;
  if (const bool ok = co_await go("ONLINE"); !ok) co_return;
  world_.spawn(name_, reports_.run());
  world_.spawn(name_, answer_offers());
  world_.spawn(name_, stream_positions());

  while (!world_.over()) {
    if (!jobs_.empty()) {
      co_await carry(jobs_.front());
      jobs_.pop_front();
    } else if (world_.now() < shift_.off) {
      co_await working_.until(shift_.off);
    } else if (accepting_) {
      // The answer pokes us; the minute is there to look again in any case.
      co_await working_.until(world_.now() + std::chrono::minutes{1});
    } else {
      break;
    }
  }
  online_ = false;
  co_await reports_.drain();
  co_await go("OFFLINE");
}

void partner::finish() {
  finished_ = true;
  world_.record.legs[index_] = body_.legs();
  world_.record.worked[index_] = body_.worked();
  reports_.finish();
  offers_changed_.notify_all();
  position_due_.notify();
  stream_.close();
}

/// True when the platform knows of it.
asio::awaitable<bool> partner::go(std::string status) {
  const auto at = world_.map.to_geo(body_.position(world_.now()));
  command c{"availability", "PATCH", "/v1/partners/me/availability", {}, {}, account_, name_};
  c.body = status == "ONLINE"
               ? fmt::format(R"({{"status":"ONLINE","latitude":{:.8f},"longitude":{:.8f},"shiftEndsAt":"{}"}})",
                             at.latitude_deg, at.longitude_deg, to_rfc3339(world_.clock.platform_of(shift_.off)))
               : R"({"status":"OFFLINE"})";
  const auto answer = co_await world_.insist(c, std::chrono::hours{24});
  if (!answer.succeeded() && !world_.too_late())
    world_.log.error(name_, fmt::format("going {}: {} {:.300}", status, answer.status, answer.body));
  if (status == "ONLINE") online_ = answer.succeeded();
  co_return answer.succeeded();
}

/// The platform took this partner off the road during its shift.
asio::awaitable<void> partner::come_back_online() {
  world_.log.note(name_, "set offline by the platform");
  co_await go("ONLINE");
}

asio::awaitable<void> partner::stream_positions() {
  const auto real = [this](milliseconds platform) {
    return std::chrono::duration_cast<real_time::duration>(platform / world_.clock.scale());
  };
  const auto driving = std::max<real_time::duration>(limits::position_shortest, real(limits::position_interval));
  const auto standing =
      std::max<real_time::duration>(limits::waiting_position_shortest, real(limits::waiting_position_interval));
  while (!finished_) {
    const auto sent = steady_clock::now();
    const auto now = world_.now();
    send_position(now);
    co_await position_due_.wait_until(sent + (body_.driving(now) != nullptr ? driving : standing));
    // Woken early because a drive begins: still not more often than allowed.
    while (!finished_ && steady_clock::now() < sent + limits::position_shortest)
      co_await position_due_.wait_until(sent + limits::position_shortest);
  }
}

void partner::send_position(day_time t) {
  if (!stream_.connected()) return;
  const auto at = world_.map.to_geo(body_.position(t));
  frame_.clear();
  fmt::format_to(
      std::back_inserter(frame_), R"({{"type":"location","latitude":{:.7f},"longitude":{:.7f},"accuracy":5,)",
      at.latitude_deg, at.longitude_deg);
  if (const auto* way = body_.driving(t)) {
    const double east = way->to.at.x_m - way->from.at.x_m;
    const double north = way->to.at.y_m - way->from.at.y_m;
    const double heading = std::fmod(std::atan2(east, north) * 180 / std::numbers::pi + 360, 360);
    fmt::format_to(std::back_inserter(frame_), R"("heading":{:.1f},"speed":{:.2f},)", heading,
                   world_.day.parameters.metres_per_minute / 60);
  }
  fmt::format_to(std::back_inserter(frame_), R"("at":"{}"}})", to_rfc3339(world_.clock.platform_of(t)));
  stream_.locate(frame_);
}

void partner::on_connected() {
  if (!online_) return;
  position_due_.notify();
  world_.spawn(name_, reconcile());
}

void partner::on_message(const server_message& message) {
  if (const auto* offer = std::get_if<offer_view>(&message)) {
    offered(*offer);
  } else if (const auto* gone = std::get_if<offer_withdrawn_message>(&message)) {
    withdrawn(gone->offer);
  } else if (const auto* event = std::get_if<event_message>(&message)) {
    if (event->type == "partner.delivery_ended") on_delivery_ended(event->order);
    if (event->type == "partner.delivery_assigned" && !accepting_ && carried(event->order) == nullptr)
      world_.spawn(name_, reconcile());
    if (event->type == "partner.went_offline" && online_) world_.spawn(name_, come_back_online());
  }
}

}  // namespace dabba::city
