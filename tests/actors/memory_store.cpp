#include "tests/actors/memory_store.hpp"

#include <algorithm>

#include "actors/domain/order_machine.hpp"
#include "protocols/codec.hpp"

namespace dabba::testing {
namespace {

constexpr auto longest_hold = std::chrono::seconds{20};

}  // namespace

class memory_store::writer final : public journal_writer {
 public:
  explicit writer(std::shared_ptr<memory_store> store) : store_{std::move(store)} {}

  void own(shard_id shard, std::uint64_t epoch) override { owned_[shard] = epoch; }
  void disown(shard_id shard) override { owned_.erase(shard); }

  std::vector<result_of<appended>> write(std::span<const append> batch) override {
    std::unique_lock lock{store_->mutex_};
    store_->wait_while_held(lock);
    std::vector<result_of<appended>> out;
    for (const auto& a : batch) {
      auto mine = owned_.find(a.shard);
      out.push_back(mine == owned_.end() ? tl::unexpected{errc::moved} : store_->write_one(a, mine->second));
      if (!out.back() && out.back().error() == errc::outcome_unknown) owned_.erase(a.shard);
    }
    return out;
  }

 private:
  std::shared_ptr<memory_store> store_;
  std::map<shard_id, std::uint64_t> owned_;
};

class memory_store::reader final : public entity_reader {
 public:
  explicit reader(std::shared_ptr<memory_store> store) : store_{std::move(store)} {}

  result_of<std::vector<head_record>> open_entities(shard_id shard) override {
    std::scoped_lock lock{store_->mutex_};
    if (!store_->is_readable()) return tl::unexpected{errc::unavailable};
    std::vector<head_record> out;
    for (const auto& [entity, kept] : store_->heads_)
      if (kept.shard == shard && kept.open) out.push_back(kept.head);
    return out;
  }

  result_of<std::optional<head_record>> load(const entity_ref& entity) override {
    std::scoped_lock lock{store_->mutex_};
    if (!store_->is_readable()) return tl::unexpected{errc::unavailable};
    auto found = store_->heads_.find(entity);
    return found == store_->heads_.end() ? std::nullopt : std::optional{found->second.head};
  }

  result_of<std::vector<stored_event>> events(const entity_ref& entity, std::uint64_t since,
                                              std::size_t limit) override {
    auto out = store_->journal_of(entity);
    std::erase_if(out, [&](const stored_event& e) { return e.seq <= since; });
    out.resize(std::min(out.size(), limit));
    return out;
  }

  // The edge's own questions; no actor asks them.
  result_of<std::vector<stored_event>> restaurant_feed(restaurant_id, shard_id, std::uint64_t, std::size_t) override {
    return tl::unexpected{errc::internal};
  }
  result_of<std::vector<std::string>> restaurant_orders(restaurant_id, std::optional<order_status>,
                                                        std::optional<order_cursor>, std::size_t) override {
    return tl::unexpected{errc::internal};
  }
  result_of<std::uint64_t> feed_position(restaurant_id restaurant, shard_id) override {
    return store_->feed_position(restaurant);
  }
  result_of<std::optional<idempotent_answer>> answer(user_id caller, const std::string& key) override {
    return store_->answer(caller, key);
  }
  result_of<bool> has_ordered(user_id) override { return tl::unexpected{errc::internal}; }
  result_of<zone_summary> summary(zone_id, instant) override { return zone_summary{}; }

 private:
  std::shared_ptr<memory_store> store_;
};

/// What an actor asks of the cluster's tables: a shard of this node again.
class memory_store::cluster final : public cluster_store {
 public:
  explicit cluster(std::shared_ptr<memory_store> store) : store_{std::move(store)} {}

  result_of<std::optional<owned_shard>> retake(node_id, shard_id shard) override {
    if (store_->is_lost()) return std::nullopt;
    return store_->retake(shard);
  }

