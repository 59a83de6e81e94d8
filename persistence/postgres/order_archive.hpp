/// A customer's orders in PostgreSQL.
#pragma once

#include "persistence/order_archive.hpp"
#include "persistence/postgres/transaction.hpp"

namespace dabba::postgres {

class archive final : public order_archive {
 public:
  archive(connect_options options, session::reporter report);

  void asked_at(std::chrono::steady_clock::time_point when) override { asked_at_ = when; }
  result_of<std::vector<std::string>> customer_orders(user_id customer, const order_filter& filter,
                                                      std::optional<order_cursor> after, std::size_t limit) override;
  result_of<bool> has_open_orders(user_id customer) override;
  result_of<std::vector<std::string>> owned_restaurants(user_id owner) override;
  result_of<std::vector<order_id>> orders_to_forget(user_id customer, std::size_t limit) override;
  result_of<std::vector<stored_event>> assignments(order_id which, partner_id to) override;
  result_of<void> rewrite_events(order_id which, std::span<const rewritten_event> events) override;

 private:
  result_of<rows> read(const statement& what, std::vector<parameter> values);

  session session_;
  deadline asked_at_ = std::chrono::steady_clock::now();
};

/// For another context's transaction: true when an order of the customer has not ended, or still says what they wrote.
result_of<bool> has_orders_to_forget(transaction& within, user_id customer);
/// The same: true when a restaurant of the user is open for business, or may come to be.
result_of<bool> has_restaurants(transaction& within, user_id owner);

}  // namespace dabba::postgres
