/// The nearest five of 50,000 partners within 5 km: the matchmaker's index beside Redis GEOSEARCH, and beside an
/// R-tree. DABBA_BENCH_REDIS names the Redis: host:port, or the path of a unix socket.
#include <fmt/core.h>
#include <unistd.h>
#include <charconv>
#include <memory>
#include <unordered_map>

#include "actors/domain/dispatch/partner_index.hpp"
#include "bench/micro/city_points.hpp"
#include "bench/micro/program.hpp"
#include "bench/micro/redis.hpp"
#include "bench/micro/report.hpp"
#include "bench/micro/rounds.hpp"
#include "bench/micro/rtree.hpp"
#include "protocols/model/clock.hpp"

namespace {

using namespace dabba;
using namespace dabba::bench;

constexpr metres radius{5000};
constexpr std::size_t wanted_count = 5;
constexpr std::size_t pipelined = 32;
constexpr double times_redis = 50;

struct sizes {
  std::size_t partners = 50'000;
  std::size_t queries = 5'000;
  std::chrono::milliseconds turn{1000};
};

double to_double(const std::string& text) {
  double out = 0;
  std::from_chars(text.data(), text.data() + text.size(), out);
  return out;
}

/// The points under a key of its own, which goes with this object.
class redis_index {
 public:
  redis_index(const std::string& address, const std::vector<geo_point>& points, const std::vector<geo_point>& queries)
      : client_{address}, key_{"dabba:bench:" + std::to_string(getpid())} {
    for (std::size_t i = 0; i < points.size(); ++i)
      client_.call({"GEOADD", key_, lon(points[i]), lat(points[i]), name(i)});
    for (const auto& at : queries)
      searches_.push_back(
          redis_command({"GEOSEARCH", key_, "FROMLONLAT", lon(at), lat(at), "BYRADIUS", fmt::format("{}", radius.value),
                         "m", "ASC", "COUNT", std::to_string(wanted_count)}));
  }
  ~redis_index() {
    try {
      client_.call({"DEL", key_});
    } catch (const std::exception& why) {
      fmt::print(stderr, "{} was left behind: {}\n", key_, why.what());
    }
  }
  redis_index(const redis_index&) = delete;
  redis_index& operator=(const redis_index&) = delete;

  std::string version() {
    auto info = client_.call({"INFO", "server"}).front();
    auto begin = info.find("redis_version:") + std::string_view{"redis_version:"}.size();
    return info.substr(begin, info.find('\r', begin) - begin);
  }

  /// Redis keeps positions to 52 bits (about half a metre): where it has them.
  std::vector<geo_point> positions(std::size_t count) {
    std::vector<geo_point> out;
    for (std::size_t i = 0; i < count; ++i) {
      auto at = client_.call({"GEOPOS", key_, name(i)});
      out.push_back({to_double(at.at(1)), to_double(at.at(0))});
    }
    return out;
  }

  const std::vector<std::string>& nearest(std::size_t query) {
    client_.send(searches_[query]);
    client_.receive(answer_);
    return answer_;
  }

  double searches_per_second(std::chrono::milliseconds time) {
    return calls_per_second(time, [&](std::size_t i) { nearest(i % searches_.size()); });
  }

  double pipelined_searches_per_second(std::chrono::milliseconds time) {
    auto groups = group(searches_);
    return pipelined * calls_per_second(time, [&](std::size_t i) { run(groups[i % groups.size()]); });
  }

  double pipelined_moves_per_second(std::chrono::milliseconds time, const std::vector<geo_point>& to) {
    std::vector<std::string> moves;
    for (std::size_t i = 0; i < to.size(); ++i)
      moves.push_back(redis_command({"GEOADD", key_, lon(to[i]), lat(to[i]), name(i)}));
    auto groups = group(moves);
    return pipelined * calls_per_second(time, [&](std::size_t i) { run(groups[i % groups.size()]); });
  }

 private:
  static std::string name(std::size_t i) { return std::to_string(i); }
  static std::string lat(geo_point at) { return fmt::format("{}", at.lat_deg); }
  static std::string lon(geo_point at) { return fmt::format("{}", at.lon_deg); }

