#include "bench/city/history.hpp"

#include <stdexcept>

#include <fmt/format.h>

#include "bench/city/limits.hpp"
#include "bench/city/wire.hpp"

namespace dabba::city {

void history::write_to(const std::filesystem::path& file) {
  file_.reset(std::fopen(file.c_str(), "w"));
  if (!file_) throw std::runtime_error{fmt::format("{} can't be written", file.string())};
}

void history::line(const std::string& client, const char* what, const std::string& fields) {
  if (!file_) return;
  const auto at = now_ ? now_() : std::string{};
  fmt::print(file_.get(),
             R"({{"at":"{}","client":{},"what":"{}"{}}})"
             "\n",
             at, json_string(client), what, fields);
}

seen_stream& history::stream_of(const std::string& client, const std::string& topic) {
  auto& stream = streams_[{client, topic}];
  if (stream.client.empty()) {
    stream.client = client;
    stream.topic = topic;
  }
  return stream;
}

void history::command(const std::string& client, const std::string& kind, const std::string& target,
                      const std::string& key) {
  line(client, "command", fmt::format(R"(,"kind":"{}","target":"{}","key":"{}")", kind, target, key));
}

void history::acknowledged(acknowledged_transition t) {
  const auto version = t.version ? fmt::format(R"(,"version":{})", *t.version) : std::string{};
  line(t.client, "acknowledged",
       fmt::format(R"(,"order":"{}","event":"{}","partner":"{}","status":"{}","deliveryStatus":"{}"{})", t.order,
                   t.event, t.partner, t.status, t.delivery_status, version));
  transitions_.push_back(std::move(t));
}

void history::refused(const std::string& client, const std::string& kind, const std::string& target, unsigned status,
                      const std::string& code) {
  line(client, "refused",
       fmt::format(R"(,"kind":"{}","target":"{}","status":{},"code":{})", kind, target, status, json_string(code)));
}

void history::checkout_answered(const std::string& client, const std::string& key, const std::string& order,
                                bool replayed) {
  line(client, "checkout", fmt::format(R"(,"key":"{}","order":"{}","replayed":{})", key, order, replayed));
  keyed_answers_.push_back({key, order});
}

void history::saw(const std::string& client, const std::string& topic, seen_event event, const std::string& at) {
  line(client, "saw",
       fmt::format(R"(,"topic":"{}","seq":{},"event":"{}","order":"{}","eventAt":"{}")", topic, event.seq, event.type,
                   event.order, at));
  stream_of(client, topic).events.push_back(std::move(event));
}

void history::note(const std::string& client, const std::string& what) {
  line(client, "note", fmt::format(R"(,"text":{})", json_string(what)));
}

void history::error(const std::string& client, const std::string& what) {
  line(client, "error", fmt::format(R"(,"text":{})", json_string(what)));
  ++error_count_;
  if (errors_.size() < limits::errors_remembered) errors_.push_back(fmt::format("{}: {}", client, what));
}

std::vector<seen_stream> history::streams() const {
  std::vector<seen_stream> all;
  all.reserve(streams_.size());
  for (const auto& [_, stream] : streams_) all.push_back(stream);
  return all;
}

}  // namespace dabba::city
