#include "bench/city/city.hpp"

#include <algorithm>
#include <stdexcept>

#include <fmt/format.h>
#include <boost/asio/co_spawn.hpp>
#include <boost/asio/detached.hpp>
#include <boost/asio/post.hpp>

namespace dabba::city {

using std::chrono::steady_clock;

namespace {

constexpr auto progress_interval = std::chrono::milliseconds{200};
constexpr int first_clock_readings = 5;

}  // namespace

city::city(const instance& day, city_setup setup) : day_(day), setup_(std::move(setup)) {
  world_ = std::make_unique<world>(io_.get_executor(), day_, setup_.options, setup_.server,
                                   token_book{setup_.token_program, setup_.signing_key}, setup_.speed);
  world_->log.stamp_with([this] { return to_rfc3339(world_->clock.at(steady_clock::now())); });
  make_people();
}

city::~city() = default;

void city::run() {
  asio::co_spawn(io_, live(), [this](std::exception_ptr thrown) { failure_ = thrown; });
  io_.run();
  if (failure_) std::rethrow_exception(failure_);
}

asio::awaitable<void> city::live() {
  co_await open_shop();
  const auto opened = steady_clock::now();
  co_await the_day();
  co_await close_up();
  real_seconds_ = std::chrono::duration<double>(steady_clock::now() - opened).count();
  if (is_stuck()) io_.stop();
}

void city::make_people() {
  admin_ = world_->tokens.add(role::admin);
  menus_.resize(day_.restaurants.size());
  for (std::size_t first = 0; first < day_.restaurants.size(); first += limits::restaurants_per_owner) {
    std::vector<std::size_t> sites;
    for (auto s = first; s < std::min(first + limits::restaurants_per_owner, day_.restaurants.size()); ++s)
      sites.push_back(s);
    owners_.push_back(std::make_unique<restaurant_owner>(
        *world_, world_->tokens.add(role::restaurant), fmt::format("owner-{}", owners_.size() + 1), std::move(sites)));
  }
  const auto wanted = (day_.orders.size() + limits::orders_per_customer - 1) / limits::orders_per_customer;
  for (std::size_t i = 0; i < std::min(wanted, limits::customers); ++i)
    customers_.push_back(std::make_unique<customer>(
        *world_, world_->tokens.add(role::customer), fmt::format("customer-{}", i + 1), menus_));
  for (std::size_t i = 0; i < day_.orders.size(); ++i) customers_[i % customers_.size()]->wants(i);
  for (std::size_t i = 0; i < day_.partners.size(); ++i)
    partners_.push_back(std::make_unique<partner>(*world_, i, world_->tokens.add(role::partner)));
}

asio::awaitable<void> city::open_shop() {
  co_await mint_tokens();
  co_await meet_the_clock();
  co_await onboard_restaurants();
  for (int i = 0; i < first_clock_readings; ++i) co_await read_clock();
  const auto now = world_->clock.at(steady_clock::now());
  world_->clock.begin_day(std::chrono::ceil<std::chrono::seconds>(now + limits::before_opening));
}

asio::awaitable<void> city::mint_tokens() {
  // Making a few thousand signatures takes a while: not on the thread that serves the sockets.
  std::vector<std::string> tokens;
  co_await asio::co_spawn(
      helper_.get_executor(),
      [](const token_book& book, std::vector<std::string>& out) -> asio::awaitable<void> {
        out = book.mint();
        co_return;
      }(world_->tokens, tokens),
      asio::use_awaitable);
  world_->tokens.renew(std::move(tokens));
}

asio::awaitable<void> city::meet_the_clock() {
  const command ask{"clock", "GET", "/v1/clock", {}, {}, admin_, "city"};
  const auto answer = co_await world_->insist(ask, limits::start_up_patience);
  if (!answer.succeeded())
    throw std::runtime_error{fmt::format(
        "the platform at {}:{} does not answer (status {})", setup_.server.host, setup_.server.port, answer.status)};
  const auto clock = parse_clock(answer.body);
  if (std::abs(clock.scale - setup_.speed) > 1e-9 * setup_.speed)
    throw std::runtime_error{
        fmt::format("the platform's clock runs at {} times real speed, --speed says {}", clock.scale, setup_.speed)};
}

asio::awaitable<bool> city::read_clock() {
  const command ask{"clock", "GET", "/v1/clock", {}, {}, admin_, "city"};
  const auto sent = steady_clock::now();
  const auto answer = co_await world_->ask(ask);
  if (!answer.succeeded()) co_return false;
  const auto jump = world_->clock.observe(parse_clock(answer.body).now, sent, steady_clock::now());
  if (jump) {
    ++world_->counts.clock_jumps;
    const auto what = fmt::format("the platform's clock jumped by {:.3f} s", in_minutes(*jump) * 60);
    if (*jump < milliseconds{0})
      world_->log.error("city", what);
    else
      world_->log.note("city", what);
  }
  co_return true;
}

asio::awaitable<void> city::onboard_restaurants() {
  std::size_t open = 0;
  std::exception_ptr refused;
  signal changed{world_->executor};
  for (auto& owner : owners_)
    asio::co_spawn(io_, owner->onboard(admin_, menus_), [&](std::exception_ptr thrown) {
      ++open;
      if (thrown) refused = thrown;
      changed.notify_all();
    });
  while (open < owners_.size()) co_await changed.wait();
  if (refused) std::rethrow_exception(refused);
}

day_time city::hard_end() const { return day_.last_placement() + limits::drain; }

asio::awaitable<void> city::the_day() {
  world_->spawn("city", keep_time());
  world_->spawn("city", keep_tokens_fresh());
  if (show_) world_->spawn("city", keep_showing());
  for (auto& owner : owners_) owner->open();
  for (auto& c : customers_) c->open();
  for (auto& p : partners_) p->open();
  while (world_->open_orders() > 0 && world_->now() < hard_end()) co_await world_->pause(limits::handover_check);
}

/// Everybody goes home, and whoever does not is an error.
asio::awaitable<void> city::close_up() {
  const auto last_look = steady_clock::now() + limits::last_events_patience;
  for (auto& c : customers_) co_await c->settle(last_look);
  world_->end_day();
  // The last events are on their way to the tablets and apps that follow them.
  co_await world_->pause(limits::last_events_grace);
  for (auto& owner : owners_) owner->close();
  for (auto& c : customers_) c->close();
  const auto give_up = steady_clock::now() + limits::wrap_up_patience;
  while (world_->running() > 0 && steady_clock::now() < give_up) co_await world_->pause(limits::handover_check);
  if (world_->running() > 0)
    world_->log.error("city", fmt::format("{} tasks did not end with the day", world_->running()));
  if (world_->open_orders() > 0)
    world_->log.error("city", fmt::format("{} orders were still open when the day was over", world_->open_orders()));
}

asio::awaitable<void> city::keep_time() {
  while (!world_->over()) {
    co_await world_->pause(limits::clock_interval);
    co_await read_clock();
  }
}

asio::awaitable<void> city::keep_tokens_fresh() {
  auto due = steady_clock::now() + limits::token_renewal;
  while (!world_->over()) {
    co_await world_->pause(limits::clock_interval);
    if (steady_clock::now() < due) continue;
    due = steady_clock::now() + limits::token_renewal;
    co_await mint_tokens();
    for (auto& owner : owners_) owner->renew();
    for (auto& c : customers_) c->renew();
    for (auto& p : partners_) p->renew();
  }
}

asio::awaitable<void> city::keep_showing() {
  while (!world_->over()) {
    show_(progress());
    co_await world_->pause(progress_interval);
  }
  show_(progress());
}

day_progress city::progress() const {
  day_progress p{world_->now(), hard_end(), day_.orders.size(), 0, 0, 0};
  for (std::size_t i = 0; i < world_->orders.size(); ++i) {
    const bool placed = !world_->orders[i].id.empty();
    p.placed += placed;
    p.open += placed && !world_->orders[i].ended;
    p.delivered += world_->record.orders[i].final_status == "DELIVERED";
  }
  return p;
}

}  // namespace dabba::city
