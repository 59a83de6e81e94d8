#include "persistence/postgres/order_archive.hpp"

namespace dabba::postgres {
namespace {

// A customer has hundreds of orders, and a restaurant thousands: the status is looked at while the index is read.
constexpr statement select_orders{"customer_orders", R"(
select state from ordering.order_head
where customer_id = $1 and (placed_at, order_id) < ($2, $3) and placed_at >= $4 and ($5 is null or status = $5)
order by placed_at desc, order_id desc limit $6)"};
constexpr statement select_open{"customer_open_orders", R"(
select exists (select from ordering.order_head where customer_id = $1 and open))"};
constexpr statement select_to_forget{"customer_orders_to_forget", R"(
select order_id from ordering.order_head
where customer_id = $1 and not open and not customer_forgotten
order by placed_at, order_id limit $2)"};
constexpr statement select_unforgotten{"customer_unforgotten_orders", R"(
select exists (select from ordering.order_head where customer_id = $1 and (open or not customer_forgotten)))"};

// The partner's events are found by its id; among them the few that name the order.
constexpr statement select_assignments{"assignments_of_order", R"(
select seq, position, type, version, payload, at from ordering.journal
where entity_id = $1 and type = 'partner.delivery_assigned' and strpos(payload::text, $2) > 0
order by seq)"};

constexpr statement select_restaurants{"restaurants_of_owner", R"(
select state from catalog.restaurant_head where owner_id = $1 order by restaurant_id)"};
constexpr statement select_in_business{"restaurants_in_business", R"(
select exists (select from catalog.restaurant_head
               where owner_id = $1 and verification not in ('REJECTED', 'INACTIVE')))"};

constexpr statement update_payload{"rewrite_event", R"(
update ordering.journal set version = $3, payload = $4 where entity_id = $1 and seq = $2)"};
constexpr statement mark_forgotten{"mark_forgotten", R"(
update ordering.order_head set customer_forgotten = true where order_id = $1)"};

constexpr instant beginning_of_time{0};
constexpr instant end_of_time{INT64_MAX};
constexpr uuid last_uuid{{255, 255, 255, 255, 255, 255, 255, 255, 255, 255, 255, 255, 255, 255, 255, 255}};

/// Before all orders placed at `until`, or after the order that the cursor names, whichever is earlier.
order_cursor beginning_of(const order_filter& filter, const std::optional<order_cursor>& after) {
  order_cursor begin{end_of_time, {last_uuid}};
  if (filter.until) begin = {*filter.until, {}};
  if (after && std::tie(after->placed_at, after->order) < std::tie(begin.placed_at, begin.order)) begin = *after;
  return begin;
}

// Every query has its index. Planned while its table is small, it would read the whole table, and go on to.
connect_options archive_options(connect_options options) {
  options.settings += " -c enable_seqscan=off";
  return options;
}

}  // namespace

archive::archive(connect_options options, session::reporter report)
    : session_{archive_options(std::move(options)), std::move(report)} {}

result_of<rows> archive::read(const statement& what, std::vector<parameter> values) {
  auto to_run = std::chrono::steady_clock::now() + limits::store_patience;
  auto result = session_.read({&what, std::move(values)}, asked_at_ + limits::store_patience, to_run);
  if (result) return std::move(*result);
  return tl::unexpected{errc::unavailable};
}

result_of<std::vector<std::string>> archive::customer_orders(user_id customer, const order_filter& filter,
                                                             std::optional<order_cursor> after, std::size_t limit) {
  auto begin = beginning_of(filter, after);
  std::optional<std::string> status;
  if (filter.status) status = to_string(*filter.status);
  auto found =
      read(select_orders,
           {encode(customer.value), encode(begin.placed_at), encode(begin.order.value),
            encode(filter.from.value_or(beginning_of_time)), encode(status), encode(static_cast<std::int64_t>(limit))});
  if (!found) return tl::unexpected{found.error()};
  std::vector<std::string> states;
  states.reserve(found->size());
  for (std::size_t row = 0; row < found->size(); ++row) states.push_back(found->get<json_text>(row, 0));
  return states;
}

result_of<bool> archive::has_open_orders(user_id customer) {
  auto found = read(select_open, {encode(customer.value)});
  if (!found) return tl::unexpected{found.error()};
  return found->get<bool>(0, 0);
}

result_of<std::vector<std::string>> archive::owned_restaurants(user_id owner) {
  auto found = read(select_restaurants, {encode(owner.value)});
  if (!found) return tl::unexpected{found.error()};
  std::vector<std::string> states;
  for (std::size_t row = 0; row < found->size(); ++row) states.push_back(found->get<json_text>(row, 0));
  return states;
}

result_of<std::vector<order_id>> archive::orders_to_forget(user_id customer, std::size_t limit) {
  auto found = read(select_to_forget, {encode(customer.value), encode(static_cast<std::int64_t>(limit))});
  if (!found) return tl::unexpected{found.error()};
  std::vector<order_id> orders;
  for (std::size_t row = 0; row < found->size(); ++row) orders.push_back({found->get<uuid>(row, 0)});
  return orders;
}

result_of<std::vector<stored_event>> archive::assignments(order_id which, partner_id to) {
  auto found = read(select_assignments, {encode(to.value), encode(to_string(which))});
  if (!found) return tl::unexpected{found.error()};
  std::vector<stored_event> all;
  for (std::size_t row = 0; row < found->size(); ++row)
    all.push_back({ref(to),
                   static_cast<std::uint64_t>(found->get<std::int64_t>(row, 0)),
                   static_cast<std::uint64_t>(found->get<std::int64_t>(row, 1)),
                   {found->get<std::string>(row, 2), found->get<std::int32_t>(row, 3), found->get<json_text>(row, 4)},
                   found->get<instant>(row, 5)});
  return all;
}

result_of<void> archive::rewrite_events(order_id which, std::span<const rewritten_event> events) {
  return in_transaction(session_, asked_at_, [&](transaction& now) -> result_of<void> {
    for (const auto& each : events) {
      parameter payload{wire<json_text>::oid, false, each.payload};
      auto seq = encode(static_cast<std::int64_t>(each.seq));
      if (!now.run(update_payload, {encode(each.entity), seq, encode(each.version), payload})) return now.failed();
    }
    if (!now.run(mark_forgotten, {encode(which.value)})) return now.failed();
    return {};
  });
}

result_of<bool> has_orders_to_forget(transaction& within, user_id customer) {
  auto found = within.run(select_unforgotten, {encode(customer.value)});
  if (!found) return within.failed();
  return found->get<bool>(0, 0);
}

result_of<bool> has_restaurants(transaction& within, user_id owner) {
  auto found = within.run(select_in_business, {encode(owner.value)});
  if (!found) return within.failed();
  return found->get<bool>(0, 0);
}

}  // namespace dabba::postgres
