#include "tests/http-edge/support/accounts.hpp"

#include <algorithm>

#include "protocols/codec.hpp"
#include "protocols/model/limits.hpp"
#include "tests/http-edge/support/platform.hpp"

namespace dabba::test {
namespace {

using lock_guard = std::lock_guard<std::mutex>;
constexpr auto away = errc::unavailable;

class memory_identity final : public identity_store {
 public:
  explicit memory_identity(std::shared_ptr<world> w) : w_{std::move(w)} {}

  result_of<void> create_account(const new_account& made) override {
    run(&account_rows::before_create);
    lock_guard lock{w_->mutex};
    if (w_->is_store_away) return tl::unexpected{away};
    if (made.answer && w_->answers.contains({made.answer->caller, made.answer->key}))
      return tl::unexpected{errc::idempotency_key_exists};
    if (with_email(made.who.email)) return tl::unexpected{errc::email_taken};
    keep(made.answer);
    if (made.answer) rows().answered_to[made.who.id] = made.answer->caller;
    rows().accounts[made.who.id] = {made.who, made.password_hash};
    return {};
  }
  result_of<std::optional<credentials>> account_by_id(user_id who) override {
    lock_guard lock{w_->mutex};
    if (w_->is_store_away) return tl::unexpected{away};
    auto* found = by_id(who);
    return found ? std::optional{*found} : std::nullopt;
  }
  result_of<std::optional<credentials>> account_by_email(const std::string& email) override {
    lock_guard lock{w_->mutex};
    if (w_->is_store_away) return tl::unexpected{away};
    auto* found = with_email(email);
    return found ? std::optional{*found} : std::nullopt;
  }
  result_of<account> change_account(user_id who, const account_change& change,
                                    std::optional<std::uint64_t> expected) override {
    run(&account_rows::before_change);
    lock_guard lock{w_->mutex};
    auto* found = by_id(who);
    if (!found) return tl::unexpected{errc::not_found};
    auto& x = found->who;
    if (expected.value_or(x.version) != x.version) return tl::unexpected{errc::stale_version};
    if (change.ends_sessions() && found->password_hash != change.compared_hash)
      return tl::unexpected{errc::wrong_password};
    if (change.email) {
      auto* other = with_email(*change.email);
      if (other && other != found) return tl::unexpected{errc::email_taken};
      x.email = *change.email;
    }
    if (change.name) x.name = *change.name;
    if (change.phone) x.phone = *change.phone;
    if (change.language) x.language = *change.language;
    if (change.password_hash) found->password_hash = *change.password_hash;
    if (change.ends_sessions()) end_sessions(who);
    ++x.version;
    return x;
  }
  result_of<bool> renew_hash(user_id who, const std::string& before, const std::string& after) override {
    run(&account_rows::before_renewal);
    lock_guard lock{w_->mutex};
    auto* found = by_id(who);
    if (!found || found->password_hash != before) return false;
    found->password_hash = after;
    ++rows().hashes_renewed;
    return true;
  }
  result_of<account> set_status(user_id who, account_status status, const std::string& reason) override {
    lock_guard lock{w_->mutex};
    auto* found = by_id(who);
    if (!found) return tl::unexpected{errc::not_found};
    if (status == account_status::deactivated && is_last_admin(*found)) return tl::unexpected{errc::illegal_transition};
    found->who.status = status;
    found->who.status_reason = reason;
    ++found->who.version;
    if (status == account_status::deactivated) end_sessions(who);
    return found->who;
  }
  result_of<account> set_approval(user_id who, account_approval approval, const std::string& reason) override {
    lock_guard lock{w_->mutex};
    auto* found = by_id(who);
    if (!found || found->who.role != user_role::partner) return tl::unexpected{errc::not_found};
    found->who.approval = approval;
    found->who.status_reason = reason;
    ++found->who.version;
    return found->who;
  }
  result_of<std::vector<account>> accounts(const account_filter& filter, std::optional<account_cursor> after,
                                           std::size_t limit) override {
    lock_guard lock{w_->mutex};
    std::vector<account> all;
    for (const auto& [id, each] : rows().accounts) {
      const auto& x = each.who;
      if (filter.role.value_or(x.role) == x.role && filter.status.value_or(x.status) == x.status &&
          filter.email.value_or(x.email) == x.email)
        all.push_back(x);
    }
    auto key = [](const account& x) { return std::tuple{x.created_at, x.id}; };
    std::ranges::sort(all, std::ranges::greater{}, key);
    if (after)
      std::erase_if(all, [&](const account& x) { return key(x) >= std::tuple{after->created_at, after->account}; });
    if (all.size() > limit) all.resize(limit);
    return all;
  }
  result_of<void> erase_account(user_id who, instant) override {
    lock_guard lock{w_->mutex};
    auto* found = by_id(who);
    if (!found) return tl::unexpected{errc::not_found};
    if (is_last_admin(*found)) return tl::unexpected{errc::illegal_transition};
    for (const auto& [id, x] : w_->orders)
      if (x.customer == who && (!is_terminal(x.status) || !rows().forgotten_orders.contains(id)))
        return tl::unexpected{errc::open_orders};
    rows().accounts.erase(who);
    rows().addresses.erase(who);
    end_sessions(who);
    std::erase_if(w_->answers, [&](const auto& each) {
      return each.first.first == who ||
             (each.first.first == rows().answered_to[who] && each.second.body == to_string(who));
    });
    return {};
  }
  result_of<std::string> shared_secret() override { return std::string(64, '0'); }