  // Membership's own questions; in these tests it is played by hand.
  result_of<void> ensure_shards(std::uint16_t) override { return tl::unexpected{errc::internal}; }
  result_of<std::optional<std::uint16_t>> shard_count() override { return tl::unexpected{errc::internal}; }
  result_of<clock_setting> clock(std::optional<double>) override { return tl::unexpected{errc::internal}; }
  result_of<void> join(const node_profile&) override { return tl::unexpected{errc::internal}; }
  result_of<bool> take_lock(node_id) override { return tl::unexpected{errc::internal}; }
  bool holds_lock() override { return false; }
  result_of<std::optional<cluster_view>> renew(node_id, const std::set<node_id>&, std::uint64_t) override {
    return tl::unexpected{errc::internal};
  }
  result_of<cluster_view> view() override { return tl::unexpected{errc::internal}; }
  result_of<bool> change(node_id, const cluster_change&) override { return tl::unexpected{errc::internal}; }
  result_of<std::size_t> forget_answers(instant) override { return 0; }
  std::optional<std::string> problem() override { return std::nullopt; }

 private:
  std::shared_ptr<memory_store> store_;
};

std::unique_ptr<cluster_store> memory_store::make_cluster() { return std::make_unique<cluster>(shared_from_this()); }

std::unique_ptr<journal_writer> memory_store::make_writer() { return std::make_unique<writer>(shared_from_this()); }

std::unique_ptr<entity_reader> memory_store::make_reader() { return std::make_unique<reader>(shared_from_this()); }

std::vector<owned_shard> memory_store::take_all_shards() {
  std::scoped_lock lock{mutex_};
  std::vector<owned_shard> out;
  for (std::uint16_t i = 0; i < shard_count_; ++i) {
    auto& shard = shards_[shard_id{i}];
    out.push_back({{i}, ++shard.epoch});
  }
  return out;
}

void memory_store::lose_all_shards() {
  (void)take_all_shards();
  is_lost_ = true;
}

owned_shard memory_store::retake(shard_id shard) {
  std::scoped_lock lock{mutex_};
  return {shard, ++shards_.at(shard).epoch};
}

std::uint64_t memory_store::epoch_of(shard_id shard) const {
  std::scoped_lock lock{mutex_};
  return shards_.at(shard).epoch;
}

void memory_store::interfere(std::function<fault(const append&)> decide) {
  std::scoped_lock lock{mutex_};
  interfere_ = std::move(decide);
}

void memory_store::set_limit(promotion_id of, std::size_t redemptions) {
  std::scoped_lock lock{mutex_};
  limits_[of] = redemptions;
}

void memory_store::fail_next(const entity_ref& whose, fault what) {
  std::scoped_lock lock{mutex_};
  fail_next_[whose] = what;
}

void memory_store::set_readable(bool readable) {
  std::scoped_lock lock{mutex_};
  readable_ = readable;
}

void memory_store::break_reads() {
  std::scoped_lock lock{mutex_};
  reads_throw_ = true;
}

bool memory_store::is_readable() const {
  if (reads_throw_) throw std::runtime_error{"reads are broken"};
  return readable_;
}

void memory_store::hold() {
  std::scoped_lock lock{mutex_};
  held_ = true;
}

void memory_store::release() {
  std::scoped_lock lock{mutex_};
  held_ = false;
  changed_.notify_all();
}

bool memory_store::await_held() {
  std::unique_lock lock{mutex_};
  return changed_.wait_for(lock, longest_hold, [this] { return someone_waits_; });
}

void memory_store::wait_while_held(std::unique_lock<std::mutex>& lock) {
  if (!held_) return;
  someone_waits_ = true;
  changed_.notify_all();
  changed_.wait_for(lock, longest_hold, [this] { return !held_; });
  someone_waits_ = false;
}

result_of<appended> memory_store::write_one(const append& a, std::uint64_t own_epoch) {
  auto what = interfere_ ? interfere_(a) : fault::none;
  if (auto planned = fail_next_.extract(a.entity)) what = planned.mapped();
  if (what == fault::thrown) throw std::runtime_error{"this write is broken"};
  if (what == fault::unavailable) return tl::unexpected{errc::unavailable};
  if (what == fault::unknown_lost) return tl::unexpected{errc::outcome_unknown};
  bool fenced = own_epoch != a.epoch || shards_.at(a.shard).epoch != a.epoch;
  if (what == fault::moved || fenced) return tl::unexpected{errc::moved};
  if (a.events.empty()) return tl::unexpected{errc::invalid_argument};
  std::pair command{a.entity, a.command};
  if (auto before = commands_.find(command); before != commands_.end()) return before->second;
  if (auto refused = why_refused(a); refused != errc::none) return tl::unexpected{refused};
  auto first_position = shards_.at(a.shard).position + 1;
  commands_[command] = {first_position, a.first_seq};
  store(a);
  ++writes_;
  if (what == fault::unknown_written) return tl::unexpected{errc::outcome_unknown};
  return appended{first_position, {}};
}

errc memory_store::why_refused(const append& a) const {
  auto head = heads_.find(a.entity);
  auto version = head == heads_.end() ? 0 : head->second.head.version;
  if (version != a.first_seq - 1) return errc::stale_version;
  for (const auto& change : a.assignments) {
    if (change.what == assignment_change::kind::end) continue;
    if (assigned_.contains(change.order)) return errc::offer_no_longer_available;
    std::pair slot{change.partner, change.slot};
    if (std::ranges::any_of(assigned_, [&](const auto& x) { return x.second == slot; }))
      return errc::partner_at_capacity;
  }
  for (const auto& change : a.redemptions)
    if (auto refused = why_refused(change); refused != errc::none) return refused;
  if (const auto* columns = std::get_if<restaurant_columns>(&a.columns)) {
    auto holder = licences_.find(columns->license_number);
    if (holder != licences_.end() && holder->second != a.entity) return errc::licence_number_taken;
  }
  if (a.answer && answers_.contains({a.answer->caller, a.answer->key})) return errc::idempotency_key_exists;
  return errc::none;
}

errc memory_store::why_refused(const redemption_change& change) const {
  if (change.what == redemption_change::kind::release) return errc::none;
  std::size_t used = 0;
  std::int32_t used_by_customer = 0;
  for (const auto& [what, customer] : redeemed_) {
    if (what.first != change.promotion) continue;
    ++used;
    if (customer == change.customer) ++used_by_customer;
  }
  if (change.per_customer && used_by_customer >= *change.per_customer) return errc::promotion_already_used;
  auto limit = limits_.find(change.promotion);
  if (change.is_counted && (limit == limits_.end() || used >= limit->second)) return errc::promotion_used_up;
  return errc::none;
}

void memory_store::store(const append& a) {
  auto& position = shards_.at(a.shard).position;
  auto seq = a.first_seq;
  for (const auto& event : a.events) events_[a.entity].push_back({a.entity, seq++, ++position, event, a.at});
  heads_[a.entity] = {{a.entity, seq - 1, a.state, a.deadline}, a.shard, a.open, a.columns};
  for (const auto& change : a.assignments) {
    if (change.what == assignment_change::kind::end)
      assigned_.erase(change.order);
    else
      assigned_[change.order] = {change.partner, change.slot};
  }
  for (const auto& change : a.redemptions) {
    if (change.what == redemption_change::kind::release)
      redeemed_.erase({change.promotion, change.order});
    else
      redeemed_[{change.promotion, change.order}] = change.customer;
  }
  if (const auto* columns = std::get_if<restaurant_columns>(&a.columns)) licences_[columns->license_number] = a.entity;
  if (a.answer) answers_[{a.answer->caller, a.answer->key}] = *a.answer;
}

std::optional<head_record> memory_store::head(const entity_ref& entity) const {
  std::scoped_lock lock{mutex_};
  auto found = heads_.find(entity);
  return found == heads_.end() ? std::nullopt : std::optional{found->second.head};
}

std::vector<stored_event> memory_store::journal_of(const entity_ref& entity) const {
  std::scoped_lock lock{mutex_};
  auto found = events_.find(entity);
  return found == events_.end() ? std::vector<stored_event>{} : found->second;
}

std::uint64_t memory_store::feed_position(restaurant_id restaurant) const {
  std::scoped_lock lock{mutex_};
  std::uint64_t out = 0;
  for (const auto& [entity, kept] : heads_) {
    const auto* columns = std::get_if<order_columns>(&kept.columns);
    if (columns && columns->restaurant == restaurant) out = std::max(out, events_.at(entity).back().position);
  }
  return out;
}

std::size_t memory_store::count(const entity_ref& entity, std::string_view event_type) const {
  auto events = journal_of(entity);
  return static_cast<std::size_t>(
      std::ranges::count_if(events, [&](const stored_event& e) { return e.event.type == event_type; }));
}

std::size_t memory_store::active_assignments() const {
  std::scoped_lock lock{mutex_};
  return assigned_.size();
}

std::size_t memory_store::active_redemptions(promotion_id of) const {
  std::scoped_lock lock{mutex_};
  return static_cast<std::size_t>(
      std::ranges::count_if(redeemed_, [of](const auto& x) { return x.first.first == of; }));
}

std::size_t memory_store::writes() const {
  std::scoped_lock lock{mutex_};
  return writes_;
}

std::optional<idempotent_answer> memory_store::answer(user_id caller, const std::string& key) const {
  std::scoped_lock lock{mutex_};
  auto found = answers_.find({caller, key});
  return found == answers_.end() ? std::nullopt : std::optional{found->second};
}

void memory_store::check_order(const entity_ref& entity, const row& kept, std::vector<std::string>& out) const {
  auto whose = to_string(entity.id);
  order folded;
  folded.id = {entity.id};
  for (const auto& e : events_.at(entity)) {
    auto event = decode_event(e.event.type, e.event.version, e.event.payload);
    if (!event) return out.push_back(whose + ": an event can't be read");
    bool is_forgetting = e.event.type == order_customer_forgotten::type;
    if (is_terminal(folded.status) && !is_forgetting) out.push_back(whose + ": something happened after its end");
    apply(folded, std::get<order_event>(*event), e.at);
  }
  auto head = decode_order(kept.head.state);
  if (!head) return out.push_back(whose + ": its head can't be read");
  folded.recent = head->recent;
  if (folded != *head) out.push_back(whose + ": its head is not the fold of its events");
  bool carried = folded.carried_by && !is_terminal(folded.status);
  auto assigned = assigned_.find(folded.id);
  if (carried != (assigned != assigned_.end())) out.push_back(whose + ": its assignment is not its carrier");
  if (carried && assigned->second != std::pair{folded.carried_by->partner, folded.carried_by->slot})
    out.push_back(whose + ": somebody else is assigned");
  std::set<promotion_id> priced;
  std::set<promotion_id> redeemed;
  if (uses_promotions(folded))
    for (const auto& p : folded.price.promotions) priced.insert(p.promotion);
  for (const auto& [what, customer] : redeemed_)
    if (what.second == folded.id) redeemed.insert(what.first);
  if (priced != redeemed) out.push_back(whose + ": what it has redeemed is not what is in its price");
}

std::vector<std::string> memory_store::problems() const {
  std::scoped_lock lock{mutex_};
  std::vector<std::string> out;
  for (const auto& [entity, kept] : heads_) {
    const auto& events = events_.at(entity);
    for (std::size_t i = 0; i < events.size(); ++i)
      if (events[i].seq != i + 1) out.push_back(to_string(entity.id) + ": a gap in its sequence");
    if (kept.head.version != events.size()) out.push_back(to_string(entity.id) + ": its version is not its events'");
    if (entity.kind == entity_kind::order) check_order(entity, kept, out);
  }
  return out;
}

}  // namespace dabba::testing
