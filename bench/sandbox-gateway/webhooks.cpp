#include "bench/sandbox-gateway/webhooks.hpp"

#include <algorithm>
#include <chrono>
#include <optional>

#include <boost/asio/as_tuple.hpp>
#include <boost/asio/awaitable.hpp>
#include <boost/asio/co_spawn.hpp>
#include <boost/asio/detached.hpp>
#include <boost/asio/ip/tcp.hpp>
#include <boost/asio/steady_timer.hpp>
#include <boost/asio/use_awaitable.hpp>
#include <boost/beast/core.hpp>
#include <boost/beast/http.hpp>

#include "bench/sandbox-gateway/endpoints.hpp"
#include "bench/sandbox-gateway/limits.hpp"
#include "bench/sandbox-gateway/log.hpp"
#include "bench/sandbox-gateway/signature.hpp"

namespace dabba::sandbox {

namespace asio = boost::asio;
namespace beast = boost::beast;
namespace http = beast::http;

namespace {

using std::chrono::milliseconds;
using std::chrono::steady_clock;
using tcp = asio::ip::tcp;

/// A connection that was idle for longer may have been closed at the other end.
constexpr auto idle_longest = std::chrono::seconds{5};

struct delivery {
  std::string event;
  unsigned attempt = 0;
};

struct connection {
  explicit connection(const asio::any_io_executor& executor) : stream{executor} {}

  beast::tcp_stream stream;
  beast::flat_buffer buffer;
  steady_clock::time_point idle_since;
};

/// The status of the answer; 0 when none came.
asio::awaitable<unsigned> exchange(connection& c, const http::request<http::string_body>& message) {
  try {
    co_await http::async_write(c.stream, message, asio::use_awaitable);
    http::response_parser<http::string_body> parser;
    parser.body_limit(limits::answer_bytes);
    co_await http::async_read(c.stream, c.buffer, parser, asio::use_awaitable);
    if (!parser.get().keep_alive()) c.stream.close();
    co_return parser.get().result_int();
  } catch (const boost::system::system_error&) {
    // Refused, reset, timed out or malformed: the event is sent again.
  }
  c.stream.close();
  co_return 0;
}

}  // namespace

/// What is to be sent to one endpoint.
class webhook_sender::queue : public std::enable_shared_from_this<queue> {
 public:
  queue(webhook_sender& owner, std::string endpoint)
      : owner_{owner}, endpoint_{std::move(endpoint)}, wake_{owner.executor_} {}

  void start() {
    asio::co_spawn(
        owner_.executor_, [self = shared_from_this()] { return self->pump(); }, asio::detached);
  }
  void stop() {
    is_stopped_ = true;
    wake_.cancel();
  }
  void add(delivery what, milliseconds after) {
    waiting_.emplace(steady_clock::now() + after, std::move(what));
    wake_.cancel();
  }

 private:
  asio::awaitable<void> pump() {
    while (!is_stopped_) {
      const auto now = steady_clock::now();
      while (!waiting_.empty() && waiting_.begin()->first <= now && in_flight_ < limits::deliveries_at_once) {
        auto what = std::move(waiting_.begin()->second);
        waiting_.erase(waiting_.begin());
        ++in_flight_;
        asio::co_spawn(
            owner_.executor_,
            [self = shared_from_this(), what = std::move(what)]() mutable { return self->deliver(std::move(what)); },
            asio::detached);
      }
      const bool has_place = in_flight_ < limits::deliveries_at_once;
      wake_.expires_at(has_place && !waiting_.empty() ? waiting_.begin()->first : steady_clock::time_point::max());
      co_await wake_.async_wait(asio::as_tuple(asio::use_awaitable));
    }
  }

  asio::awaitable<void> deliver(delivery what) {
    const auto status = co_await send(what.event);
    --in_flight_;
    if (is_stopped_) co_return;
    finish(std::move(what), status);
    wake_.cancel();
  }

  /// Nothing when there is nobody to send it to any more.
  asio::awaitable<std::optional<unsigned>> send(const std::string& id) {
    const auto* endpoint = owner_.books_.endpoints().find(endpoint_);
    const auto* what = owner_.books_.events().find(id);
    if (!endpoint || !what) co_return std::nullopt;
    const auto url = *parse_webhook_url(endpoint->url);
    const auto message = message_of(*endpoint, url, *what);
    auto c = take_idle();
    if (c) {
      c->stream.expires_after(limits::delivery_timeout);
    } else {
      c = std::make_unique<connection>(owner_.executor_);
      const bool connected = co_await connect(*c, url);
      if (!connected) co_return 0;
    }
    const auto status = co_await exchange(*c, message);
    if (c->stream.socket().is_open()) {
      c->idle_since = steady_clock::now();
      c->stream.expires_never();
      idle_.push_back(std::move(c));
    }
    co_return status;
  }

