/// A delivery partner: a body on the street, and an app with one socket that streams where it is and answers offers.
#pragma once

#include <deque>
#include <memory>
#include <set>
#include <vector>

#include "bench/city/delivery_reports.hpp"
#include "bench/city/physics.hpp"
#include "bench/city/random_source.hpp"
#include "bench/city/stream.hpp"

namespace dabba::city {

class partner final : public stream_listener {
 public:
  partner(world& w, std::size_t index, account_id account);

  /// Works the shift, from signing in to going offline.
  void open();
  void renew() { stream_.renew(); }
  [[nodiscard]] const partner_body& body() const { return body_; }

  void on_connected() override;
  void on_message(const server_message& message) override;

 private:
  using job_ptr = std::shared_ptr<accepted_job>;

  // The shift (partner.cpp).
  asio::awaitable<void> live();
  asio::awaitable<void> work();
  asio::awaitable<bool> go(std::string status);
  asio::awaitable<void> come_back_online();
  asio::awaitable<void> stream_positions();
  void send_position(day_time t);
  void finish();

  // Offers and awards (partner_offers.cpp).
  asio::awaitable<void> answer_offers();
  asio::awaitable<void> await_orders_of(const offer_view& offer);
  asio::awaitable<void> answer(offer_view offer);
  asio::awaitable<void> accept(offer_view offer);
  void lost_race(const offer_view& offer, const std::string& code);
  asio::awaitable<void> decline(offer_view offer, std::string why);
  asio::awaitable<void> reconcile();
  asio::awaitable<void> look_after(std::string order_id);
  /// Why it can't be accepted, or nullptr.
  [[nodiscard]] const char* reason_to_decline(const offer_view& offer);
  void offered(const offer_view& offer);
  void withdrawn(const std::string& offer_id);
  void awarded(const std::vector<std::string>& order_ids);
  [[nodiscard]] bool busy() const;
  [[nodiscard]] carried_order* carried(const std::string& order_id);
  void on_delivery_ended(const std::string& order_id);

  // Carrying (partner_jobs.cpp).
  asio::awaitable<void> carry(job_ptr job);
  asio::awaitable<bool> fetch(job_ptr job);
  asio::awaitable<void> bring(job_ptr job, carried_order& o);
  asio::awaitable<bool> reach(job_ptr job, const carried_order* o, day_time t);
  void give_back(const job_ptr& job);
  void record_pickup(const job_ptr& job, day_time when);
  void drive(place to, day_time wanted);
  [[nodiscard]] place restaurant_of(const accepted_job& job) const;
  [[nodiscard]] place door_of(const carried_order& o) const;
  /// The body once it has carried `job` too, if nothing goes wrong.
  [[nodiscard]] partner_body after(partner_body from, const accepted_job& job) const;

  world& world_;
  std::size_t index_;
  account_id account_;
  std::string name_;
  const partner_shift& shift_;
  partner_body body_;
  partner_body plan_;  ///< the body as it will be after all jobs
  random_source random_;
  stream stream_;
  delivery_reports reports_;

  std::deque<offer_view> offers_;  ///< open ones, the oldest first
  std::set<std::string> seen_offers_;
  std::deque<job_ptr> jobs_;  ///< the first one is under way
  std::set<std::string> finished_orders_;

  day_sleeper working_;
  signal offers_changed_;
  alarm_signal position_due_;
  std::string frame_;
  int jobs_taken_ = 0;
  bool accepting_ = false;
  bool online_ = false;
  bool finished_ = false;
};

}  // namespace dabba::city
