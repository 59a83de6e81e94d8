#include "bench/city/delivery_reports.hpp"

#include <fmt/format.h>

namespace dabba::city {

namespace {

constexpr auto as_long_as_the_day_lasts = std::chrono::hours{24};

struct step_words {
  const char* path;   ///< the command's last segment
  const char* event;  ///< what it leaves in the journal
};

step_words words_of(delivery_step step) {
  switch (step) {
    case delivery_step::at_restaurant: return {"arrived", "order.partner_at_restaurant"};
    case delivery_step::picked_up: return {"picked-up", "order.picked_up"};
    case delivery_step::at_customer: return {"arrived", "order.partner_at_customer"};
    case delivery_step::delivered: return {"delivered", "order.delivered"};
    case delivery_step::released: return {"release", "order.partner_released"};
  }
  return {};
}

/// How far a delivery has come while one partner carries it.
int progress_of(const std::string& delivery_status) {
  if (delivery_status == "ASSIGNED") return 1;
  if (delivery_status == "AT_RESTAURANT") return 2;
  if (delivery_status == "PICKED_UP") return 3;
  if (delivery_status == "AT_CUSTOMER") return 4;
  if (delivery_status == "DELIVERED") return 5;
  return 0;
}

int progress_after(delivery_step step) {
  switch (step) {
    case delivery_step::at_restaurant: return 2;
    case delivery_step::picked_up: return 3;
    case delivery_step::at_customer: return 4;
    case delivery_step::delivered: return 5;
    case delivery_step::released: return 0;
  }
  return 0;
}

}  // namespace

delivery_reports::delivery_reports(world& w, std::size_t partner, account_id account, std::string client,
                                   std::function<void()> on_lost)
    : world_(w),
      partner_(partner),
      account_(account),
      client_(std::move(client)),
      on_lost_(std::move(on_lost)),
      changed_(w.executor) {}

void delivery_reports::tell(std::shared_ptr<accepted_job> job, carried_order& order, delivery_step step) {
  if (step == delivery_step::delivered || step == delivery_step::released) order.ending = true;
  queue_.push_back({std::move(job), &order, step});
  changed_.notify_all();
}

asio::awaitable<void> delivery_reports::drain() {
  while (!queue_.empty()) co_await changed_.wait();
}

void delivery_reports::finish() {
  finished_ = true;
  changed_.notify_all();
}

asio::awaitable<void> delivery_reports::run() {
  while (!finished_) {
    if (queue_.empty()) {
      co_await changed_.wait();
      continue;
    }
    const auto next = queue_.front();
    if (!next.order->lost) co_await send(next);
    queue_.pop_front();
    changed_.notify_all();
  }
}

/// One report, until it is done or there is no sense in it any more.
asio::awaitable<void> delivery_reports::send(report r) {
  if (r.step == delivery_step::picked_up) co_await wait_for_the_food(r);
  for (int attempt = 1; !r.order->lost; ++attempt) {
    const auto c = co_await command_of(r);
    const auto answer = co_await world_.insist(c, as_long_as_the_day_lasts);
    if (answer.succeeded()) {
      done(r, parse_delivery(answer.body));
      co_return;
    }
    const auto verdict_now = co_await judge(r, answer);
    if (verdict_now == verdict::done) done(r, std::nullopt);
    if (verdict_now != verdict::again || world_.too_late()) co_return;
    co_await world_.pause(world_.backoff_before(attempt));
  }
}

/// The kitchen hands the food over when its tablet has taken the "ready".
asio::awaitable<void> delivery_reports::wait_for_the_food(report r) {
  while (!world_.orders[r.order->order].ready_told && !r.order->lost && !world_.over())
    co_await world_.pause(limits::handover_check);
}

asio::awaitable<command> delivery_reports::command_of(report r) {
  const auto words = words_of(r.step);
  std::string body = "{}";
  if (r.step == delivery_step::delivered) {
    const auto pin = co_await world_.orders[r.order->order].tell_pin();
    body = fmt::format(R"({{"pin":{}}})", json_string(pin));
  }
  if (r.step == delivery_step::released) body = R"({"reason":"shift ends"})";
  command c{words.path,
            "POST",
            fmt::format("/v1/deliveries/{}/{}", r.order->id, words.path),
            std::move(body),
            fmt::format("{}-{}-{}-{}-{}", world_.run, client_, r.job->number, r.order->order, static_cast<int>(r.step)),
            account_,
            client_};
  co_return c;
}

asio::awaitable<http_answer> delivery_reports::look_at(std::string order_id) {
  const command look{"order", "GET", "/v1/orders/" + order_id, {}, {}, account_, client_};
  co_return co_await world_.insist(look, as_long_as_the_day_lasts);
}

/// The command was not carried out, as far as `answer` tells. A look at the order tells more: an earlier attempt may
/// have been, it may not be allowed yet, or the order may be somebody else's by now.
asio::awaitable<delivery_reports::verdict> delivery_reports::judge(report r, http_answer answer) {
  const auto words = words_of(r.step);
  if (answer.status != 409 && answer.status != 404) {
    if (!world_.too_late())
      world_.log.error(client_, fmt::format("{} {}: {} {:.300}", words.path, r.order->id, answer.status, answer.body));
    lose(r);
    co_return verdict::over;
  }
  const auto look = co_await look_at(r.order->id);
  const bool readable = look.succeeded();
  if (!readable && look.status != 404) co_return verdict::over;
  const auto view = readable ? parse_order(look.body) : order_view{};
  const bool mine = readable && view.partner == world_.tokens.uuid(account_);
  if (r.step == delivery_step::released && !mine) co_return verdict::done;
  if (mine && progress_of(view.delivery_status) >= progress_after(r.step) && r.step != delivery_step::released)
    co_return verdict::done;
  if (!mine || view.ended()) {
    world_.log.note(client_, fmt::format("lost order {}: {}", r.order->id, readable ? view.status : "not readable"));
    lose(r);
    co_return verdict::over;
  }
  const bool waits_for_kitchen = r.step == delivery_step::picked_up && view.status != "READY_FOR_PICKUP";
  if (!waits_for_kitchen) {
    world_.log.error(client_, fmt::format("{} was refused although {} allows it", words.path, look.body));
    lose(r);
    co_return verdict::over;
  }
  co_return verdict::again;
}

void delivery_reports::lose(report r) {
  if (r.order->lost) return;
  r.order->lost = true;
  ++world_.counts.lost_jobs;
  on_lost_();
}

/// `view` is absent when the answer was lost and a look at the order showed that the step is done.
void delivery_reports::done(report r, const std::optional<delivery_view>& view) {
  acknowledged_transition t{
      client_, r.order->id, words_of(r.step).event, world_.tokens.uuid(account_), std::nullopt, {}, {}};
  if (view) {
    t.status = view->order_status;
    t.delivery_status = view->status;
  }
  world_.log.acknowledged(std::move(t));
  if (r.step == delivery_step::released) ++world_.counts.releases;
  if (r.step != delivery_step::delivered) return;
  auto& outcome = world_.record.orders[r.order->order];
  outcome.picked_up = r.order->picked_up;
  outcome.dropped_off = r.order->dropped_off;
  outcome.partner = partner_;
}

}  // namespace dabba::city
