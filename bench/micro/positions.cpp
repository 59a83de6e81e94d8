/// Positions per second from the WebSocket frame to the matchmaker's index, beside a bare Beast server that reads the
/// same frames from the same generator and throws them away.
///
/// "One by one": as in service, every partner has a socket of its own and sends one position at a time, so that none is
/// overtaken by the next one of the same partner. "Flood": a few sockets, full all the time; positions of a partner
/// that follow within milliseconds are put into the index once.
#include <fmt/core.h>
#include <chrono>
#include <sstream>
#include <thread>

#include "bench/micro/child_process.hpp"
#include "bench/micro/position_load.hpp"
#include "bench/micro/position_servers.hpp"
#include "bench/micro/program.hpp"
#include "bench/micro/report.hpp"
#include "bench/micro/rounds.hpp"

namespace {

using namespace dabba::bench;
using namespace std::chrono_literals;

constexpr auto start_patience = 30s;
constexpr auto answer_patience = 5s;
constexpr auto settled_after = 300ms;  // of no change
constexpr auto look_every = 2ms;
constexpr auto longest = 60s;
constexpr double times_sink = 0.4;

struct counters {
  std::uint64_t read = 0;
  std::uint64_t indexed = 0;
  friend bool operator==(const counters&, const counters&) = default;
};

class server {
 public:
  server(const std::string& role, std::size_t partners) : process_{{"/proc/self/exe", role, std::to_string(partners)}} {
    for (;;) {
      auto line = process_.read_line(start_patience);
      if (line == "ready") return;
      auto space = line.find(' ');
      if (line.starts_with("port ")) port = static_cast<std::uint16_t>(std::stoul(line.substr(space + 1)));
      if (line.starts_with("token ")) tokens.push_back(line.substr(space + 1));
    }
  }

  counters count() {
    process_.write("?\n");
    std::istringstream line{process_.read_line(answer_patience)};
    counters out;
    line >> out.read >> out.indexed;
    return out;
  }

  std::uint16_t port = 0;
  std::vector<std::string> tokens;

 private:
  child_process process_;
};

using steady = std::chrono::steady_clock;

/// Waits until `read` messages were read, all in all, and the counters stand still; says since when.
std::pair<counters, steady::time_point> settle(server& of, std::uint64_t read) {
  auto last = of.count();
  auto since = steady::now();
  auto until = since + longest;
  while (steady::now() < until) {
    std::this_thread::sleep_for(look_every);
    auto next = of.count();
    auto now = steady::now();
    if (next != last || next.read < read)
      since = now;
    else if (now - since > settled_after)
      return {last, since};
    last = next;
  }
  throw std::runtime_error{fmt::format("{} messages were sent, {} read", read, last.read)};
}

struct rates {
  double read = 0;
  double indexed = 0;
};

/// From the first frame sent until the last one has had its effect.
rates measure(const std::string& role, const load_shape& shape) {
  server other{role, shape.sockets};
  position_load load{other.port, other.tokens, shape};
  load.send_one_each();
  auto before = settle(other, shape.sockets).first;
  auto begin = steady::now();
  load.send_all([&] { return other.count().read - before.read; });
  auto [after, end] = settle(other, before.read + shape.frames);
  std::chrono::duration<double> passed = end - begin;
  return {static_cast<double>(after.read - before.read) / passed.count(),
          static_cast<double>(after.indexed - before.indexed) / passed.count()};
}

/// Both servers under one kind of load.
struct comparison {
  load_shape shape;
  std::vector<double> sink{};
  std::vector<double> node_read{};
  std::vector<double> node_indexed{};

  void add_round() {
    sink.push_back(measure("sink", shape).read);
    auto node = measure("node", shape);
    node_read.push_back(node.read);
    node_indexed.push_back(node.indexed);
  }

  void report_to(report& out, const std::string& name, std::optional<target> goal) const {
    out.add(name + ": bare sink, frames read", "1/s", sink);
    out.add(name + ": node, frames read", "1/s", node_read);
    out.add(name + ": node, positions into the index", "1/s", node_indexed);
    out.add(name + ": frames read, times the sink", "ratio", ratios(node_read, sink));
    out.add(name + ": into the index, times the sink", "ratio", ratios(node_indexed, sink), goal);
  }
};

int run(const run_options& options) {
  comparison one_by_one{.shape = {.sockets = 4096, .frames = 200'000, .frames_per_write = 1, .unread = 4096}};
  comparison flood{.shape = {.sockets = 64, .frames = 1'000'000, .frames_per_write = 500, .unread = {}}};
  if (options.quick) {
    one_by_one.shape = {.sockets = 256, .frames = 10'000, .frames_per_write = 1, .unread = 256};
    flood.shape.frames = 50'000;
  }
  for (int round = 1; round <= options.rounds; ++round) {
    fmt::print(stderr, "round {} of {}\n", round, options.rounds);
    one_by_one.add_round();
    flood.add_round();
  }
  report out{"positions", "positions from WebSocket frame to index"};
  one_by_one.report_to(out, fmt::format("{} sockets, one by one", one_by_one.shape.sockets), target{times_sink});
  flood.report_to(out, fmt::format("{} sockets, flood", flood.shape.sockets), {});
  out.print();
  return 0;
}

}  // namespace

int main(int argc, char** argv) {
  if (argc == 3 && argv[1] == std::string_view{"node"}) return serve_node(std::stoul(argv[2]));
  if (argc == 3 && argv[1] == std::string_view{"sink"}) return serve_sink();
  return run_program(argc, argv, "positions from WebSocket frame to index", run);
}
