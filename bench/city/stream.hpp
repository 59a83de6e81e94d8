/// One app's WebSocket to the platform: signs in, subscribes, comes back after every loss and resumes where it was.
#pragma once

#include <map>
#include <memory>

#include "bench/city/wire.hpp"
#include "bench/city/world.hpp"

namespace dabba::city {

/// What an app does with what its socket brings. Called on the one thread; must not block.
class stream_listener {
 public:
  /// Signed in, and the subscriptions are on their way; at first and after every loss.
  virtual void on_connected() {}
  virtual void on_message(const server_message& message) = 0;

 protected:
  ~stream_listener() = default;
};

/// What became of a request over the socket.
struct stream_answer {
  enum class outcome { done, refused, lost };
  outcome is = outcome::lost;  ///< lost: the connection went away, nobody knows
  std::string code;            ///< of a refusal
  std::vector<delivery_view> deliveries;
};

class stream {
 public:
  stream(world& w, account_id account, std::string client, stream_listener& listener);
  ~stream();
  stream(const stream&) = delete;
  stream& operator=(const stream&) = delete;

  /// Connects, and stays connected until `close`.
  void open();
  /// Says goodbye; the tasks that serve the socket end soon after.
  void close();
  [[nodiscard]] bool connected() const { return live_ != nullptr; }
  /// Sends the account's present token.
  void renew();

  /// Asks for everything since the topic's beginning; after each reconnect for what came after the last event seen.
  void subscribe(const std::string& topic);

  /// Sends `{"type":..,"id":..,<fields>}` and waits for its ack or refusal, within `limits::request_timeout`.
  asio::awaitable<stream_answer> request(std::string type, std::string fields);
  /// Sends a position frame if there is a connection; a newer one replaces one that has not left yet.
  void locate(std::string_view frame);

 private:
  struct connection;
  struct waiting;
  struct cursor {
    std::int64_t last = 0;     ///< the last event seen
    std::int64_t request = 0;  ///< the id of the subscription's own request
  };

  asio::awaitable<void> run();
  asio::awaitable<bool> serve();
  asio::awaitable<void> write_loop(std::shared_ptr<connection> c);
  asio::awaitable<void> read_loop(connection& c);
  void received(std::string_view text);
  void accept(const server_message& message);
  void refused(const refusal_message& refusal);
  [[nodiscard]] bool settle(std::int64_t id, stream_answer answer);
  void note_event(const event_message& event);
  void send_subscription(const std::string& topic, cursor& at);
  asio::awaitable<void> subscribe_again(std::string topic);
  void send(std::string frame);
  void disconnected();

  world& world_;
  account_id account_;
  std::string client_;
  stream_listener& listener_;
  std::map<std::string, cursor> topics_;
  std::map<std::int64_t, waiting*> waiting_;
  std::shared_ptr<connection> live_;
  alarm_signal retry_;
  std::int64_t last_id_ = 0;
  bool was_connected_ = false;
  bool closing_ = false;
};

}  // namespace dabba::city
