/// Accounts, for those who run the platform.
#include "http-edge/account_commands.hpp"
#include "http-edge/account_views.hpp"
#include "http-edge/query.hpp"
#include "protocols/model/limits.hpp"

namespace dabba::http {
namespace {

struct user_query {
  account_filter filter;
  std::size_t limit = limits::page_items_default;
  std::optional<page_end> after;
  std::string list;  ///< the list and its filters, as cursors are signed for
};

std::string list_of(const account_filter& x) {
  return "users " + (x.role ? to_string(*x.role) : "-") + ' ' + (x.status ? to_string(*x.status) : "-") + ' ' +
         x.email.value_or("-");
}

answer_or_problem<user_query> read_query(const call& c) {
  query_string in{c.in.query};
  user_query made;
  auto limit = in.number("limit", 1, limits::page_items, limits::page_items_default);
  if (!limit) return tl::unexpected{invalid_parameter("limit", "must be a number from 1 to 200")};
  made.limit = *limit;
  if (auto role = in.text("role")) {
    made.filter.role = parse_enum<user_role>(*role);
    if (!made.filter.role) return tl::unexpected{invalid_parameter("role", "is no role")};
  }
  if (auto status = in.text("status")) {
    made.filter.status = parse_enum<account_status>(*status);
    if (!made.filter.status) return tl::unexpected{invalid_parameter("status", "is no status of accounts")};
  }
  if (auto email = in.text("email")) {
    made.filter.email = normalised_email(*email);
    if (!made.filter.email) return tl::unexpected{invalid_parameter("email", "must be an e-mail address")};
  }
  made.list = list_of(made.filter);
  if (auto cursor = in.text("cursor")) {
    made.after = c.shared.cursors.read(c.who->id, made.list, *cursor);
    if (!made.after)
      return tl::unexpected{invalid_parameter("cursor", "must be the nextCursor of an answer to the same question")};
  }
  return made;
}

asio::awaitable<handled> list_users(call& c) {
  auto query = read_query(c);
  if (!query) co_return tl::unexpected{std::move(query.error())};
  std::optional<account_cursor> after;
  if (query->after) after = account_cursor{query->after->at, {query->after->id}};
  auto read = [filter = query->filter, after, limit = query->limit](account_stores& s) {
    return s.identity->accounts(filter, after, limit + 1);
  };
  auto page = co_await c.shared.accounts.use(read);
  if (!page) co_return refused(page.error());
  bool has_more = page->size() > query->limit;
  if (has_more) page->resize(query->limit);
  co_return json_response(json_text_of([&](json_object& out) {
    out.array("items", *page, [](json_object& each, const account& x) { put_account(each, x, true); });
    if (!has_more) return;
    const auto& last = page->back();
    out.put("nextCursor", c.shared.cursors.sign(c.who->id, query->list, {last.created_at, last.id.value}));
  }));
}

asio::awaitable<handled> add_user(call& c) {
  auto wanted = read_registration(c.body);
  if (!wanted) co_return refused(std::move(wanted.error()));
  auto scope = c.who->id;
  co_return co_await open_account(c, std::move(*wanted), scope);
}

asio::awaitable<handled> change_user(call& c) {
  auto which = c.id<user_id>(0, errc::not_found);
  if (!which) co_return tl::unexpected{std::move(which.error())};
  auto wanted = read_status_change(c.body);
  if (!wanted) co_return refused(std::move(wanted.error()));
  // The store keeps the last administrator; nobody locks themselves out by mistake.
  if (*which == c.who->id)
    co_return refused(errc::illegal_transition, "nobody changes the status of their own account");
  auto change = [who = *which, what = std::move(*wanted)](account_stores& s) {
    return s.identity->set_status(who, what.status, what.reason);
  };
  auto changed = co_await c.shared.accounts.use(change);
  if (!changed && changed.error() == errc::illegal_transition)
    co_return refused(changed.error(), "this is the last administrator who is active");
  if (!changed) co_return refused(changed.error());
  co_return versioned_response(c.in, changed->version, account_json(*changed, true));
}

/// Who is rejected does not stay on duty either.
asio::awaitable<handled> verify_partner(call& c) {
  auto which = c.id<user_id>(0, errc::not_found);
  if (!which) co_return tl::unexpected{std::move(which.error())};
  auto wanted = read_approval_change(c.body);
  if (!wanted) co_return refused(std::move(wanted.error()));
  auto change = [who = *which, what = *wanted](account_stores& s) {
    return s.identity->set_approval(who, what.approval, what.reason);
  };
  auto changed = co_await c.shared.accounts.use(change);
  if (!changed) co_return refused(changed.error());
  if (changed->approval == account_approval::rejected) {
    partner_id partner{which->value};
    command_meta meta;
    meta.command = command_id::make(c.shared.services.time.now());
    routed leave = partner_request{meta, partner, go_offline{}};
    auto ended = co_await c.shared.actors.ask(ref(partner), std::move(leave));
    if (!ended) co_return refused(ended.error());
  }
  co_return versioned_response(c.in, changed->version, account_json(*changed, true));
}

constexpr auto operators = access::only({user_role::support, user_role::admin});
constexpr auto admins = access::only({user_role::admin}).confirmed();

constexpr std::array routes{
    route{verb::get, "/v1/admin/users", operators, key_rule::ignored, body_rule::none, list_users},
    route{verb::post, "/v1/admin/users", admins, key_rule::own, body_rule::required, add_user},
    route{verb::post, "/v1/admin/partners/{}/verification", admins, key_rule::ignored, body_rule::required,
          verify_partner},
    route{verb::patch, "/v1/admin/users/{}", admins, key_rule::ignored, body_rule::required, change_user},
};

}  // namespace

std::span<const route> user_admin_routes() { return routes; }

}  // namespace dabba::http
