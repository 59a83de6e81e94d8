#include "actors/offer_book.hpp"

#include "actors/node.hpp"
#include "protocols/model/limits.hpp"

namespace dabba {

bool offer_book::is_full() const noexcept { return offers_.size() >= limits::open_offers_per_partner; }

void offer_book::hold(make_offer&& x, const session_actor& phone) {
  if (phone) tell_session(region_, phone, x);
  offers_[x.what.id] = std::move(x.what);
}

bool offer_book::drop(const withdraw_offer& x, const session_actor& phone) {
  if (offers_.erase(x.what) == 0) return false;
  if (phone) tell_session(region_, phone, x);
  return true;
}

void offer_book::drop_expired(instant now) {
  std::erase_if(offers_, [now](const auto& held) { return held.second.expires_at <= now; });
}

void offer_book::drop_all(withdrawal why, const session_actor& phone) {
  for (const auto& [id, held] : offers_) {
    if (phone) tell_session(region_, phone, withdraw_offer{id, why});
    answer(held, offer_outcome::withdrawn);
  }
  offers_.clear();
}

const offer* offer_book::find(offer_id id) const {
  auto held = offers_.find(id);
  return held == offers_.end() ? nullptr : &held->second;
}

std::optional<offer> offer_book::take(offer_id id) {
  auto held = offers_.extract(id);
  if (!held) return std::nullopt;
  return std::move(held.mapped());
}

void offer_book::answer(const offer& about, offer_outcome outcome) const {
  send_to(region_, matchmaker_ref(about.zone), offer_answered{about.id, holder_, outcome});
}

std::vector<offer> offer_book::open_at(instant now) const {
  std::vector<offer> out;
  for (const auto& [id, held] : offers_)
    if (held.expires_at > now) out.push_back(held);
  return out;
}

void offer_book::show_all(const session_actor& phone) const {
  for (const auto& [id, held] : offers_) tell_session(region_, phone, make_offer{held});
}

}  // namespace dabba
