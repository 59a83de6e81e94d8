/// Objects of one kind, in the order they were made, each found by its id.
#pragma once

#include <cstdint>
#include <map>
#include <string>
#include <unordered_map>

namespace dabba::sandbox {

template <class T>
class shelf {
 public:
  [[nodiscard]] std::size_t size() const { return by_age_.size(); }

  [[nodiscard]] const T* find(const std::string& id) const {
    const auto it = places_.find(id);
    return it == places_.end() ? nullptr : &by_age_.at(it->second);
  }

  /// Replaces the one with the same id, or is the newest.
  const T& put(T x) {
    const auto [it, is_new] = places_.try_emplace(x.id, next_);
    if (is_new) ++next_;
    return by_age_.insert_or_assign(it->second, std::move(x)).first->second;
  }

  void drop(const std::string& id) {
    const auto it = places_.find(id);
    if (it == places_.end()) return;
    by_age_.erase(it->second);
    places_.erase(it);
  }

  [[nodiscard]] const T* oldest() const { return by_age_.empty() ? nullptr : &by_age_.begin()->second; }

  /// Oldest first, until `visit` says false.
  template <class F>
  void oldest_first(F visit) const {
    for (const auto& [age, each] : by_age_)
      if (!visit(each)) return;
  }

  /// Newest first, until `visit` says false; only those older than `after`, unless it is empty.
  template <class F>
  void newest_first(const std::string& after, F visit) const {
    auto it = after.empty() ? by_age_.end() : by_age_.find(places_.at(after));
    while (it != by_age_.begin())
      if (!visit((--it)->second)) return;
  }

  /// Oldest first, those newer than `before`, until `visit` says false.
  template <class F>
  void newer_than(const std::string& before, F visit) const {
    for (auto it = std::next(by_age_.find(places_.at(before))); it != by_age_.end(); ++it)
      if (!visit(it->second)) return;
  }

 private:
  std::uint64_t next_ = 0;
  std::map<std::uint64_t, T> by_age_;
  std::unordered_map<std::string, std::uint64_t> places_;
};

}  // namespace dabba::sandbox
