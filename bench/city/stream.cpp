#include "bench/city/stream.hpp"

#include <deque>

#include <fmt/format.h>
#include <boost/beast/core.hpp>
#include <boost/beast/websocket.hpp>

namespace dabba::city {

namespace beast = boost::beast;
namespace websocket = beast::websocket;
using std::chrono::steady_clock;

/// One connection and what is still to be written to it. Its writer may outlive its reader by a moment, never the other
/// way round: both share it.
struct stream::connection {
  explicit connection(const asio::any_io_executor& executor) : socket(executor), to_write(executor) {}

  websocket::stream<beast::tcp_stream> socket;
  std::deque<std::string> queue;
  std::string position;  ///< the latest, empty when it has left
  alarm_signal to_write;
  bool goodbye = false;  ///< close once the queue is empty
  bool dead = false;

  [[nodiscard]] bool idle() const { return queue.empty() && position.empty(); }
};

/// A request whose answer has not come.
struct stream::waiting {
  explicit waiting(const asio::any_io_executor& executor) : answered(executor) {}
  alarm_signal answered;
  std::optional<stream_answer> answer;
};

stream::stream(world& w, account_id account, std::string client, stream_listener& listener)
    : world_(w), account_(account), client_(std::move(client)), listener_(listener), retry_(w.executor) {}

stream::~stream() = default;

void stream::open() { world_.spawn(client_, run()); }

void stream::close() {
  closing_ = true;
  retry_.notify();
  if (!live_) return;
  live_->goodbye = true;
  live_->to_write.notify();
}

asio::awaitable<void> stream::run() {
  int failures = 0;
  while (!closing_) {
    const bool served = co_await serve();
    disconnected();
    if (closing_ || world_.too_late()) break;
    failures = served ? 1 : failures + 1;
    co_await retry_.wait_until(steady_clock::now() + world_.backoff_before(failures));
  }
}

/// One connection's life. True when it got as far as being signed in.
asio::awaitable<bool> stream::serve() {
  auto c = std::make_shared<connection>(world_.executor);
  bool signed_in = false;
  try {
    auto& tcp = beast::get_lowest_layer(c->socket);
    tcp.expires_after(limits::connect_timeout);
    co_await tcp.async_connect(world_.server.endpoint, asio::use_awaitable);
    tcp.socket().set_option(asio::ip::tcp::no_delay{true});
    tcp.expires_never();
    c->socket.set_option(websocket::stream_base::timeout{limits::connect_timeout, limits::silence_timeout, false});
    c->socket.read_message_max(limits::frame_bytes);
    c->socket.auto_fragment(false);
    c->socket.text(true);
    const auto bearer = "Bearer " + world_.tokens.token(account_);
    c->socket.set_option(websocket::stream_base::decorator([bearer](websocket::request_type& request) {
      request.set(beast::http::field::authorization, bearer);
      request.set(beast::http::field::sec_websocket_protocol, "dabba.v1+json");
    }));
    co_await c->socket.async_handshake(
        world_.server.host + ":" + world_.server.port, "/v1/stream", asio::use_awaitable);
    ++(was_connected_ ? world_.counts.reconnects : world_.counts.sockets_opened);
    was_connected_ = signed_in = true;
    live_ = c;
    world_.spawn(client_, write_loop(c));
    for (auto& [topic, at] : topics_) send_subscription(topic, at);
    listener_.on_connected();
    if (closing_) c->goodbye = true;
    co_await read_loop(*c);
  } catch (const boost::system::system_error& e) {
    const auto reason = c->socket.reason();
    if (!closing_)
      world_.log.note(client_, fmt::format("socket: {} (close code {})", e.what(), static_cast<unsigned>(reason.code)));
  }
  c->dead = true;
  beast::get_lowest_layer(c->socket).close();
  c->to_write.notify();
  co_return signed_in;
}

asio::awaitable<void> stream::read_loop(connection& c) {
  beast::flat_buffer buffer;
  while (!c.dead) {
    co_await c.socket.async_read(buffer, asio::use_awaitable);
    ++world_.counts.frames_received;
    received({static_cast<const char*>(buffer.cdata().data()), buffer.size()});
    buffer.consume(buffer.size());
  }
}

asio::awaitable<void> stream::write_loop(std::shared_ptr<connection> c) {
  std::string frame;
  try {
    while (!c->dead) {
      if (c->idle() && c->goodbye) {
        co_await c->socket.async_close(websocket::close_code::normal, asio::use_awaitable);
        co_return;
      }
      const auto ping_due = steady_clock::now() + limits::ping_interval;
      while (c->idle() && !c->dead && !c->goodbye && steady_clock::now() < ping_due)
        co_await c->to_write.wait_until(ping_due);
      if (c->dead) co_return;
      if (!c->queue.empty()) {
        frame = std::move(c->queue.front());
        c->queue.pop_front();
      } else if (!c->position.empty()) {
        // Swapped, not copied: the two buffers take turns.
        frame.clear();
        frame.swap(c->position);
        ++world_.counts.positions_sent;
      } else if (c->goodbye) {
        continue;
      } else {
        frame = fmt::format(R"({{"type":"ping","id":{}}})", ++last_id_);
      }
      co_await c->socket.async_write(asio::buffer(frame), asio::use_awaitable);
    }
  } catch (const boost::system::system_error&) {
    // The reader sees the same loss and says so.
  }
}

void stream::received(std::string_view text) {
  try {
    accept(parse_server_message(text));
  } catch (const wire_error& e) {
    world_.log.error(client_, e.what());
  }
}

void stream::accept(const server_message& message) {
  if (const auto* ack = std::get_if<ack_message>(&message)) {
    // Most acks are of pings and subscriptions, which nobody waits for.
    (void)settle(ack->id, {stream_answer::outcome::done, {}, ack->deliveries});
  } else if (const auto* refusal = std::get_if<refusal_message>(&message)) {
    refused(*refusal);
  } else {
    if (const auto* event = std::get_if<event_message>(&message)) note_event(*event);
    listener_.on_message(message);
  }
}

void stream::refused(const refusal_message& refusal) {
  if (settle(refusal.id, {stream_answer::outcome::refused, refusal.code, {}})) return;
  for (const auto& [topic, at] : topics_) {
    if (at.request != refusal.id || !is_transient(refusal.code)) continue;
    world_.spawn(client_, subscribe_again(topic));
    return;
  }
  world_.log.error(client_, fmt::format("refused: {} {}", refusal.code, refusal.detail));
}

void stream::note_event(const event_message& event) {
  // "me" says nothing to who reads the history.
  const auto topic = event.topic == "partners/me" ? "partners/" + world_.tokens.uuid(account_) : event.topic;
  world_.log.saw(client_, topic, {event.seq, event.type, event.order}, event.at);
  const auto it = topics_.find(event.topic);
  if (it != topics_.end()) it->second.last = std::max(it->second.last, event.seq);
}

/// False when nobody waits for an answer with this id.
bool stream::settle(std::int64_t id, stream_answer answer) {
  const auto it = waiting_.find(id);
  if (it == waiting_.end()) return false;
  it->second->answer = std::move(answer);
  it->second->answered.notify();
  return true;
}

asio::awaitable<stream_answer> stream::request(std::string type, std::string fields) {
  stream_answer lost;
  if (!live_) co_return lost;
  const auto id = ++last_id_;
  waiting here{world_.executor};
  waiting_.emplace(id, &here);
  send(fmt::format(R"({{"type":"{}","id":{}{}{}}})", type, id, fields.empty() ? "" : ",", fields));
  const auto give_up = steady_clock::now() + limits::request_timeout;
  while (!here.answer && steady_clock::now() < give_up) co_await here.answered.wait_until(give_up);
  waiting_.erase(id);
  co_return here.answer ? std::move(*here.answer) : lost;
}

void stream::subscribe(const std::string& topic) {
  const auto [it, added] = topics_.try_emplace(topic);
  if (added && live_) send_subscription(topic, it->second);
}

void stream::send_subscription(const std::string& topic, cursor& at) {
  at.request = ++last_id_;
  send(fmt::format(R"({{"type":"subscribe","id":{},"topic":"{}","since":{}}})", at.request, topic, at.last));
}

/// The platform was too busy to take a subscription, or its shard is on the way to another owner.
asio::awaitable<void> stream::subscribe_again(std::string topic) {
  co_await world_.pause(limits::backoff_longest / 4);
  if (closing_) co_return;
  if (const auto it = topics_.find(topic); it != topics_.end()) send_subscription(topic, it->second);
}

void stream::renew() {
  if (live_) send(fmt::format(R"({{"type":"auth","id":{},"token":"{}"}})", ++last_id_, world_.tokens.token(account_)));
}

void stream::locate(std::string_view frame) {
  if (!live_) return;
  live_->position.assign(frame);
  live_->to_write.notify();
}

void stream::send(std::string frame) {
  if (!live_) return;
  if (live_->queue.size() >= limits::queued_frames) {
    world_.log.error(client_, "the platform does not read its socket");
    live_->dead = true;
    beast::get_lowest_layer(live_->socket).close();
    return;
  }
  live_->queue.push_back(std::move(frame));
  live_->to_write.notify();
}

/// Whoever waits for an answer will not get it from this connection.
void stream::disconnected() {
  live_.reset();
  for (auto& [_, here] : waiting_) {
    here->answer = stream_answer{};
    here->answered.notify();
  }
}

}  // namespace dabba::city
