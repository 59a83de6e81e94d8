#include "http-edge/session.hpp"

#include <caf/send.hpp>
#include <caf/typed_event_based_actor.hpp>
#include <deque>
#include <unordered_map>

#include "protocols/watched_actors.hpp"

namespace dabba::http {
namespace {

class session_impl final : public local_session::base {
 public:
  session_impl(caf::actor_config& config, std::shared_ptr<note_slot> slot)
      : local_session::base{config}, slot_{std::move(slot)} {
    set_down_handler([this](const caf::down_msg& x) { on_down(x); });
  }

  [[nodiscard]] const char* name() const override { return "dabba.session"; }

  local_session::behavior_type make_behavior() override {
    return {
        [this](const published& x) { slot_->put(x); },
        [this](const carrier_moved& x) { slot_->put(x); },
        [this](const order_changed& x) { slot_->put(x); },
        [this](const make_offer& x) { slot_->put(x); },
        [this](const withdraw_offer& x) { slot_->put(x); },
        [this](city_update& x) -> caf::result<void> { return show_city(std::move(x)); },
        [this](const replaced& x) { slot_->put(x); },
        [this](const publishing& x) { watch_publisher(x); },
        [this](const watch_partner& x) { watch(x); },
        [this](city_written) { acknowledge_city(); },
    };
  }

  void on_exit() override {
    unwritten_.clear();
    slot_->put(session_gone{});  // the slot is closed already when the socket wants it to end
  }

 private:
  /// The board sends its next update when this one has been written to the socket.
  caf::result<void> show_city(city_update x) {
    auto promise = make_response_promise<void>();
    unwritten_.push_back(promise);
    slot_->put(std::move(x));
    return promise;
  }
  void acknowledge_city() {
    if (unwritten_.empty()) return;
    unwritten_.front().deliver();
    unwritten_.pop_front();
  }

  void watch(const watch_partner& x) {
    if (partner_) watched_.remove(this, partner_);
    partner_ = x.who.address();
    watched_.add(this, x.who);
  }

  /// One entity has one publisher at a time: the latest.
  void watch_publisher(const publishing& x) {
    auto address = caf::actor_cast<caf::actor_addr>(x.by);
    if (x.has_ended) return forget_publisher(x.entity, address);
    auto& known = publishers_[x.entity];
    if (known == address) return;
    if (known) watched_.remove(this, known);
    known = address;
    watched_.add(this, caf::actor_cast<caf::actor>(x.by));
  }

  /// By now it may be another's: the shard's next owner does not wait for what the last one has to say.
  void forget_publisher(const entity_ref& entity, const caf::actor_addr& publisher) {
    auto known = publishers_.find(entity);
    if (known == publishers_.end() || known->second != publisher) return;
    watched_.remove(this, publisher);
    publishers_.erase(known);
  }

  void on_down(const caf::down_msg& x) {
    watched_.forget(x.source);
    if (x.source == partner_) {
      partner_ = nullptr;
      slot_->put(partner_gone{});
    }
    for (auto it = publishers_.begin(); it != publishers_.end();) {
      if (it->second != x.source) {
        ++it;
        continue;
      }
      slot_->put(publisher_gone{it->first});
      it = publishers_.erase(it);
    }
  }

  watched_actors watched_;
  caf::actor_addr partner_;
  std::unordered_map<entity_ref, caf::actor_addr> publishers_;
  std::shared_ptr<note_slot> slot_;
  std::deque<caf::typed_response_promise<void>> unwritten_;
};

}  // namespace

session::session(caf::actor_system& system, std::function<void(session_note)> pass_on)
    : slot_{std::make_shared<note_slot>(std::move(pass_on))}, actor_{system.spawn<session_impl>(slot_)} {}

void session::close() {
  slot_->close();
  if (auto actor = std::exchange(actor_, nullptr)) caf::anon_send_exit(actor, caf::exit_reason::user_shutdown);
}

}  // namespace dabba::http
