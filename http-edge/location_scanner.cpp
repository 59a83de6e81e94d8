/// The frame that comes most often, read in one pass.
#include <charconv>

#include "http-edge/frames.hpp"

namespace dabba::http {
namespace {

/// Reads the tokens of a flat JSON object without escapes. Anything else stops it.
class scanner {
 public:
  explicit scanner(std::string_view text) : at_{text.data()}, end_{text.data() + text.size()} {}

  bool take(char wanted) {
    skip_space();
    if (at_ == end_ || *at_ != wanted) return false;
    ++at_;
    return true;
  }
  bool string(std::string_view& out) {
    if (!take('"')) return false;
    const char* first = at_;
    while (at_ != end_ && *at_ != '"' && *at_ != '\\' && static_cast<unsigned char>(*at_) >= 0x20) ++at_;
    if (at_ == end_ || *at_ != '"') return false;
    out = {first, static_cast<std::size_t>(at_ - first)};
    ++at_;
    return true;
  }
  /// Only the forms that from_chars and JSON both know: no `inf`, `.5`, `01` or `1.`.
  bool number(double& out) {
    skip_space();
    const char* first = at_;
    while (at_ != end_ && (is_digit(*at_) || *at_ == '-' || *at_ == '+' || *at_ == '.' || *at_ == 'e' || *at_ == 'E'))
      ++at_;
    const char* digits = first != at_ && *first == '-' ? first + 1 : first;
    if (at_ - digits < 1 || !is_digit(*digits) || !is_digit(at_[-1])) return false;
    if (*digits == '0' && at_ - digits > 1 && is_digit(digits[1])) return false;
    auto [stop, error] = std::from_chars(first, at_, out);
    return error == std::errc{} && stop == at_;
  }
  bool at_end() {
    skip_space();
    return at_ == end_;
  }

 private:
  static bool is_digit(char c) { return c >= '0' && c <= '9'; }
  void skip_space() {
    while (at_ != end_ && (*at_ == ' ' || *at_ == '\n' || *at_ == '\t' || *at_ == '\r')) ++at_;
  }

  const char* at_;
  const char* end_;
};

/// The members of a location while they are read.
struct members {
  bool is_location = false;
  std::optional<double> latitude, longitude, accuracy, heading, speed;
  std::optional<instant> at;

  /// The number `key` stands for; null: no such key.
  std::optional<double>* number(std::string_view key) {
    if (key == "latitude") return &latitude;
    if (key == "longitude") return &longitude;
    if (key == "accuracy") return &accuracy;
    if (key == "heading") return &heading;
    if (key == "speed") return &speed;
    return nullptr;
  }

  bool read(scanner& in, std::string_view key) {
    std::string_view text;
    if (key == "type") {
      if (is_location || !in.string(text)) return false;
      is_location = text == "location";
      return is_location;
    }
    if (key == "at") {
      if (at || !in.string(text)) return false;
      at = parse_time(text);
      return at.has_value();
    }
    auto* into = number(key);
    double value = 0;
    if (!into || *into || !in.number(value)) return false;
    *into = value;
    return true;
  }
};

bool is_within(std::optional<double> x, double most) { return !x || (*x >= 0 && *x <= most); }

}  // namespace

std::optional<location> read_plain_location(std::string_view text) noexcept {
  scanner in{text};
  members found;
  std::string_view key;
  if (!in.take('{')) return std::nullopt;
  do {
    if (!in.string(key) || !in.take(':') || !found.read(in, key)) return std::nullopt;
  } while (in.take(','));
  if (!in.take('}') || !in.at_end() || !found.is_location || !found.latitude || !found.longitude || !found.at)
    return std::nullopt;
  geo_point at = quantised({*found.latitude, *found.longitude});
  if (!at.is_valid() || !is_within(found.accuracy, worst_accuracy_m) || !is_within(found.heading, 360) ||
      !is_within(found.speed, fastest_mps))
    return std::nullopt;
  return location{at, *found.at, found.accuracy, found.heading, found.speed};
}

}  // namespace dabba::http
