/// The file's side of objects.hpp: every object as it is shown, and beside that what is not shown.
#include <algorithm>
#include <stdexcept>

#include "bench/sandbox-gateway/objects.hpp"

namespace dabba::sandbox {

namespace {

using nlohmann::json;

std::string text_in(const json& object, const char* key) {
  const auto it = object.find(key);
  return it != object.end() && it->is_string() ? it->get<std::string>() : std::string{};
}

std::optional<unix_seconds> time_in(const json& object, const char* key) {
  const auto it = object.find(key);
  if (it == object.end() || !it->is_number_integer()) return std::nullopt;
  return it->get<unix_seconds>();
}

void put_time(json& into, const char* key, std::optional<unix_seconds> time) {
  if (time) into[key] = *time;
}

template <class Status>
Status status_in(const json& object, const char* key, std::initializer_list<Status> all) {
  const auto text = object.at(key).get<std::string>();
  const auto found = std::find_if(all.begin(), all.end(), [&](Status each) { return name(each) == text; });
  if (found == all.end()) throw std::runtime_error{"'" + text + "' is no status"};
  return *found;
}

refund_status refund_status_in(const json& object, const char* key) {
  return status_in(object, key, {refund_status::pending, refund_status::succeeded, refund_status::failed});
}

}  // namespace

json to_record(const payment_intent& x) {
  auto record = to_json(x);
  record["sandbox"] = {{"test_method", x.test_method}};
  put_time(record["sandbox"], "settle_at", x.settle_at);
  return record;
}

payment_intent intent_of(const json& r) {
  using enum intent_status;
  payment_intent x;
  x.id = r.at("id");
  x.client_secret = r.at("client_secret");
  x.created = r.at("created");
  x.amount = r.at("amount");
  x.amount_capturable = r.at("amount_capturable");
  x.amount_received = r.at("amount_received");
  x.currency = r.at("currency");
  x.status = status_in(r, "status",
                       {requires_payment_method, requires_confirmation, requires_action, processing, requires_capture,
                        succeeded, canceled});
  x.capture_method = r.at("capture_method");
  x.customer = text_in(r, "customer");
  x.description = text_in(r, "description");
  x.receipt_email = text_in(r, "receipt_email");
  x.payment_method = text_in(r, "payment_method");
  x.latest_charge = text_in(r, "latest_charge");
  x.cancellation_reason = text_in(r, "cancellation_reason");
  x.canceled_at = time_in(r, "canceled_at");
  x.metadata = r.at("metadata").get<metadata_map>();
  x.payment_method_types = r.at("payment_method_types").get<std::vector<std::string>>();
  x.automatic_payment_methods = r.at("automatic_payment_methods");
  x.last_payment_error = r.at("last_payment_error");
  x.next_action = r.at("next_action");
  x.test_method = r.at("sandbox").at("test_method");
  x.settle_at = time_in(r.at("sandbox"), "settle_at");
  return x;
}

json to_record(const charge& x) {
  auto record = to_json(x);
  record["sandbox"] = {{"test_method", x.test_method}, {"decline_code", x.decline_code}};
  return record;
}

charge charge_of(const json& r) {
  charge x;
  x.id = r.at("id");
  x.payment_intent = r.at("payment_intent");
  x.created = r.at("created");
  x.amount = r.at("amount");
  x.amount_captured = r.at("amount_captured");
  x.amount_refunded = r.at("amount_refunded");
  x.currency = r.at("currency");
  x.payment_method = r.at("payment_method");
  x.failure_code = text_in(r, "failure_code");
  x.failure_message = text_in(r, "failure_message");
  x.customer = text_in(r, "customer");
  x.description = text_in(r, "description");
  x.metadata = r.at("metadata").get<metadata_map>();
  x.test_method = r.at("sandbox").at("test_method");
  x.decline_code = r.at("sandbox").at("decline_code");
  return x;
}

json to_record(const refund& x) {
  auto record = to_json(x);
  record["sandbox"] = {{"becomes", name(x.becomes)}};
  put_time(record["sandbox"], "settle_at", x.settle_at);
  return record;
}

refund refund_of(const json& r) {
  refund x;
  x.id = r.at("id");
  x.charge = r.at("charge");
  x.payment_intent = r.at("payment_intent");
  x.created = r.at("created");
  x.amount = r.at("amount");
  x.currency = r.at("currency");
  x.reason = text_in(r, "reason");
  x.status = refund_status_in(r, "status");
  x.failure_reason = text_in(r, "failure_reason");
  x.metadata = r.at("metadata").get<metadata_map>();
  x.becomes = refund_status_in(r.at("sandbox"), "becomes");
  x.settle_at = time_in(r.at("sandbox"), "settle_at");
  return x;
}

json to_record(const event& x) {
  auto record = to_json(x);
  record["sandbox"] = {{"undelivered", x.undelivered}};
  return record;
}

event event_of(const json& r) {
  event x;
  x.id = r.at("id");
  x.type = r.at("type");
  x.created = r.at("created");
  x.object = text_of(r.at("data").at("object"));
  x.request_id = text_in(r.at("request"), "id");
  x.idempotency_key = text_in(r.at("request"), "idempotency_key");
  x.undelivered = r.at("sandbox").at("undelivered").get<std::vector<std::string>>();
  return x;
}

json to_record(const webhook_endpoint& x) {
  auto record = to_json(x);
  auto secrets = json::array();
  for (const auto& each : x.secrets) {
    json secret{{"text", each.text}};
    put_time(secret, "ends", each.ends);
    secrets.push_back(std::move(secret));
  }
  record["sandbox"] = {{"secrets", std::move(secrets)}};
  return record;
}

webhook_endpoint endpoint_of(const json& r) {
  webhook_endpoint x;
  x.id = r.at("id");
  x.url = r.at("url");
  x.created = r.at("created");
  x.enabled_events = r.at("enabled_events").get<std::vector<std::string>>();
  x.description = text_in(r, "description");
  x.metadata = r.at("metadata").get<metadata_map>();
  for (const auto& each : r.at("sandbox").at("secrets"))
    x.secrets.push_back({each.at("text").get<std::string>(), time_in(each, "ends")});
  return x;
}

}  // namespace dabba::sandbox