  result_of<void> add_address(user_id of, const saved_address& made, const std::optional<idempotent_answer>& answer,
                              instant) override {
    lock_guard lock{w_->mutex};
    if (w_->is_store_away) return tl::unexpected{away};
    if (!by_id(of)) return tl::unexpected{errc::not_found};
    if (answer && w_->answers.contains({answer->caller, answer->key}))
      return tl::unexpected{errc::idempotency_key_exists};
    auto& mine = rows().addresses[of];
    if (mine.size() >= limits::addresses_per_account) return tl::unexpected{errc::too_many_addresses};
    keep(answer);
    mine.push_back(made);
    return {};
  }
  result_of<std::vector<saved_address>> addresses(user_id of) override {
    lock_guard lock{w_->mutex};
    return rows().addresses[of];
  }
  result_of<saved_address> change_address(user_id of, address_id which, const address_change& change) override {
    lock_guard lock{w_->mutex};
    auto& mine = rows().addresses[of];
    auto found = std::ranges::find(mine, which, &saved_address::id);
    if (found == mine.end()) return tl::unexpected{errc::not_found};
    if (change.label) found->label = *change.label;
    if (change.where) found->where = *change.where;
    if (change.instructions) found->instructions = *change.instructions;
    return *found;
  }
  result_of<bool> remove_address(user_id of, address_id which) override {
    lock_guard lock{w_->mutex};
    return std::erase_if(rows().addresses[of], [&](const saved_address& x) { return x.id == which; }) > 0;
  }

  result_of<void> open_session(user_id of, const std::string& password_hash, const new_session& made) override {
    lock_guard lock{w_->mutex};
    auto* found = by_id(of);
    if (!found || found->password_hash != password_hash || found->who.status != account_status::active)
      return tl::unexpected{errc::not_found};
    rows().sessions[made.id] = {of, made.token_hash, {}, {}};
    return {};
  }
  /// Here the patience with a repetition lasts until the next token is used.
  result_of<rotated> rotate_session(const rotation& what) override {
    lock_guard lock{w_->mutex};
    if (w_->is_store_away) return tl::unexpected{away};
    auto found = rows().sessions.find(what.session);
    if (found == rows().sessions.end()) return rotated{};
    auto& x = found->second;
    auto who = by_id(x.of)->who;
    if (x.hash == what.presented_hash) {
      x = {x.of, what.next_hash, x.hash, what.seed};
      return rotated{rotated::outcome::renewed, who, what.seed};
    }
    if (x.previous == what.presented_hash) return rotated{rotated::outcome::repeated, who, x.seed};
    rows().sessions.erase(found);
    return rotated{rotated::outcome::reused, who, {}};
  }
  result_of<void> close_session(session_id which) override {
    lock_guard lock{w_->mutex};
    rows().sessions.erase(which);
    return {};
  }
  result_of<std::vector<session_facts>> sessions(user_id of) override {
    lock_guard lock{w_->mutex};
    std::vector<session_facts> all;
    for (const auto& [id, x] : rows().sessions)
      if (x.of == of) all.push_back({id, {}, {}});
    return all;
  }

  result_of<std::optional<std::chrono::seconds>> login_wait(const login_subjects& who) override {
    run(&account_rows::before_login);
    lock_guard lock{w_->mutex};
    if (w_->is_store_away) return tl::unexpected{away};
    auto& failed = rows().failed_logins;
    bool is_full =
        failed[who.pair] >= limits::failed_logins || failed[who.account] >= limits::failed_logins_of_account ||
        failed[who.network] >= limits::failed_logins_of_network;
    if (is_full) return std::chrono::seconds{90};
    return std::nullopt;
  }
  result_of<void> count_failed_login(const login_subjects& who) override {
    run(&account_rows::before_count);
    lock_guard lock{w_->mutex};
    if (w_->is_store_away) return tl::unexpected{away};
    for (const auto& each : {who.pair, who.account, who.network}) ++rows().failed_logins[each];
    return {};
  }
  result_of<void> forgive_logins(const login_subjects& who) override {
    lock_guard lock{w_->mutex};
    rows().failed_logins.erase(who.pair);
    return {};
  }

