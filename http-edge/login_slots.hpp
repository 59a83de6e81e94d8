/// Attempts to sign in that are under way on this node. Failures are counted when they are known, so without a bound
/// here many guesses at once would pass by the count.
#pragma once

#include <map>
#include <mutex>
#include <string>

namespace dabba::http {

/// Safe to use from any thread.
class login_slots {
 public:
  explicit login_slots(int each) : each_{each} {}

  /// One of the places of `whom`, until it is gone. False when there was none.
  class slot {
   public:
    slot(login_slots& of, std::string whom) : of_{of}, whom_{std::move(whom)}, is_taken_{of_.enter(whom_)} {}
    ~slot() {
      if (is_taken_) of_.leave(whom_);
    }
    slot(const slot&) = delete;
    slot& operator=(const slot&) = delete;
    explicit operator bool() const noexcept { return is_taken_; }

   private:
    login_slots& of_;
    std::string whom_;
    bool is_taken_;
  };

 private:
  bool enter(const std::string& whom) {
    std::lock_guard lock{mutex_};
    auto& taken = taken_[whom];
    if (taken >= each_) return false;
    ++taken;
    return true;
  }
  void leave(const std::string& whom) {
    std::lock_guard lock{mutex_};
    auto found = taken_.find(whom);
    if (--found->second == 0) taken_.erase(found);
  }

  int each_;
  std::mutex mutex_;
  std::map<std::string, int> taken_;
};

}  // namespace dabba::http
