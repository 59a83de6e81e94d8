/// What a user has ordered, and everything we hold of a user.
#include "http-edge/account_commands.hpp"
#include "http-edge/account_views.hpp"
#include "http-edge/query.hpp"
#include "protocols/codec.hpp"
#include "protocols/model/limits.hpp"

namespace dabba::http {
namespace {

struct history_page {
  std::vector<order> orders;  ///< one more than shown when there are more
  bool has_more = false;
};

asio::awaitable<answer_or_problem<history_page>> read_page(call& c, order_filter filter, std::optional<page_end> after,
                                                           std::size_t limit) {
  std::optional<order_cursor> from;
  if (after) from = order_cursor{after->at, {after->id}};
  auto read = [who = c.who->id, filter, from, limit](account_stores& s) {
    return s.orders->customer_orders(who, filter, from, limit + 1);
  };
  auto states = co_await c.shared.accounts.use(read);
  if (!states) co_return refused(states.error());
  history_page page;
  page.has_more = states->size() > limit;
  if (page.has_more) states->resize(limit);
  for (const auto& each : *states) {
    auto decoded = decode_order(each);
    if (!decoded) co_return refused(decoded.error());
    page.orders.push_back(std::move(*decoded));
  }
  co_return page;
}

struct history_query {
  order_filter filter;
  std::size_t limit = limits::page_items_default;
  std::optional<page_end> after;
  std::string list;  ///< the list and its filters, as cursors are signed for
};

/// Cursors are good for the same filters only.
std::string list_of(const order_filter& x) {
  auto text = [](const std::optional<instant>& at) { return at ? std::to_string(at->micros) : "-"; };
  return "orders " + (x.status ? to_string(*x.status) : "-") + ' ' + text(x.from) + ' ' + text(x.until);
}

answer_or_problem<history_query> read_query(const call& c) {
  query_string in{c.in.query};
  history_query made;
  auto limit = in.number("limit", 1, limits::page_items, limits::page_items_default);
  if (!limit) return tl::unexpected{invalid_parameter("limit", "must be a number from 1 to 200")};
  made.limit = *limit;
  if (auto status = in.text("status")) {
    made.filter.status = parse_enum<order_status>(*status);
    if (!made.filter.status) return tl::unexpected{invalid_parameter("status", "is no status of orders")};
  }
  for (auto [name, into] : {std::pair{"from", &made.filter.from}, std::pair{"to", &made.filter.until}}) {
    auto text = in.text(name);
    if (!text) continue;
    *into = parse_time(*text);
    if (!*into) return tl::unexpected{invalid_parameter(name, "must be an RFC 3339 time")};
  }
  made.list = list_of(made.filter);
  if (auto cursor = in.text("cursor")) {
    made.after = c.shared.cursors.read(c.who->id, made.list, *cursor);
    if (!made.after)
      return tl::unexpected{invalid_parameter("cursor", "must be the nextCursor of an answer to the same question")};
  }
  return made;
}

asio::awaitable<handled> list_my_orders(call& c) {
  auto query = read_query(c);
  if (!query) co_return tl::unexpected{std::move(query.error())};
  auto page = co_await read_page(c, query->filter, query->after, query->limit);
  if (!page) co_return tl::unexpected{std::move(page.error())};
  co_return json_response(json_text_of([&](json_object& out) {
    out.array("items", page->orders, [](json_object& each, const order& x) { put_order(each, x, audience::customer); });
    if (!page->has_more) return;
    const auto& last = page->orders.back();
    out.put("nextCursor", c.shared.cursors.sign(c.who->id, query->list, {last.placed_at, last.id.value}));
  }));
}

constexpr std::string_view export_list = "export";

/// What is held beside the orders; said once, with the first of them.
struct dossier {
  account who;
  std::vector<saved_address> addresses;
  std::vector<session_facts> sessions;
  std::vector<restaurant> restaurants;
  std::string shift;  ///< of a partner, as JSON
};

asio::awaitable<answer_or_problem<dossier>> read_dossier(call& c) {
  auto read = [who = c.who->id](account_stores& s) -> result_of<std::optional<dossier>> {
    auto known = s.identity->account_by_id(who);
    if (!known) return tl::unexpected{known.error()};
    if (!*known) return std::nullopt;
    auto addresses = s.identity->addresses(who);
    if (!addresses) return tl::unexpected{addresses.error()};
    auto sessions = s.identity->sessions(who);
    if (!sessions) return tl::unexpected{sessions.error()};
    auto restaurants = restaurants_of(s, who);
    if (!restaurants) return tl::unexpected{restaurants.error()};
    return dossier{std::move((*known)->who), std::move(*addresses), std::move(*sessions), std::move(*restaurants), {}};
  };
  auto found = co_await c.shared.accounts.use(read);
  if (!found) co_return refused(found.error());
  if (!*found) co_return refused(errc::not_found);
  if (c.who->role == user_role::partner) {
    auto state = co_await read_entity<partner>(c.shared, ref(partner_id{c.who->id.value}));
    if (!state) co_return refused(state.error());
    (*found)->shift = partner_json(*state);
  }
  co_return std::move(**found);
}

void put_dossier(json_object& out, const dossier& x) {
  out.object("user", [&](json_object& user) { put_account(user, x.who, true); });
  out.array("addresses", x.addresses, put_address);
  out.array("sessions", x.sessions, put_session);
  std::string restaurants;
  for (const auto& each : x.restaurants) restaurants += (restaurants.empty() ? "" : ",") + restaurant_json(each);
  if (x.who.role == user_role::restaurant) out.put_raw("restaurants", '[' + restaurants + ']');
  if (!x.shift.empty()) out.put_raw("partner", x.shift);
}

/// How many of the orders fit into an answer of bounded size; one at least.
std::size_t fitting(const std::vector<std::string>& orders) {
  std::size_t bytes = 0;
  for (std::size_t i = 0; i < orders.size(); ++i) {
    bytes += orders[i].size() + 1;
    if (bytes > limits::export_bytes) return std::max<std::size_t>(i, 1);
  }
  return orders.size();
}

asio::awaitable<handled> export_me(call& c) {
  auto cursor = read_export_cursor(c.body);
  if (!cursor) co_return refused(std::move(cursor.error()));
  std::optional<page_end> after;
  if (!cursor->empty()) {
    after = c.shared.cursors.read(c.who->id, export_list, *cursor);
    if (!after)
      co_return refused(std::vector{field_error{"/cursor", "invalid-cursor", "must be the nextCursor of an export"}});
  }
  std::optional<dossier> held;
  if (!after) {
    auto read = co_await read_dossier(c);
    if (!read) co_return tl::unexpected{std::move(read.error())};
    held = std::move(*read);
  }
  auto page = co_await read_page(c, {}, after, limits::page_items);
  if (!page) co_return tl::unexpected{std::move(page.error())};
  std::vector<std::string> texts;
  for (const auto& each : page->orders) texts.push_back(order_json(each, audience::customer));
  auto shown = fitting(texts);
  std::string joined;
  for (std::size_t i = 0; i < shown; ++i) joined += (i == 0 ? "" : ",") + texts[i];
  co_return json_response(json_text_of([&](json_object& out) {
    out.put("exportedAt", c.shared.services.time.now());
    if (held) put_dossier(out, *held);
    out.put_raw("orders", '[' + joined + ']');
    if (!page->has_more && shown == texts.size()) return;
    const auto& last = page->orders[shown - 1];
    out.put("nextCursor", c.shared.cursors.sign(c.who->id, export_list, {last.placed_at, last.id.value}));
  }));
}

constexpr auto signed_in = access::signed_in();

constexpr std::array routes{
    route{verb::get, "/v1/users/me/orders", signed_in, key_rule::ignored, body_rule::none, list_my_orders},
    // Nothing is kept for the key: an export changes nothing, and would be kept where it is forgotten last.
    route{verb::post, "/v1/users/me/exports", signed_in, key_rule::own, body_rule::optional, export_me, surface::api,
          pace::bulk},
};

}  // namespace

std::span<const route> history_routes() { return routes; }

}  // namespace dabba::http
