#include "bench/sandbox-gateway/books.hpp"

#include <algorithm>
#include <stdexcept>

#include "bench/sandbox-gateway/api_error.hpp"
#include "bench/sandbox-gateway/chance.hpp"
#include "bench/sandbox-gateway/limits.hpp"

namespace dabba::sandbox {

namespace {

using nlohmann::json;

json to_record(const kept_answer& x) {
  return {{"id", x.id},           {"fingerprint", x.fingerprint}, {"request_id", x.request_id},
          {"created", x.created}, {"status", x.status},           {"body", x.body}};
}

kept_answer answer_of(const json& r) {
  return {r.at("id").get<std::string>(),         r.at("fingerprint").get<std::string>(),
          r.at("request_id").get<std::string>(), r.at("created").get<unix_seconds>(),
          r.at("status").get<unsigned>(),        r.at("body").get<std::string>()};
}

api_error full(const std::string& what) {
  api_error made{429, "invalid_request_error", "This sandbox keeps no more " + what + ": start it anew."};
  made.code = "rate_limit";
  return made;
}

void note_settling(std::set<std::string>& unsettled, const auto& x) {
  if (x.settle_at)
    unsettled.insert(x.id);
  else
    unsettled.erase(x.id);
}

}  // namespace

template <class T>
void books::keep(const char* kind, const T& x) {
  if (file_) note(kind, to_record(x));
}

books::books(const std::optional<std::filesystem::path>& file) {
  if (!file) return;
  file_.emplace(*file, [this](std::string_view line) { load(line); });
  rewrite_file();
}

void books::require_room_for_payment() const {
  if (intents_.size() >= limits::payments || charges_.size() >= 2 * limits::payments) throw full("payments");
}

void books::require_room_for_refund() const {
  if (refunds_.size() >= limits::refunds) throw full("refunds");
}

const payment_intent& books::put(payment_intent x) {
  keep("intent", x);
  note_settling(unsettled_intents_, x);
  return intents_.put(std::move(x));
}

const charge& books::put(charge x) {
  keep("charge", x);
  return charges_.put(std::move(x));
}

const refund& books::put(refund x) {
  keep("refund", x);
  note_settling(unsettled_refunds_, x);
  return refunds_.put(std::move(x));
}

const webhook_endpoint& books::put(webhook_endpoint x) {
  keep("endpoint", x);
  return endpoints_.put(std::move(x));
}

void books::put(kept_answer x) {
  keep("answer", x);
  answers_.put(std::move(x));
}

void books::drop_endpoint(const std::string& id) {
  note("dropped", {{"endpoint", id}});
  endpoints_.drop(id);
}

void books::tell(const std::string& type, const json& object, const call& who) {
  event made;
  made.id = make_id("evt_");
  made.type = type;
  made.created = now_seconds();
  made.object = text_of(object);
  made.request_id = who.request_id;
  made.idempotency_key = who.idempotency_key;
  endpoints_.oldest_first([&](const webhook_endpoint& each) {
    if (each.takes(type)) made.undelivered.push_back(each.id);
    return true;
  });
  keep("event", made);
  new_events_.push_back(made.id);
  events_.put(std::move(made));
}

void books::delivered(const std::string& event, const std::string& endpoint) {
  const auto* known = events_.find(event);
  if (!known) return;
  auto changed = *known;
  if (std::erase(changed.undelivered, endpoint) == 0) return;
  note("delivered", {{"event", event}, {"endpoint", endpoint}});
  events_.put(std::move(changed));
}

void books::commit() {
  forget_old();
  if (uncommitted_.empty()) return;
  auto changes = std::exchange(uncommitted_, json::array());
  if (!file_) return;
  file_->append(text_of(changes));
  if (file_->wants_rewrite()) rewrite_file();
}

std::vector<std::string> books::take_new_events() { return std::exchange(new_events_, {}); }

void books::note(const char* kind, json record) {
  if (file_) uncommitted_.push_back({{"kind", kind}, {"record", std::move(record)}});
}

/// What is over its time or its number. Events that somebody still waits for are kept as long as there is room for as
/// many again.
void books::forget_old() {
  const auto oldest_answer = now_seconds() - std::chrono::seconds{limits::key_lifetime}.count();
  while (answers_.size() > 0 && (answers_.size() > limits::keys || answers_.oldest()->created < oldest_answer))
    answers_.drop(std::string{answers_.oldest()->id});
  while (events_.size() > limits::events &&
         (events_.oldest()->undelivered.empty() || events_.size() > 2 * limits::events))
    events_.drop(std::string{events_.oldest()->id});
}

void books::load(std::string_view line) {
  const auto changes = json::parse(line, nullptr, false);
  if (!changes.is_array()) throw std::runtime_error{"the state file is damaged: " + std::string{line.substr(0, 80)}};
  for (const auto& each : changes) load(each);
}

void books::load(const json& entry) {
  const auto kind = entry.at("kind").get<std::string>();
  const auto& record = entry.at("record");
  if (kind == "intent") {
    place(intent_of(record));
  } else if (kind == "charge") {
    charges_.put(charge_of(record));
  } else if (kind == "refund") {
    place(refund_of(record));
  } else if (kind == "event") {
    events_.put(event_of(record));
  } else if (kind == "endpoint") {
    endpoints_.put(endpoint_of(record));
  } else if (kind == "answer") {
    answers_.put(answer_of(record));
  } else if (kind == "dropped") {
    endpoints_.drop(record.at("endpoint"));
  } else if (kind == "delivered") {
    delivered(record.at("event"), record.at("endpoint"));
  } else {
    throw std::runtime_error{"the state file has a record of an unknown kind: " + kind};
  }
}

void books::place(payment_intent x) {
  note_settling(unsettled_intents_, x);
  intents_.put(std::move(x));
}

void books::place(refund x) {
  note_settling(unsettled_refunds_, x);
  refunds_.put(std::move(x));
}

void books::rewrite_file() {
  forget_old();
  file_->rewrite([this](const std::function<void(std::string)>& write) {
    const auto write_all = [&write](const char* kind, const auto& all) {
      all.oldest_first([&](const auto& each) {
        write(text_of(json::array({{{"kind", kind}, {"record", to_record(each)}}})));
        return true;
      });
    };
    write_all("endpoint", endpoints_);
    write_all("intent", intents_);
    write_all("charge", charges_);
    write_all("refund", refunds_);
    write_all("event", events_);
    write_all("answer", answers_);
  });
}

}  // namespace dabba::sandbox