  http::request<http::string_body> message_of(const webhook_endpoint& endpoint, const webhook_url& url,
                                              const event& what) {
    auto secrets = secrets_in_use(endpoint, now_seconds());
    if (owner_.dice_.happens(owner_.faults_.webhook_wrong_secret_rate)) secrets = {make_id("whsec_wrong_")};
    http::request<http::string_body> message{http::verb::post, url.target, 11};
    message.set(http::field::host, url.host + ":" + url.port);
    message.set(http::field::user_agent, "Stripe/1.0 (+https://stripe.com/docs/webhooks)");
    message.set(http::field::content_type, "application/json; charset=utf-8");
    message.body() = text_of(to_json(what));
    message.set("Stripe-Signature", signature_header(now_seconds(), message.body(), secrets));
    message.prepare_payload();
    return message;
  }

  asio::awaitable<bool> connect(connection& c, const webhook_url& url) {
    try {
      tcp::resolver resolver{owner_.executor_};
      c.stream.expires_after(limits::delivery_timeout);
      const auto found = co_await resolver.async_resolve(url.host, url.port, asio::use_awaitable);
      co_await c.stream.async_connect(found, asio::use_awaitable);
      c.stream.socket().set_option(tcp::no_delay{true});
      co_return true;
    } catch (const boost::system::system_error&) {
      // Nobody there: later again.
    }
    co_return false;
  }

  std::unique_ptr<connection> take_idle() {
    while (!idle_.empty()) {
      auto c = std::move(idle_.back());
      idle_.pop_back();
      if (steady_clock::now() - c->idle_since < idle_longest) return c;
    }
    return nullptr;
  }

  void finish(delivery what, std::optional<unsigned> status) {
    if (!status) return;
    auto& books = owner_.books_;
    if (*status >= 200 && *status < 300) {
      ++owner_.counts_.sent;
      books.delivered(what.event, endpoint_);
      books.commit();
      return;
    }
    ++owner_.counts_.failed;
    const auto* known = books.events().find(what.event);
    const bool is_wanted =
        known && std::find(known->undelivered.begin(), known->undelivered.end(), endpoint_) != known->undelivered.end();
    const auto pause = pause_after(what.attempt);
    log_line("webhook {} to {}: {}, {}", what.event, endpoint_, *status == 0 ? "no answer" : std::to_string(*status),
             is_wanted ? "again in " + std::to_string(pause.count()) + " ms" : "delivered by another");
    if (!is_wanted) return;
    ++what.attempt;
    add(std::move(what), pause);
  }

  /// Twice as long each time, and by chance up to a half of that.
  milliseconds pause_after(unsigned attempt) {
    const auto doubled = milliseconds{limits::retry_first} * (std::int64_t{1} << std::min(attempt, 16u));
    const auto longest = std::min<milliseconds>(doubled, limits::retry_longest);
    return longest / 2 + owner_.dice_.up_to(longest / 2);
  }

  webhook_sender& owner_;
  std::string endpoint_;
  asio::steady_timer wake_;
  std::multimap<steady_clock::time_point, delivery> waiting_;
  std::vector<std::unique_ptr<connection>> idle_;
  std::size_t in_flight_ = 0;
  bool is_stopped_ = false;
};

webhook_sender::webhook_sender(asio::any_io_executor executor, books& kept, const faults& how, dice& chance)
    : executor_{std::move(executor)}, books_{kept}, faults_{how}, dice_{chance} {}

webhook_sender::~webhook_sender() = default;

void webhook_sender::send_new() {
  std::erase_if(queues_, [this](const auto& each) {
    const bool is_gone = !books_.endpoints().find(each.first);
    if (is_gone) each.second->stop();
    return is_gone;
  });
  for (const auto& id : books_.take_new_events())
    if (const auto* what = books_.events().find(id)) enqueue(*what);
}

void webhook_sender::send_all_undelivered() {
  books_.events().oldest_first([this](const event& each) {
    for (const auto& endpoint : each.undelivered) queue_of(endpoint).add({each.id}, milliseconds{0});
    return true;
  });
}

void webhook_sender::stop() {
  for (const auto& [endpoint, each] : queues_) each->stop();
}

void webhook_sender::enqueue(const event& what) {
  const auto endpoints = what.undelivered;  // a copy: a dropped one is taken out below
  const auto id = what.id;
  for (const auto& endpoint : endpoints) {
    if (dice_.happens(faults_.webhook_drop_rate)) {
      ++counts_.dropped;
      books_.delivered(id, endpoint);
      continue;
    }
    for (std::int64_t i = 0; i < faults_.webhook_copies; ++i)
      queue_of(endpoint).add(
          {id}, milliseconds{faults_.webhook_delay_ms} + dice_.up_to(milliseconds{faults_.webhook_shuffle_ms}));
  }
  books_.commit();
}

webhook_sender::queue& webhook_sender::queue_of(const std::string& endpoint) {
  auto& place = queues_[endpoint];
  if (!place) {
    place = std::make_shared<queue>(*this, endpoint);
    place->start();
  }
  return *place;
}

}  // namespace dabba::sandbox
