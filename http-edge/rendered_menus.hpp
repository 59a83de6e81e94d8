/// Menus as they are sent, kept in the node's memory. Whoever reads one has its restaurant asked, by a question sent
/// after they came, whether what is kept is still the menu: so a change is seen by the next read on every node. Those
/// who come while a question is under way share the next.
#pragma once

#include <list>
#include <mutex>
#include <unordered_map>

#include "http-edge/bridge.hpp"

namespace dabba::http {

struct rendered_menu {
  menu_stamp stamp;
  std::shared_ptr<const std::string> body;
};

class rendered_menus {
 public:
  explicit rendered_menus(bridge& actors, std::size_t most_bytes = limits::rendered_menu_bytes);
  ~rendered_menus();
  rendered_menus(const rendered_menus&) = delete;
  rendered_menus& operator=(const rendered_menus&) = delete;

  asio::awaitable<outcome_of<rendered_menu>> find(restaurant_id which);

  /// Of all bodies that are kept.
  [[nodiscard]] std::size_t bytes() const;

 private:
  struct turn;
  class leader;
  using waiting = std::shared_ptr<completion<turn>>;
  struct entry {
    restaurant_id of;
    rendered_menu what;
  };

  bool begin(restaurant_id which);
  void wait(restaurant_id which, waiting who);
  void end(restaurant_id which, std::vector<waiting> followers, outcome_of<rendered_menu> answer);
  asio::awaitable<outcome_of<rendered_menu>> ask(restaurant_id which);
  std::optional<rendered_menu> known(restaurant_id which);
  void keep(restaurant_id which, const rendered_menu& what);

  bridge& actors_;
  std::size_t most_bytes_;

  mutable std::mutex mutex_;
  std::unordered_map<restaurant_id, std::vector<waiting>> asked_;  ///< and who came since
  std::size_t waiting_count_ = 0;
  std::list<entry> kept_;  ///< the latest used first
  std::unordered_map<restaurant_id, std::list<entry>::iterator> places_;
  std::size_t bytes_ = 0;
};

}  // namespace dabba::http