  static std::vector<std::string> group(const std::vector<std::string>& commands) {
    std::vector<std::string> out;
    for (std::size_t i = 0; i + pipelined <= commands.size(); i += pipelined) {
      out.emplace_back();
      for (std::size_t j = i; j < i + pipelined; ++j) out.back() += commands[j];
    }
    return out;
  }

  void run(const std::string& commands) {
    client_.send(commands);
    for (std::size_t i = 0; i < pipelined; ++i) client_.receive(answer_);
  }

  redis_client client_;
  std::string key_;
  std::vector<std::string> searches_;
  std::vector<std::string> answer_;
};

/// The matchmaker's index, with the points' numbers beside the partners' ids.
class grid_index {
 public:
  explicit grid_index(const std::vector<geo_point>& points) {
    for (std::size_t i = 0; i < points.size(); ++i) {
      ids_.push_back(partner_id::make(real_now()));
      numbers_.emplace(ids_.back(), static_cast<rtree_index::key>(i));
      index_.put(ids_.back(), points[i]);
    }
  }

  void move(std::size_t which, geo_point to) { index_.put(ids_[which], to); }
  [[nodiscard]] std::vector<neighbour> nearest(geo_point at) const {
    return index_.nearest(at, radius, wanted_count, [](partner_id) { return true; });
  }
  [[nodiscard]] std::size_t number(partner_id x) const { return numbers_.at(x); }

 private:
  partner_index index_;
  std::vector<partner_id> ids_;
  std::unordered_map<partner_id, rtree_index::key> numbers_;
};

class contest {
 public:
  contest(const sizes& chosen, const std::optional<std::string>& redis_address)
      : sizes_{chosen}, points_{city_points(chosen.partners, 1)}, queries_{city_points(chosen.queries, 2)} {
    if (redis_address) {
      redis_ = std::make_unique<redis_index>(*redis_address, points_, queries_);
      points_ = redis_->positions(points_.size());  // now all of them search among the very same points
    }
    grid_ = std::make_unique<grid_index>(points_);
    rtree_ = std::make_unique<rtree_index>(points_);
    auto shift = city_points(chosen.partners, 3);
    for (std::size_t i = 0; i < points_.size(); ++i)  // some 100 m on
      moved_.push_back({points_[i].lat_deg + (shift[i].lat_deg - points_[i].lat_deg) / 100,
                        points_[i].lon_deg + (shift[i].lon_deg - points_[i].lon_deg) / 100});
  }

  /// How many queries have an answer that is not the same everywhere.
  int disagreements() {
    int out = 0;
    for (std::size_t i = 0; i < queries_.size(); ++i) {
      std::vector<metres> ours;
      for (const auto& x : grid_->nearest(queries_[i])) ours.push_back(away(i, grid_->number(x.partner)));
      std::vector<metres> tree;
      for (auto x : rtree_->nearest(queries_[i], radius, wanted_count)) tree.push_back(away(i, x));
      bool same = agree(ours, tree);
      if (redis_) {
        std::vector<metres> theirs;
        for (const auto& x : redis_->nearest(i)) theirs.push_back(away(i, std::stoul(x)));
        same = same && agree(ours, theirs);
      }
      if (!same) ++out;
    }
    return out;
  }

