#include "http-edge/rendered_menus.hpp"

#include "http-edge/restaurant_views.hpp"

namespace dabba::http {

/// What one who waited gets: an answer, or the lead of those who wait for the same.
struct rendered_menus::turn {
  std::optional<outcome_of<rendered_menu>> answer;
  std::vector<waiting> followers;
};

/// Who asks for all. However it ends, the others get an answer and the next ones somebody who asks.
class rendered_menus::leader {
 public:
  leader(rendered_menus& menus, restaurant_id which, std::vector<waiting> followers)
      : menus_{menus}, which_{which}, followers_{std::move(followers)} {}
  ~leader() { menus_.end(which_, std::move(followers_), std::move(answer)); }
  leader(const leader&) = delete;
  leader& operator=(const leader&) = delete;

  outcome_of<rendered_menu> answer = tl::unexpected{errc::unavailable};

 private:
  rendered_menus& menus_;
  restaurant_id which_;
  std::vector<waiting> followers_;
};

rendered_menus::rendered_menus(bridge& actors, std::size_t most_bytes) : actors_{actors}, most_bytes_{most_bytes} {}
rendered_menus::~rendered_menus() = default;

asio::awaitable<outcome_of<rendered_menu>> rendered_menus::find(restaurant_id which) {
  turn mine;
  if (!begin(which)) {
    turn lost{tl::unexpected{errc::unavailable}, {}};
    auto start = [this, which](waiting who) { wait(which, std::move(who)); };
    mine = co_await completed(std::move(lost), start);
    if (mine.answer) co_return std::move(*mine.answer);
  }
  leader lead{*this, which, std::move(mine.followers)};
  lead.answer = co_await ask(which);
  auto answer = lead.answer;
  co_return answer;
}

bool rendered_menus::begin(restaurant_id which) {
  std::lock_guard lock{mutex_};
  return asked_.try_emplace(which).second;
}

void rendered_menus::wait(restaurant_id which, waiting who) {
  std::unique_lock lock{mutex_};
  auto [line, is_first] = asked_.try_emplace(which);
  if (!is_first && waiting_count_ < limits::requests_in_flight) {
    ++waiting_count_;
    return line->second.push_back(std::move(who));
  }
  lock.unlock();
  if (is_first)  // the question that was under way has been answered meanwhile
    who->finish({});
  else
    who->finish({tl::unexpected{errc::overloaded}, {}});
}

void rendered_menus::end(restaurant_id which, std::vector<waiting> followers, outcome_of<rendered_menu> answer) {
  std::vector<waiting> next;
  {
    std::lock_guard lock{mutex_};
    auto line = asked_.find(which);
    next = std::exchange(line->second, {});
    waiting_count_ -= next.size();
    if (next.empty()) asked_.erase(line);
  }
  for (auto& each : followers) each->finish({answer, {}});
  if (next.empty()) return;
  auto first = std::move(next.front());
  next.erase(next.begin());
  first->finish({std::nullopt, std::move(next)});
}

asio::awaitable<outcome_of<rendered_menu>> rendered_menus::ask(restaurant_id which) {
  auto before = known(which);
  read_menu wanted;
  if (before) wanted.known = before->stamp;
  routed question = wanted;
  auto got = co_await actors_.ask(ref(which), std::move(question));
  if (!got) co_return tl::unexpected{got.error()};
  const auto* now = std::get_if<current_menu>(&*got);
  if (!now) co_return tl::unexpected{errc::internal};
  if (!now->content) {
    if (before && before->stamp == now->stamp) co_return std::move(*before);
    co_return tl::unexpected{errc::internal};
  }
  rendered_menu made{now->stamp, std::make_shared<const std::string>(menu_json(*now))};
  keep(which, made);
  co_return made;
}

std::optional<rendered_menu> rendered_menus::known(restaurant_id which) {
  std::lock_guard lock{mutex_};
  auto found = places_.find(which);
  if (found == places_.end()) return std::nullopt;
  kept_.splice(kept_.begin(), kept_, found->second);
  return found->second->what;
}

void rendered_menus::keep(restaurant_id which, const rendered_menu& what) {
  std::lock_guard lock{mutex_};
  auto forget = [this](std::list<entry>::iterator gone) {
    bytes_ -= gone->what.body->size();
    places_.erase(gone->of);
    kept_.erase(gone);
  };
  if (auto found = places_.find(which); found != places_.end()) forget(found->second);
  kept_.push_front({which, what});
  places_.emplace(which, kept_.begin());
  bytes_ += what.body->size();
  while (bytes_ > most_bytes_) forget(std::prev(kept_.end()));
}

std::size_t rendered_menus::bytes() const {
  std::lock_guard lock{mutex_};
  return bytes_;
}

}  // namespace dabba::http
