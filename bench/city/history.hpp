/// What the city's clients did and saw: told to a file as it happens, and kept for the checker.
#pragma once

#include <cstdint>
#include <cstdio>
#include <filesystem>
#include <functional>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "bench/city/day_time.hpp"

namespace dabba::city {

/// A transition of an order that the platform said was done.
struct acknowledged_transition {
  std::string client;
  std::string order;
  std::string event;                    ///< the type of the event it must have left in the journal
  std::string partner;                  ///< the partner's UUID, for events that name one
  std::optional<std::int64_t> version;  ///< of the order as it was answered, where the answer told
  std::string status;                   ///< of the order as it was answered
  std::string delivery_status;          ///< likewise
};

/// An event as one client saw it.
struct seen_event {
  std::int64_t seq = 0;
  std::string type;
  std::string order;
};

/// What one client saw of one topic, over all its connections.
struct seen_stream {
  std::string client;
  std::string topic;
  std::vector<seen_event> events;
};

/// An answer to a checkout with this key.
struct keyed_answer {
  std::string key;
  std::string order;
};

class history {
 public:
  /// JSON lines from here on. Throws std::runtime_error.
  void write_to(const std::filesystem::path& file);
  /// The clock that stamps the lines; without it they have no time.
  void stamp_with(std::function<std::string()> now) { now_ = std::move(now); }

  void command(const std::string& client, const std::string& kind, const std::string& target, const std::string& key);
  void acknowledged(acknowledged_transition t);
  void refused(const std::string& client, const std::string& kind, const std::string& target, unsigned status,
               const std::string& code);
  void checkout_answered(const std::string& client, const std::string& key, const std::string& order, bool replayed);
  void saw(const std::string& client, const std::string& topic, seen_event event, const std::string& at);
  void note(const std::string& client, const std::string& what);
  /// Something that must not happen: the run fails.
  void error(const std::string& client, const std::string& what);

  [[nodiscard]] const std::vector<acknowledged_transition>& transitions() const { return transitions_; }
  [[nodiscard]] const std::vector<keyed_answer>& keyed_answers() const { return keyed_answers_; }
  [[nodiscard]] std::vector<seen_stream> streams() const;
  /// The first ones; `error_count` counts all.
  [[nodiscard]] const std::vector<std::string>& errors() const { return errors_; }
  [[nodiscard]] std::size_t error_count() const { return error_count_; }

 private:
  struct closer {
    void operator()(std::FILE* f) const { std::fclose(f); }
  };
  void line(const std::string& client, const char* what, const std::string& fields);
  seen_stream& stream_of(const std::string& client, const std::string& topic);

  std::unique_ptr<std::FILE, closer> file_;
  std::function<std::string()> now_;
  std::vector<acknowledged_transition> transitions_;
  std::vector<keyed_answer> keyed_answers_;
  std::map<std::pair<std::string, std::string>, seen_stream> streams_;
  std::vector<std::string> errors_;
  std::size_t error_count_ = 0;
};

}  // namespace dabba::city
