/// Which offers a socket was shown lately: what comes from another node may come twice, or after what came later.
#pragma once

#include <algorithm>
#include <deque>

#include "protocols/model/ids.hpp"
#include "protocols/model/limits.hpp"

namespace dabba::http {

class shown_offers {
 public:
  /// False for one that was shown or withdrawn before.
  bool show(offer_id x) { return note(x); }
  /// It is not shown any more, even if it comes.
  void withdraw(offer_id x) { note(x); }

 private:
  static constexpr std::size_t remembered = 4 * limits::open_offers_per_partner;

  bool note(offer_id x) {
    if (std::ranges::find(seen_, x) != seen_.end()) return false;
    seen_.push_back(x);
    if (seen_.size() > remembered) seen_.pop_front();
    return true;
  }

  std::deque<offer_id> seen_;
};

}  // namespace dabba::http
