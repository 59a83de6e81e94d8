/// dabba-city: a city's day as a client of a running platform. See --help.
#include <cstdio>
#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <optional>
#include <stdexcept>

#include <unistd.h>

#include <fmt/format.h>
#include <CLI/CLI.hpp>

#include "bench/city/city.hpp"
#include "bench/city/database_reader.hpp"
#include "bench/city/generator.hpp"
#include "bench/city/progress.hpp"
#include "bench/city/report.hpp"

namespace dabba::city {

namespace {

constexpr int exit_good = 0;
constexpr int exit_bad = 1;
constexpr int exit_usage = 2;

struct arguments {
  std::string url;
  std::filesystem::path signing_key;
  std::filesystem::path dabba;
  std::string database;
  double speed = 60;
  std::optional<std::filesystem::path> instance;
  std::optional<std::filesystem::path> out;
  std::uint64_t seed = 1;
  std::optional<double> hours;
  double accept = 1;
  bool no_progress = false;
};

/// The caller's mistake, as against something that went wrong.
struct usage_error : std::runtime_error {
  using std::runtime_error::runtime_error;
};

void declare(CLI::App& app, arguments& a) {
  app.description("Runs a city's day against a Dabba node and checks what came of it.");
  app.add_option("--url", a.url, "the node, as http://host:port")->required();
  app.add_option("--signing-key", a.signing_key, "the key that tokens are signed with")
      ->required()
      ->check(CLI::ExistingFile);
  app.add_option("--dabba", a.dabba, "the dabba program, which mints tokens")->required()->check(CLI::ExistingFile);
  app.add_option("--database", a.database, "the node's database, to be checked after the day")->required();
  app.add_option("--speed", a.speed, "platform seconds per real second, as the node's clock runs")
      ->check(CLI::PositiveNumber);
  app.add_option("--instance", a.instance, "an MDRP folder; without it a synthetic city is made")
      ->check(CLI::ExistingDirectory);
  app.add_option("--out", a.out, "a folder for the report, the event log and the solution files");
  app.add_option("--seed", a.seed, "of the synthetic city and of what people decide");
  app.add_option("--hours", a.hours, "length of the synthetic evening (default 4)")->check(CLI::Range(1.0, 24.0));
  app.add_option("--accept", a.accept, "share of the offers a partner could carry that it accepts")
      ->check(CLI::Range(0.0, 1.0));
  app.add_flag("--no-progress", a.no_progress, "no progress display");
}

/// A longer evening has proportionally more orders, and partners who stay for it.
city_size size_of(const arguments& a) {
  city_size size;
  if (!a.hours) return size;
  const double factor = *a.hours * 3'600'000 / static_cast<double>(size.evening.count());
  size.evening = span_of_minutes(*a.hours * 60);
  size.orders = static_cast<std::size_t>(static_cast<double>(size.orders) * factor);
  return size;
}

instance day_of(const arguments& a) {
  if (!a.instance) return generate_city(a.seed, size_of(a));
  if (a.hours) throw usage_error{"--hours is for the synthetic city, an instance has its own"};
  auto read = read_instance(*a.instance);
  if (read) return std::move(*read);
  throw usage_error{fmt::format("{}", fmt::join(read.error().lines, "\n"))};
}

void write_text(const std::filesystem::path& file, const std::string& text) {
  std::ofstream out{file};
  if (!(out << text).flush()) throw std::runtime_error{fmt::format("{} can't be written", file.string())};
}

void check_database(const arguments& a, const history& log, day_report& report) {
  try {
    const recorded_history seen{log.transitions(), log.keyed_answers(), log.streams()};
    report.violations = check(seen, read_database(a.database));
    report.checked = true;
  } catch (const std::runtime_error& e) {
    report.errors.emplace_back(e.what());
    ++report.error_count;
  }
}

day_report conclude(const arguments& a, const instance& day, city& simulated) {
  auto& books = simulated.books();
  day_report report;
  report.instance = day.name;
  report.speed = a.speed;
  report.real_seconds = simulated.real_seconds();
  report.measures = measure(day, books.record);
  report.counts = books.counts;
  report.by_status = count_by_status(books.record);
  report.errors = books.log.errors();
  report.error_count = books.log.error_count();
  check_database(a, books.log, report);
  return report;
}

int run(const arguments& a) {
  const auto day = day_of(a);
  city_setup setup{{}, a.dabba, a.signing_key, a.speed, {a.seed, a.accept}};
  try {
    setup.server = resolve_server(a.url);
  } catch (const std::runtime_error& e) {
    throw usage_error{e.what()};
  }
  city simulated{day, std::move(setup)};
  if (a.out) {
    std::filesystem::create_directories(*a.out);
    simulated.books().log.write_to(*a.out / "events.jsonl");
    if (!a.instance) write_instance(day, *a.out / "instance");
  }
  {
    progress_display display{::isatty(STDERR_FILENO) != 0};
    if (!a.no_progress) simulated.on_progress([&](const day_progress& p) { display.show(p); });
    simulated.run();
  }
  const auto report = conclude(a, day, simulated);
  fmt::print("{}", report_table(report));
  if (a.out) {
    write_text(*a.out / "report.json", report_json(report));
    write_solution(day, simulated.books().record, *a.out);
  }
  if (simulated.is_stuck()) {
    std::fflush(nullptr);
    std::_Exit(exit_bad);
  }
  return report.good() ? exit_good : exit_bad;
}

}  // namespace

}  // namespace dabba::city

int main(int argc, char** argv) {
  using namespace dabba::city;
  CLI::App app;
  arguments a;
  declare(app, a);
  try {
    app.parse(argc, argv);
  } catch (const CLI::ParseError& e) {
    return app.exit(e) == 0 ? exit_good : exit_usage;
  }
  try {
    return run(a);
  } catch (const usage_error& e) {
    fmt::print(stderr, "dabba-city: {}\n", e.what());
    return exit_usage;
  } catch (const std::exception& e) {
    fmt::print(stderr, "dabba-city: {}\n", e.what());
    return exit_bad;
  }
}
