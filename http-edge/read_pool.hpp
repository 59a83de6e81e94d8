/// Blocking reads of entities, on threads of their own.
#pragma once

#include "http-edge/store_pool.hpp"

namespace dabba::http {

class read_pool : public store_pool<entity_reader> {
 public:
  using store_pool::store_pool;

  /// `query(entity_reader&)` on a thread of the pool; see `use`.
  template <class F>
  auto read(F query) {
    return use(std::move(query));
  }
  /// Any blocking call that needs no reader; `lost` when it throws, the pool has stopped or too many wait.
  template <class R, class F>
  asio::awaitable<R> run(R lost, F call) {
    R full = lost;
    return work_pool::run(std::move(lost), std::move(full), std::move(call));
  }
};

}  // namespace dabba::http
