/// Which path of Stripe's API means what.
#include <algorithm>
#include <optional>

#include "bench/sandbox-gateway/api.hpp"
#include "bench/sandbox-gateway/api_error.hpp"
#include "bench/sandbox-gateway/endpoints.hpp"
#include "bench/sandbox-gateway/form.hpp"
#include "bench/sandbox-gateway/pages.hpp"

namespace dabba::sandbox {

namespace {

api_error unrecognized(const http_request& what) {
  api_error made{404, "invalid_request_error", "Unrecognized request URL (" + what.method + ": " + what.path + ")."};
  return made;
}

/// A text that, when it is asked for, has to be this one.
bool matches(const std::optional<std::string>& asked, const std::string& text) { return !asked || *asked == text; }

}  // namespace

answer api::route(const http_request& what, const call& who) {
  const auto path = split_path(what.path);
  auto form = parse_form(what.method == "GET" || what.method == "DELETE" ? what.query : what.body);
  form.erase("key");
  parameters given{std::move(form)};
  if (path.size() < 2 || path[0] != "v1") throw unrecognized(what);
  // A customer's app may look at its own intent and confirm it.
  const bool is_app_path = path[1] == "payment_intents" &&
                           ((path.size() == 3 && what.method == "GET") || (path.size() == 4 && path[3] == "confirm"));
  if (!who.is_secret && !is_app_path) {
    api_error refused{403, "invalid_request_error",
                      "This API call cannot be made with a publishable API key. Please use a secret API key."};
    refused.code = "secret_key_required";
    throw refused;
  }
  if (path[1] == "payment_intents") return route_intents(what, path, std::move(given), who);
  if (path[1] == "refunds") return route_refunds(what, path, std::move(given), who);
  if (path[1] == "webhook_endpoints") return route_endpoints(what, path, std::move(given));
  if (what.method == "GET" && path[1] == "events") return route_events(path, std::move(given));
  if (what.method == "GET" && path[1] == "charges") return route_charges(path, std::move(given));
  throw unrecognized(what);
}

answer api::route_intents(const http_request& what, const std::vector<std::string>& path, parameters given,
                          const call& who) {
  if (what.method == "GET" && path.size() == 2) {
    const auto page = page_of(given);
    const auto customer = given.text("customer");
    given.refuse_others();
    return list_page(
        books_.intents(), page, what.path, [&](const payment_intent& x) { return matches(customer, x.customer); });
  }
  if (what.method == "GET" && path.size() == 3) return payments_.retrieve(path[2], std::move(given), who);
  if (what.method == "POST" && path.size() == 2) return payments_.create(std::move(given), who);
  if (what.method == "POST" && path.size() == 3) return payments_.update(path[2], std::move(given), who);
  if (what.method == "POST" && path.size() == 4) {
    if (path[3] == "confirm") return payments_.confirm(path[2], std::move(given), who);
    if (path[3] == "capture") return payments_.capture(path[2], std::move(given), who);
    if (path[3] == "cancel") return payments_.cancel(path[2], std::move(given), who);
  }
  throw unrecognized(what);
}

answer api::route_refunds(const http_request& what, const std::vector<std::string>& path, parameters given,
                          const call& who) {
  if (what.method == "POST" && path.size() == 2) return refunds_.create(std::move(given), who);
  if (what.method == "GET" && path.size() == 3) return refunds_.retrieve(path[2]);
  if (what.method == "GET" && path.size() == 2) {
    const auto page = page_of(given);
    const auto intent = given.text("payment_intent");
    const auto paid = given.text("charge");
    given.refuse_others();
    return list_page(books_.refunds(), page, what.path,
                     [&](const refund& x) { return matches(intent, x.payment_intent) && matches(paid, x.charge); });
  }
  throw unrecognized(what);
}

answer api::route_events(const std::vector<std::string>& path, parameters given) {
  if (path.size() == 3) {
    const auto* found = books_.events().find(path[2]);
    if (!found) throw missing_resource("event", path[2], "id");
    return {200, to_json(*found)};
  }
  const auto page = page_of(given);
  const auto type = given.text("type");
  const auto types = given.list("types");
  const auto delivered = given.truth("delivery_success");
  given.refuse_others();
  return list_page(books_.events(), page, "/v1/events", [&](const event& x) {
    const bool is_wanted = types.empty() || std::find(types.begin(), types.end(), x.type) != types.end();
    return is_wanted && matches(type, x.type) && (!delivered || *delivered == x.undelivered.empty());
  });
}

answer api::route_charges(const std::vector<std::string>& path, parameters given) {
  if (path.size() == 3) return retrieve_charge(books_, path[2]);
  const auto page = page_of(given);
  const auto intent = given.text("payment_intent");
  given.refuse_others();
  return list_page(
      books_.charges(), page, "/v1/charges", [&](const charge& x) { return matches(intent, x.payment_intent); });
}

answer api::route_endpoints(const http_request& what, const std::vector<std::string>& path, parameters given) {
  if (what.method == "POST" && path.size() == 2) return create_endpoint(books_, std::move(given));
  if (what.method == "GET" && path.size() == 2) {
    const auto page = page_of(given);
    given.refuse_others();
    return list_page(books_.endpoints(), page, what.path, [](const webhook_endpoint&) { return true; });
  }
  if (path.size() == 3) {
    const auto* found = books_.endpoints().find(path[2]);
    if (!found) throw missing_resource("webhook endpoint", path[2], "webhook_endpoint");
    if (what.method == "GET") return {200, to_json(*found)};
    if (what.method == "DELETE") return delete_endpoint(books_, path[2]);
  }
  throw unrecognized(what);
}

}  // namespace dabba::sandbox
