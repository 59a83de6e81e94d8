#include "http-edge/json_value.hpp"

#include <nlohmann/json.hpp>
#include <optional>

namespace dabba::http {
namespace {

constexpr std::size_t deepest = 16;
/// More members than any object of ours has; finding a key is linear.
constexpr std::size_t most_members = 64;

/// Builds the tree from the parser's calls.
class tree_builder final : public nlohmann::json_sax<nlohmann::json> {
 public:
  bool null() override { return add({}); }
  bool boolean(bool x) override {
    json_value made;
    made.what = json_value::kind::boolean;
    made.truth = x;
    return add(std::move(made));
  }
  bool number_integer(number_integer_t x) override { return add_number(std::to_string(x)); }
  bool number_unsigned(number_unsigned_t x) override { return add_number(std::to_string(x)); }
  bool number_float(number_float_t, const string_t& digits) override { return add_number(digits); }
  bool string(string_t& x) override {
    json_value made;
    made.what = json_value::kind::string;
    made.text = std::move(x);
    return add(std::move(made));
  }
  bool binary(binary_t&) override { return false; }  // not in texts

  bool start_object(std::size_t) override { return open(json_value::kind::object); }
  bool end_object() override { return close(); }
  bool start_array(std::size_t) override { return open(json_value::kind::array); }
  bool end_array() override { return close(); }
  bool key(string_t& x) override {
    auto& object = *path_.back();
    if (object.find(x)) return refuse("a key is there twice");
    if (object.members.size() == most_members) return refuse("too many members");
    object.members.emplace_back(std::move(x), json_value{});
    return true;
  }

  bool parse_error(std::size_t position, const std::string&, const nlohmann::detail::exception&) override {
    error = json_error{position, "not valid JSON"};
    return false;
  }

  json_value root;
  std::optional<json_error> error;

 private:
  bool refuse(std::string reason) {
    error = json_error{0, std::move(reason)};
    return false;
  }
  bool add_number(std::string digits) {
    json_value made;
    made.what = json_value::kind::number;
    made.text = std::move(digits);
    return add(std::move(made));
  }
  bool add(json_value made) {
    *place() = std::move(made);
    return true;
  }
  /// Where the next value goes. The pointers in `path_` stay valid: only the innermost list grows.
  json_value* place() {
    if (path_.empty()) return &root;
    auto& parent = *path_.back();
    if (parent.what == json_value::kind::object) return &parent.members.back().second;
    return &parent.items.emplace_back();
  }
  bool open(json_value::kind what) {
    if (path_.size() == deepest) return refuse("nested too deeply");
    json_value* made = place();
    made->what = what;
    path_.push_back(made);
    return true;
  }
  bool close() {
    path_.pop_back();
    return true;
  }

  std::vector<json_value*> path_;
};

}  // namespace

const json_value* json_value::find(std::string_view key) const noexcept {
  for (const auto& [name, value] : members)
    if (name == key) return &value;
  return nullptr;
}

tl::expected<json_value, json_error> parse_json(std::string_view text) {
  tree_builder builder;
  if (nlohmann::json::sax_parse(text.begin(), text.end(), &builder)) return std::move(builder.root);
  return tl::unexpected{builder.error.value_or(json_error{0, "not valid JSON"})};
}

}  // namespace dabba::http
