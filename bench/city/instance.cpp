#include "bench/city/instance.hpp"

#include <algorithm>
#include <charconv>
#include <fstream>
#include <limits>
#include <optional>
#include <stdexcept>
#include <unordered_map>

#include <fmt/format.h>

namespace dabba::city {

namespace {

constexpr std::size_t problems_told = 20;

/// The rows of one file below its header line, and where to complain about them.
class table {
 public:
  struct row {
    std::size_t line = 0;
    std::vector<std::string> cells;
  };

  table(const std::filesystem::path& file, std::size_t columns, std::vector<std::string>& problems)
      : file_(file), problems_(problems) {
    std::ifstream in{file};
    if (!in) {
      complain(0, "can't be read");
      return;
    }
    std::string text;
    for (std::size_t line = 1; std::getline(in, text); ++line) {
      if (line == 1) continue;
      auto cells = split(text);
      if (cells.empty()) continue;
      if (cells.size() < columns)
        complain(line, fmt::format("{} columns where {} are expected", cells.size(), columns));
      else
        rows_.push_back({line, std::move(cells)});
    }
    if (rows_.empty()) complain(0, "has no rows");
  }

  [[nodiscard]] const std::vector<row>& rows() const { return rows_; }

  void complain(std::size_t line, std::string_view what) {
    if (problems_.size() >= problems_told) return;
    problems_.push_back(
        line == 0 ? fmt::format("{}: {}", file_.string(), what) : fmt::format("{}:{}: {}", file_.string(), line, what));
  }

  /// The cell as a finite number; 0, with a complaint, when it is none.
  double number(const row& r, std::size_t column) {
    const auto& text = r.cells[column];
    double value = 0;
    const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), value);
    if (error == std::errc{} && end == text.data() + text.size() && std::isfinite(value)) return value;
    complain(r.line, fmt::format("'{}' in column {} is not a number", text, column + 1));
    return 0;
  }

 private:
  static std::vector<std::string> split(std::string_view text) {
    constexpr std::string_view blanks = " \t\r";
    std::vector<std::string> cells;
    for (auto from = text.find_first_not_of(blanks); from != text.npos;) {
      const auto to = std::min(text.find_first_of(blanks, from), text.size());
      cells.emplace_back(text.substr(from, to - from));
      from = text.find_first_not_of(blanks, to);
    }
    return cells;
  }

  std::filesystem::path file_;
  std::vector<std::string>& problems_;
  std::vector<row> rows_;
};

/// Names seen so far in one file; a second use is a problem.
class names {
 public:
  void add(table& from, const table::row& r, std::size_t index) {
    if (!index_.emplace(r.cells[0], index).second)
      from.complain(r.line, fmt::format("'{}' is there twice", r.cells[0]));
  }
  [[nodiscard]] std::optional<std::size_t> find(const std::string& name) const {
    const auto it = index_.find(name);
    return it == index_.end() ? std::nullopt : std::optional{it->second};
  }

 private:
  std::unordered_map<std::string, std::size_t> index_;
};

void read_parameters(table t, day_parameters& out) {
  if (t.rows().empty()) return;
  const auto& r = t.rows().front();
  out.metres_per_minute = t.number(r, 0);
  out.pickup_service = span_of_minutes(t.number(r, 1));
  out.dropoff_service = span_of_minutes(t.number(r, 2));
  out.target_click_to_door = span_of_minutes(t.number(r, 3));
  out.maximum_click_to_door = span_of_minutes(t.number(r, 4));
  out.pay_per_order = t.number(r, 5);
  out.guaranteed_pay_per_hour = t.number(r, 6);
  if (out.metres_per_minute <= 0) t.complain(r.line, "metres per minute must be above 0");
  if (out.pickup_service < milliseconds{0} || out.dropoff_service < milliseconds{0})
    t.complain(r.line, "service times can't be negative");
}

names read_restaurants(table t, std::vector<restaurant_site>& out) {
  names known;
  for (const auto& r : t.rows()) {
    known.add(t, r, out.size());
    out.push_back({r.cells[0], {t.number(r, 1), t.number(r, 2)}});
  }
  return known;
}

