#include "tests/faults/support/steady_load.hpp"

#include <algorithm>

#include <fmt/format.h>
#include <boost/asio/co_spawn.hpp>
#include <boost/asio/steady_timer.hpp>
#include <boost/asio/use_awaitable.hpp>
#include <nlohmann/json.hpp>

#include "protocols/model/ids.hpp"

namespace dabba::fault_tests {
namespace {

using nlohmann::json;
using namespace std::chrono_literals;

constexpr std::uint16_t shard_count = 256;
constexpr std::size_t complaints_kept = 20;
constexpr double read_back_share = 0.2;

std::string partner_in(int shard) {
  for (;;) {
    auto id = system_tests::new_uuid();
    if (shard_of(parse_uuid(id).value(), shard_count).value == shard) return id;
  }
}

}  // namespace

steady_load::steady_load(const cluster_under_test& cluster, std::vector<kitchen> kitchens, load_options options)
    : cluster_{cluster}, ports_{cluster.ports()}, kitchens_{std::move(kitchens)}, options_{options} {
  if (!kitchens_.empty())
    for (int i = 0; i < options_.buyers; ++i) live(buy(i));
  if (options_.has_probes)
    for (int shard = 0; shard < shard_count; ++shard) live(probe(shard));
  thread_ = std::thread{[this] { context_.run(); }};
}

steady_load::~steady_load() { stop(); }

void steady_load::stop() {
  stopping_ = true;
  if (!thread_.joinable()) return;
  thread_.join();
}

bool steady_load::goes_on(std::size_t more, milliseconds patience) const {
  auto before = acknowledged_so_far();
  return eventually(patience, [&] { return acknowledged_so_far() >= before + more; });
}

double steady_load::last_refusal_after(steady::time_point then) const {
  auto last = std::ranges::max_element(refusals_);
  if (last == refusals_.end()) return 0;
  return std::max(0.0, std::chrono::duration<double>{*last - then}.count());
}

void steady_load::live(asio::awaitable<void> life) {
  asio::co_spawn(context_, std::move(life), [this](const std::exception_ptr& thrown) {
    try {
      if (thrown) std::rethrow_exception(thrown);
    } catch (const std::exception& e) {
      complain(e.what(), {});
    }
  });
}

// -- Everybody -------------------------------------------------------------------------------------------------------

roaming_client steady_load::client_for(const std::string& role, const std::string& who, std::size_t first_node) {
  roaming_client client{
      context_.get_executor(), ports_, first_node, [this, role, who] { return cluster_.token(role, who); }};
  client.on_attempt = [this](const reply& got) { note_attempt(got); };
  return client;
}

asio::awaitable<void> steady_load::pause(milliseconds time) {
  asio::steady_timer timer{context_, time};
  co_await timer.async_wait(asio::use_awaitable);
}

void steady_load::acknowledge(int shard, const reply& got) {
  acknowledged_.push_back({shard, got.began, got.at, got.attempts});
  ++acknowledged_so_far_;
}

void steady_load::note_attempt(const reply& got) {
  ++answers_[got.status];
  if (!got.is_final()) refusals_.push_back(got.at);
  if (got.status == 503)
    longest_refusal_ = std::max(longest_refusal_, std::chrono::duration<double>{got.at - got.began}.count());
  if (got.status == 503 && !got.says_when_to_retry) complain("a refusal without Retry-After", got);
}

void steady_load::complain(const std::string& what, const reply& got) {
  if (complaints_.size() < complaints_kept)
    complaints_.push_back(fmt::format("{}: {} {} after {} attempts", what, got.status, got.body, got.attempts));
}

// -- Customers -------------------------------------------------------------------------------------------------------

const kitchen& steady_load::choose_kitchen() {
  if (kitchens_.size() == 1 || chance() < options_.share_of_first_kitchen) return kitchens_.front();
  std::size_t from = options_.share_of_first_kitchen > 0 ? 1 : 0;
  return kitchens_[std::uniform_int_distribution<std::size_t>{from, kitchens_.size() - 1}(random_)];
}

asio::awaitable<void> steady_load::buy(int number) {
  auto me = system_tests::new_uuid();
  customers_.insert(me);
  auto first = static_cast<std::size_t>(number);
  auto client = client_for("CUSTOMER", me, first);
  auto reader = client_for("CUSTOMER", me, first + 1);
  while (!stopping_) {
    co_await place_one(client, reader, me);
    co_await pause(options_.between_orders);
  }
}

asio::awaitable<void> steady_load::place_one(roaming_client& client, roaming_client& reader, const std::string& me) {
  const auto& from = choose_kitchen();
  call what{"POST", "/v1/orders/checkout", checkout_body(from), system_tests::new_uuid()};
  auto got = co_await client.insist(what, options_.patience);
  if (got.status != 201) {
    complain("no order", got);
    co_return;
  }
  auto answer = got.json();
  std::string order = answer["orderId"];
  acknowledge(from.shard, got);
  history_.keyed_answers.push_back({what.key, order});
  history_.transitions.push_back(
      {me, order, "order.placed", "", answer["version"], answer["status"], answer["deliveryStatus"]});
  bool is_to_be_read = chance() < read_back_share;
  bool is_to_be_cancelled = chance() < options_.cancelled_share;
  std::int64_t version = answer["version"];
  if (is_to_be_read) co_await read_back(reader, order, version);
  if (is_to_be_cancelled) co_await cancel(client, me, from, order);
}

asio::awaitable<void> steady_load::cancel(roaming_client& client, const std::string& me, const kitchen& from,
                                          const std::string& order) {
  call what{"POST", "/v1/orders/" + order + "/cancel", R"({"reason":"changed my mind"})", system_tests::new_uuid()};
  auto got = co_await client.insist(what, options_.patience);
  if (got.status != 200) {
    complain("not cancelled", got);
    co_return;
  }
  auto answer = got.json();
  acknowledge(from.shard, got);
  history_.transitions.push_back(
      {me, order, "order.cancelled", "", answer["version"], answer["status"], answer["deliveryStatus"]});
}

/// I7: another node, whoever owns the order by now, does not show less than was acknowledged.
asio::awaitable<void> steady_load::read_back(roaming_client& reader, const std::string& order, std::int64_t version) {
  reader.go_elsewhere();
  call what{"GET", "/v1/orders/" + order, "", ""};
  auto got = co_await reader.insist(what, options_.patience);
  if (got.status != 200)
    complain("order " + order + " can't be read", got);
  else if (got.json()["version"] < version)
    complain(fmt::format("I7: order {} of version {} was read as", order, version), got);
}

// -- Partners --------------------------------------------------------------------------------------------------------

asio::awaitable<void> steady_load::probe(int shard) {
  auto me = partner_in(shard);
  auto client = client_for("PARTNER", me, static_cast<std::size_t>(shard));
  milliseconds wait{random_() % static_cast<unsigned>(options_.between_probes.count())};
  co_await pause(wait);
  std::int64_t version = 0;
  for (bool is_online = false; !stopping_;) {
    is_online = !is_online;
    auto due = steady::now() + options_.between_probes;
    call what{"PATCH", "/v1/partners/me/availability", "", ""};
    what.body = is_online ? R"({"status":"ONLINE","latitude":12.99,"longitude":77.6})" : R"({"status":"OFFLINE"})";
    auto got = co_await client.insist(what, options_.patience);
    if (got.status == 200) {
      acknowledge(shard, got);
      std::int64_t now = got.json()["version"];
      // A request of before that was slow to arrive may have done more, never less.
      if (now <= version) complain(fmt::format("I1: partner {} was at version {} before", me, version), got);
      version = now;
    } else {
      complain("no shift", got);
    }
    while (!stopping_ && steady::now() < due) {
      auto rest = std::min<milliseconds>(50ms, std::chrono::ceil<milliseconds>(due - steady::now()));
      co_await pause(rest);
    }
  }
}

// -- Measures --------------------------------------------------------------------------------------------------------

std::vector<double> resume_times(const steady_load& load, const std::set<int>& affected, steady::time_point fault) {
  std::map<int, steady::time_point> first;
  for (const auto& each : load.acknowledged()) {
    if (each.at <= fault || !affected.contains(each.shard)) continue;
    auto& at = first.emplace(each.shard, each.at).first->second;
    at = std::min(at, each.at);
  }
  std::vector<double> out;
  for (int shard : affected) {
    auto found = first.find(shard);
    out.push_back(
        std::chrono::duration<double>{(found == first.end() ? steady::now() : found->second) - fault}.count());
  }
  return out;
}

std::vector<double> longest_waits(const steady_load& load, steady::time_point from, steady::time_point to) {
  std::map<int, double> longest;
  for (const auto& each : load.acknowledged()) {
    if (each.at < from || each.began >= to) continue;
    auto& wait = longest[each.shard];
    wait = std::max(wait, std::chrono::duration<double>{each.at - each.began}.count());
  }
  std::vector<double> out;
  for (const auto& [_, wait] : longest) out.push_back(wait);
  return out;
}

std::vector<double> waits(const steady_load& load, steady::time_point from, steady::time_point to, int but_shard) {
  std::vector<double> out;
  for (const auto& each : load.acknowledged())
    if (each.began >= from && each.began < to && each.shard != but_shard)
      out.push_back(std::chrono::duration<double>{each.at - each.began}.count());
  return out;
}

}  // namespace dabba::fault_tests