 private:
  account_rows& rows() { return w_->people; }
  /// What the test wants to happen first, without the lock.
  void run(std::function<void()> account_rows::*what) {
    std::function<void()> first;
    {
      lock_guard lock{w_->mutex};
      first = rows().*what;
    }
    if (first) first();
  }
  bool is_last_admin(const credentials& x) {
    auto is_one = [](const auto& each) {
      return each.second.who.role == user_role::admin && each.second.who.status == account_status::active;
    };
    return is_one(std::pair{0, x}) && std::ranges::count_if(rows().accounts, is_one) == 1;
  }
  credentials* by_id(user_id who) {
    auto found = rows().accounts.find(who);
    return found == rows().accounts.end() ? nullptr : &found->second;
  }
  credentials* with_email(const std::string& email) {
    for (auto& [id, each] : rows().accounts)
      if (each.who.email == email) return &each;
    return nullptr;
  }
  void keep(const std::optional<idempotent_answer>& answer) {
    if (answer) w_->answers[{answer->caller, answer->key}] = *answer;
  }
  void end_sessions(user_id of) {
    std::erase_if(rows().sessions, [of](const auto& each) { return each.second.of == of; });
  }

  std::shared_ptr<world> w_;
};

class memory_archive final : public order_archive {
 public:
  explicit memory_archive(std::shared_ptr<world> w) : w_{std::move(w)} {}

  result_of<std::vector<std::string>> customer_orders(user_id customer, const order_filter& filter,
                                                      std::optional<order_cursor> after, std::size_t limit) override {
    lock_guard lock{w_->mutex};
    if (w_->is_store_away) return tl::unexpected{away};
    std::vector<order> all;
    for (const auto& [id, x] : w_->orders)
      if (x.customer == customer && filter.status.value_or(x.status) == x.status &&
          filter.from.value_or(x.placed_at) <= x.placed_at && x.placed_at < filter.until.value_or(instant::max()))
        all.push_back(x);
    auto key = [](const order& x) { return std::tuple{x.placed_at, x.id}; };
    std::ranges::sort(all, std::ranges::greater{}, key);
    if (after) std::erase_if(all, [&](const order& x) { return key(x) >= std::tuple{after->placed_at, after->order}; });
    std::vector<std::string> page;
    for (const auto& x : all)
      if (page.size() < limit) page.push_back(encode(x));
    return page;
  }
  result_of<bool> has_open_orders(user_id customer) override {
    lock_guard lock{w_->mutex};
    return std::ranges::any_of(w_->orders, [&](const auto& each) {
      return each.second.customer == customer && !is_terminal(each.second.status);
    });
  }
  result_of<std::vector<std::string>> owned_restaurants(user_id owner) override {
    lock_guard lock{w_->mutex};
    std::vector<std::string> states;
    for (const auto& [id, x] : w_->restaurants)
      if (x.profile.owner == owner) states.push_back(encode(x));
    return states;
  }
  result_of<std::vector<order_id>> orders_to_forget(user_id customer, std::size_t limit) override {
    lock_guard lock{w_->mutex};
    std::vector<order_id> page;
    for (const auto& [id, x] : w_->orders)
      if (x.customer == customer && is_terminal(x.status) && !w_->people.forgotten_orders.contains(id) &&
          page.size() < limit)
        page.push_back(id);
    return page;
  }
  result_of<std::vector<stored_event>> assignments(order_id which, partner_id to) override {
    lock_guard lock{w_->mutex};
    std::vector<stored_event> found;
    for (const auto& each : w_->journal[ref(to)])
      if (each.event.payload.find(to_string(which)) != std::string::npos) found.push_back(each);
    return found;
  }
  result_of<void> rewrite_events(order_id which, std::span<const rewritten_event> events) override {
    lock_guard lock{w_->mutex};
    for (const auto& each : events)
      for (auto& [whose, journal] : w_->journal)
        for (auto& kept : journal)
          if (whose.id == each.entity && kept.seq == each.seq) {
            kept.event.payload = each.payload;
            kept.event.version = each.version;
          }
    w_->people.forgotten_orders.insert(which);
    return {};
  }

 private:
  std::shared_ptr<world> w_;
};

}  // namespace

std::unique_ptr<identity_store> make_identity(std::shared_ptr<world> w) {
  return std::make_unique<memory_identity>(std::move(w));
}
std::unique_ptr<order_archive> make_archive(std::shared_ptr<world> w) {
  return std::make_unique<memory_archive>(std::move(w));
}

}  // namespace dabba::test