void read_orders(table t, const names& restaurants, std::vector<order_demand>& out) {
  names known;
  for (const auto& r : t.rows()) {
    known.add(t, r, out.size());
    order_demand o{
        r.cells[0], {t.number(r, 1), t.number(r, 2)}, at_minute(t.number(r, 3)), 0, at_minute(t.number(r, 5))};
    if (const auto index = restaurants.find(r.cells[4]))
      o.restaurant = *index;
    else
      t.complain(r.line, fmt::format("restaurant '{}' is not in restaurants.txt", r.cells[4]));
    if (o.ready < o.placed) t.complain(r.line, "ready before it is placed");
    out.push_back(std::move(o));
  }
}

void read_partners(table t, std::vector<partner_shift>& out) {
  names known;
  for (const auto& r : t.rows()) {
    known.add(t, r, out.size());
    partner_shift p{r.cells[0], {t.number(r, 1), t.number(r, 2)}, at_minute(t.number(r, 3)), at_minute(t.number(r, 4))};
    if (p.off < p.on) t.complain(r.line, "the shift ends before it begins");
    out.push_back(std::move(p));
  }
}

std::ofstream create(const std::filesystem::path& file) {
  std::ofstream out{file};
  if (!out) throw std::runtime_error{fmt::format("{} can't be written", file.string())};
  return out;
}

}  // namespace

double distance_m(point a, point b) { return std::hypot(a.x_m - b.x_m, a.y_m - b.y_m); }

day_time instance::last_placement() const {
  day_time last{};
  for (const auto& o : orders) last = std::max(last, o.placed);
  return last;
}

tl::expected<instance, instance_problems> read_instance(const std::filesystem::path& folder) {
  instance day;
  instance_problems problems;
  const auto canonical = folder.filename().empty() ? folder.parent_path() : folder;
  day.name = canonical.filename().string();
  read_parameters({folder / "instance_parameters.txt", 7, problems.lines}, day.parameters);
  const auto restaurants = read_restaurants({folder / "restaurants.txt", 3, problems.lines}, day.restaurants);
  read_orders({folder / "orders.txt", 6, problems.lines}, restaurants, day.orders);
  read_partners({folder / "couriers.txt", 5, problems.lines}, day.partners);
  if (!problems.lines.empty()) return tl::unexpected{std::move(problems)};
  return day;
}

void write_instance(const instance& day, const std::filesystem::path& folder) {
  std::filesystem::create_directories(folder);
  auto restaurants = create(folder / "restaurants.txt");
  restaurants << "restaurant\tx\ty\n";
  for (const auto& r : day.restaurants) restaurants << fmt::format("{}\t{}\t{}\n", r.name, r.at.x_m, r.at.y_m);

  auto orders = create(folder / "orders.txt");
  orders << "order\tx\ty\tplacement_time\trestaurant\tready_time\n";
  for (const auto& o : day.orders)
    orders << fmt::format("{}\t{}\t{}\t{}\t{}\t{}\n", o.name, o.at.x_m, o.at.y_m, minute_of(o.placed),
                          day.restaurants[o.restaurant].name, minute_of(o.ready));

  auto partners = create(folder / "couriers.txt");
  partners << "courier\tx\ty\ton_time\toff_time\n";
  for (const auto& p : day.partners)
    partners << fmt::format("{}\t{}\t{}\t{}\t{}\n", p.name, p.at.x_m, p.at.y_m, minute_of(p.on), minute_of(p.off));

  const auto& p = day.parameters;
  auto parameters = create(folder / "instance_parameters.txt");
  parameters << "meters_per_minute\tpickup service minutes\tdropoff service minutes\ttarget click-to-door\t"
                "maximum click-to-door\tpay per order\tguaranteed pay per hour\n"
             << fmt::format("{}\t{}\t{}\t{}\t{}\t{}\t{}\n", p.metres_per_minute, in_minutes(p.pickup_service),
                            in_minutes(p.dropoff_service), in_minutes(p.target_click_to_door),
                            in_minutes(p.maximum_click_to_door), p.pay_per_order, p.guaranteed_pay_per_hour);
  for (auto* file : {&restaurants, &orders, &partners, &parameters})
    if (!file->flush()) throw std::runtime_error{fmt::format("{} can't be written", folder.string())};
}

}  // namespace dabba::city
