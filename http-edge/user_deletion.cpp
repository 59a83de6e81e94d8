#include "http-edge/user_deletion.hpp"

#include <algorithm>
#include <set>

#include "http-edge/account_commands.hpp"
#include "protocols/codec.hpp"
#include "protocols/model/limits.hpp"
#include "protocols/model/order_privacy.hpp"

namespace dabba::http {
namespace {

constexpr std::size_t events_at_once = 500;

/// Every attempt is the same command, so that the order writes one event however often it is asked.
command_meta forgetting_of(order_id which) {
  command_meta meta;
  meta.command = command_id{derive_uuid(which.value, "forget the customer")};
  return meta;
}

/// What is to be rewritten of an order's past, gathered page by page.
class past_of_order {
 public:
  /// False when an event can't be read.
  bool add(const std::vector<stored_event>& events) {
    for (const auto& each : events) {
      auto decoded = decode_event(each.event.type, each.event.version, each.event.payload);
      if (!decoded) return false;
      if (auto* event = std::get_if<order_event>(&*decoded)) {
        if (const auto* assigned = std::get_if<order_partner_assigned>(event)) partners_.insert(assigned->by.partner);
        if (forget_customer(*event)) add(each, encode(*event));
      } else if (auto* of_partner = std::get_if<partner_event>(&*decoded)) {
        if (forget_customer(*of_partner)) add(each, encode(*of_partner));
      }
    }
    return true;
  }
  /// Everybody who had the order in hand.
  [[nodiscard]] const std::set<partner_id>& partners() const noexcept { return partners_; }
  [[nodiscard]] std::vector<rewritten_event> take() { return std::move(changed_); }

 private:
  void add(const stored_event& before, encoded_event after) {
    changed_.push_back({before.entity.id, before.seq, after.version, std::move(after.payload)});
  }

  std::vector<rewritten_event> changed_;
  std::set<partner_id> partners_;
};

asio::awaitable<result_of<past_of_order>> read_past(call& c, order_id which) {
  past_of_order past;
  std::uint64_t since = 0;
  for (bool has_more = true; has_more;) {
    auto read = [which, since](entity_reader& reader) { return reader.events(ref(which), since, events_at_once); };
    auto page = co_await c.shared.reads.read(read);
    if (!page) co_return tl::unexpected{page.error()};
    if (!past.add(*page)) co_return tl::unexpected{errc::internal};
    has_more = page->size() == events_at_once;
    if (has_more) since = page->back().seq;
  }
  auto partners = past.partners();
  for (auto each : partners) {
    auto read = [which, each](account_stores& s) { return s.orders->assignments(which, each); };
    auto events = co_await c.shared.accounts.use(read);
    if (!events) co_return tl::unexpected{events.error()};
    if (!past.add(*events)) co_return tl::unexpected{errc::internal};
  }
  co_return past;
}

/// First the order itself, by its actor; then what was written into the journal before.
asio::awaitable<result_of<void>> forget_in(call& c, order_id which) {
  routed wanted = order_request{forgetting_of(which), which, forget_order_customer{}};
  auto asked = co_await c.shared.actors.ask(ref(which), std::move(wanted));
  if (!asked) co_return tl::unexpected{asked.error()};
  auto past = co_await read_past(c, which);
  if (!past) co_return tl::unexpected{past.error()};
  auto rewrite = [which, changed = past->take()](account_stores& s) {
    return s.orders->rewrite_events(which, changed);
  };
  co_return co_await c.shared.accounts.use(rewrite);
}

/// Somebody who carries orders, or is offered some, can't go now.
asio::awaitable<result_of<bool>> is_on_duty(call& c) {
  if (c.who->role != user_role::partner) co_return false;
  auto state = co_await read_entity<partner>(c.shared, ref(partner_id{c.who->id.value}));
  if (!state) co_return tl::unexpected{state.error()};
  co_return state->shift == shift_status::online || !state->active.empty();
}

/// Somebody's guests, cooks and taxes depend on the owner.
asio::awaitable<result_of<bool>> is_in_business(call& c) {
  auto read = [who = c.who->id](account_stores& s) { return restaurants_of(s, who); };
  auto all = co_await c.shared.accounts.use(read);
  if (!all) co_return tl::unexpected{all.error()};
  co_return std::ranges::any_of(*all, [](const restaurant& x) {
    return x.verification == verification_status::pending_verification || x.verification == verification_status::active;
  });
}

response going_on() { return json_response(R"({"status":"IN_PROGRESS"})", 202); }

response gone() {
  response out;
  out.status = 204;
  return out;
}

}  // namespace

asio::awaitable<handled> delete_me(call& c) {
  auto password = read_current_password(c.body);
  if (!password) co_return refused(std::move(password.error()));
  auto known = co_await check_own_password(c, std::move(*password));
  if (!known) co_return tl::unexpected{std::move(known.error())};
  auto who = known->who.id;
  auto is_owner = co_await is_in_business(c);
  if (!is_owner) co_return refused(is_owner.error());
  if (*is_owner) co_return refused(errc::owns_restaurant);
  auto on_duty = co_await is_on_duty(c);
  if (!on_duty) co_return refused(on_duty.error());
  if (*on_duty) co_return refused(errc::open_orders, "you are on duty: go offline and end your deliveries first");
  auto look = [who](account_stores& s) { return s.orders->has_open_orders(who); };
  auto is_busy = co_await c.shared.accounts.use(look);
  if (!is_busy) co_return refused(is_busy.error());
  if (*is_busy) co_return refused(errc::open_orders);
  auto list = [who](account_stores& s) { return s.orders->orders_to_forget(who, limits::orders_forgotten_at_once); };
  auto orders = co_await c.shared.accounts.use(list);
  if (!orders) co_return refused(orders.error());
  for (auto each : *orders) {
    auto done = co_await forget_in(c, each);
    if (!done) co_return refused(done.error());
  }
  if (orders->size() == limits::orders_forgotten_at_once) co_return going_on();
  // Looks at orders and restaurants once more, in its own transaction.
  auto erase = [who, now = c.shared.services.time.now()](account_stores& s) {
    return s.identity->erase_account(who, now);
  };
  auto done = co_await c.shared.accounts.use(erase);
  if (!done && done.error() == errc::illegal_transition)
    co_return refused(done.error(), "this is the last administrator's account: make another one first");
  if (!done) co_return refused(done.error());
  co_return gone();
}

}  // namespace dabba::http