  report run(int rounds) {
    std::vector<contender> searching{{"grid: searches", [this] { return grid_searches(); }},
                                     {"R-tree: searches", [this] { return rtree_searches(); }}};
    std::vector<contender> moving{
        {"grid: moves", [this] { return grid_moves(); }}, {"R-tree: moves", [this] { return rtree_moves(); }}};
    if (redis_) {
      searching.push_back(
          {"Redis: searches, one at a time", [this] { return redis_->searches_per_second(sizes_.turn); }});
      searching.push_back(
          {"Redis: searches, 32 pipelined", [this] { return redis_->pipelined_searches_per_second(sizes_.turn); }});
      moving.push_back({"Redis: moves, 32 pipelined",
                        [this] { return redis_->pipelined_moves_per_second(sizes_.turn / 3, moved_); }});
    }
    take_turns(searching, rounds);
    take_turns(moving, rounds);
    report out{"nearest", "nearest 5 of " + std::to_string(sizes_.partners) + " within 5 km"};
    for (const auto& x : searching) out.add(x.name, "1/s", x.figures);
    for (const auto& x : moving) out.add(x.name, "1/s", x.figures);
    if (redis_) {
      auto best = better_of(searching[2].figures, searching[3].figures);
      out.add("searches, times Redis at its better", "ratio", ratios(searching[0].figures, best), target{times_redis});
      out.add("moves, times Redis", "ratio", ratios(moving[0].figures, moving[2].figures));
      out.note("Redis " + redis_->version());
    }
    out.add("searches, times the R-tree", "ratio", ratios(searching[0].figures, searching[1].figures));
    out.add("moves, times the R-tree", "ratio", ratios(moving[0].figures, moving[1].figures));
    return out;
  }

 private:
  [[nodiscard]] metres away(std::size_t query, std::size_t point) const {
    return distance(queries_[query], points_.at(point));
  }

  /// The same distances rank by rank: the same partners, but for those equally far. Redis takes the earth for 0.03 %
  /// larger, so who is at the radius itself may be in or out.
  static bool agree(const std::vector<metres>& a, const std::vector<metres>& b) {
    auto common = std::min(a.size(), b.size());
    for (std::size_t i = 0; i < common; ++i)
      if (std::abs(a[i].value - b[i].value) > 0.001) return false;
    const auto& longer = a.size() > b.size() ? a : b;
    return std::all_of(longer.begin() + static_cast<std::ptrdiff_t>(common), longer.end(),
                       [](metres x) { return std::abs(x.value - radius.value) < 0.0005 * radius.value; });
  }

  double grid_searches() {
    return calls_per_second(
        sizes_.turn, [&](std::size_t i) { seen_ += grid_->nearest(queries_[i % queries_.size()]).size(); });
  }
  double rtree_searches() {
    return calls_per_second(sizes_.turn, [&](std::size_t i) {
      seen_ += rtree_->nearest(queries_[i % queries_.size()], radius, wanted_count).size();
    });
  }

  // Everybody moves there, then everybody moves back.
  double grid_moves() {
    return calls_per_second(sizes_.turn / 3, [&](std::size_t) {
      auto i = grid_moves_++;
      grid_->move(
          i % points_.size(), i / points_.size() % 2 == 0 ? moved_[i % points_.size()] : points_[i % points_.size()]);
    });
  }
  double rtree_moves() {
    return calls_per_second(sizes_.turn / 3, [&](std::size_t) {
      auto i = rtree_moves_++;
      auto which = i % points_.size();
      bool there = i / points_.size() % 2 == 0;
      rtree_->move(static_cast<rtree_index::key>(which), there ? points_[which] : moved_[which],
                   there ? moved_[which] : points_[which]);
    });
  }

  sizes sizes_;
  std::vector<geo_point> points_;
  std::vector<geo_point> queries_;
  std::vector<geo_point> moved_;
  std::unique_ptr<redis_index> redis_;
  std::unique_ptr<grid_index> grid_;
  std::unique_ptr<rtree_index> rtree_;
  std::size_t grid_moves_ = 0;
  std::size_t rtree_moves_ = 0;
  std::size_t seen_ = 0;  ///< keeps the searches from being optimised away
};

int run(const run_options& options) {
  sizes chosen;
  if (options.quick) chosen = {5'000, 300, std::chrono::milliseconds{100}};
  auto redis = environment("DABBA_BENCH_REDIS");
  if (!redis) fmt::print("DABBA_BENCH_REDIS is not set: without Redis\n");
  contest all{chosen, redis};
  if (auto wrong = all.disagreements(); wrong > 0) {
    fmt::print(stderr, "{} of {} queries have different answers\n", wrong, chosen.queries);
    return 1;
  }
  auto out = all.run(options.rounds);
  out.note(fmt::format("All gave the same nearest partners in each of {} queries.", chosen.queries));
  out.print();
  return 0;
}

}  // namespace

int main(int argc, char** argv) { return run_program(argc, argv, "nearest partners", run); }
