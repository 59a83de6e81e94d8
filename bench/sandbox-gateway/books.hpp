/// All the gateway knows, in memory and, when it has one, in a file.
///
/// A request changes several objects at once: it puts each of them and commits at its end, before it is answered. What
/// refuses a request has to do so before the first put.
#pragma once

#include <filesystem>
#include <optional>
#include <set>
#include <string>
#include <vector>

#include "bench/sandbox-gateway/objects.hpp"
#include "bench/sandbox-gateway/shelf.hpp"
#include "bench/sandbox-gateway/state_file.hpp"

namespace dabba::sandbox {

/// Who asks, for the events that come of it.
struct call {
  bool is_secret = true;  ///< made with the secret key, and not by a customer's app
  std::string request_id;
  std::string idempotency_key;
};

/// The first answer to an idempotency key.
struct kept_answer {
  std::string id;  ///< the key
  std::string fingerprint;
  std::string request_id;
  unix_seconds created = 0;
  unsigned status = 0;
  std::string body;
};

class books {
 public:
  /// Throws std::runtime_error when the file can't be used.
  explicit books(const std::optional<std::filesystem::path>& file);

  [[nodiscard]] const shelf<payment_intent>& intents() const { return intents_; }
  [[nodiscard]] const shelf<charge>& charges() const { return charges_; }
  [[nodiscard]] const shelf<refund>& refunds() const { return refunds_; }
  [[nodiscard]] const shelf<event>& events() const { return events_; }
  [[nodiscard]] const shelf<webhook_endpoint>& endpoints() const { return endpoints_; }
  [[nodiscard]] const shelf<kept_answer>& answers() const { return answers_; }

  /// Throw api_error when there are too many already.
  void require_room_for_payment() const;
  void require_room_for_refund() const;

  const payment_intent& put(payment_intent x);
  const charge& put(charge x);
  const refund& put(refund x);
  const webhook_endpoint& put(webhook_endpoint x);
  void put(kept_answer x);
  void drop_endpoint(const std::string& id);
  /// Records that something happened, for the endpoints that want to know.
  void tell(const std::string& type, const nlohmann::json& object, const call& who);
  /// The endpoint has taken the event, or never will.
  void delivered(const std::string& event, const std::string& endpoint);

  /// What is due to be settled, in no order.
  [[nodiscard]] const std::set<std::string>& unsettled_intents() const { return unsettled_intents_; }
  [[nodiscard]] const std::set<std::string>& unsettled_refunds() const { return unsettled_refunds_; }

  /// Throws std::runtime_error when the file can't be written: then nothing may be answered any more.
  void commit();
  /// Events since the last time, after their commit.
  std::vector<std::string> take_new_events();

 private:
  /// For the file, with the next commit.
  template <class T>
  void keep(const char* kind, const T& x);
  void note(const char* kind, nlohmann::json record);
  void load(std::string_view line);
  void load(const nlohmann::json& entry);
  void place(payment_intent x);
  void place(refund x);
  void forget_old();
  void rewrite_file();

  shelf<payment_intent> intents_;
  shelf<charge> charges_;
  shelf<refund> refunds_;
  shelf<event> events_;
  shelf<webhook_endpoint> endpoints_;
  shelf<kept_answer> answers_;
  std::set<std::string> unsettled_intents_;
  std::set<std::string> unsettled_refunds_;
  std::vector<std::string> new_events_;
  nlohmann::json uncommitted_ = nlohmann::json::array();
  std::optional<state_file> file_;
};

}  // namespace dabba::sandbox
