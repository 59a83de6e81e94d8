/// The journal's actor before a writer that the test plays: what it puts into a group, and who waits for how long.
#include <caf/actor_system.hpp>
#include <caf/actor_system_config.hpp>
#include <caf/scoped_actor.hpp>
#include <caf/send.hpp>

#include "actors/store_actors.hpp"
#include "protocols/errors.hpp"
#include "protocols/model/limits.hpp"
#include "tests/actors/platform.hpp"

using namespace dabba;
using namespace dabba::testing;
using namespace dabba::samples;
using namespace std::chrono_literals;

namespace {

using steady = std::chrono::steady_clock;

// How much later than it should be an answer may come on a slow machine.
constexpr auto slack = limits::store_patience / 2;

/// A writer whose database is away until somebody brings it back: it waits as the port says, for as long as the oldest.
class away {
 public:
  std::unique_ptr<journal_writer> make_writer() { return std::make_unique<writer>(*this); }

  void come_back() {
    std::scoped_lock lock{mutex_};
    is_back_ = true;
    changed_.notify_all();
  }
  /// Waits for the writer to be called that often.
  bool await_writes(std::size_t count) {
    std::unique_lock lock{mutex_};
    return changed_.wait_for(lock, patience, [&] { return writes_ >= count; });
  }

 private:
  class writer final : public journal_writer {
   public:
    explicit writer(away& database) : database_{database} {}
    void own(shard_id, std::uint64_t) override {}
    void disown(shard_id) override {}
    std::vector<result_of<appended>> write(std::span<const append> batch) override {
      std::unique_lock lock{database_.mutex_};
      ++database_.writes_;
      database_.changed_.notify_all();
      auto oldest = std::ranges::min_element(batch, {}, &append::since)->since;
      bool is_back =
          database_.changed_.wait_until(lock, oldest + limits::store_patience, [&] { return database_.is_back_; });
      if (is_back) return {batch.size(), appended{1, {}}};
      return {batch.size(), tl::unexpected{errc::unavailable}};
    }

   private:
    away& database_;
  };

  std::mutex mutex_;
  std::condition_variable changed_;
  bool is_back_ = false;
  std::size_t writes_ = 0;
};

append aged(std::uint64_t n, std::chrono::milliseconds age) {
  append a;
  a.entity = ref(nth<order_id>(n));
  a.since = steady::now() - age;
  return a;
}

template <class Handle>
errc answer_of(Handle asked) {
  auto out = errc::none;
  asked.receive([](appended) {}, [&](const caf::error& why) { out = to_errc(why); });
  return out;
}

}  // namespace

TEST_CASE("a command's patience counts from when it was made, also behind a group that waits; no other ends it") {
  away database;
  caf::actor_system_config config;
  caf::actor_system system{config};
  auto journal = spawn_journal(system, [&] { return database.make_writer(); });
  caf::scoped_actor self{system};
  auto first = self->request(journal, patience, aged(1, limits::store_patience - 300ms));
  REQUIRE(database.await_writes(1));
  auto row = aged(2, limits::store_patience - 600ms);
  auto end = row.since + limits::store_patience;
  auto second = self->request(journal, patience, std::move(row));
  auto third = self->request(journal, patience, aged(3, 0ms));
  CHECK(answer_of(std::move(first)) == errc::unavailable);
  CHECK(answer_of(std::move(second)) == errc::unavailable);
  CHECK(steady::now() < end + slack);
  database.come_back();
  CHECK(answer_of(std::move(third)) == errc::none);
  caf::anon_send(journal, stop{});
}
