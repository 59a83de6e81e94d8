/// A value that changes no more, shared by all who hold it: messages pass it on without copying it.
#pragma once

#include <memory>
#include <utility>

namespace dabba {

/// Written and read as the value itself.
template <class T>
class snapshot {
 public:
  snapshot() : snapshot{T{}} {}
  snapshot(T x) : value_{std::make_shared<const T>(std::move(x))} {}  // NOLINT: as good as the value

  const T& operator*() const noexcept { return *value_; }
  const T* operator->() const noexcept { return value_.get(); }
  friend bool operator==(const snapshot& a, const snapshot& b) { return *a == *b; }

 private:
  std::shared_ptr<const T> value_;
};

template <class Inspector, class T>
bool inspect(Inspector& f, snapshot<T>& x) {
  if constexpr (Inspector::is_loading) {
    T value;
    if (!f.apply(value)) return false;
    x = std::move(value);
    return true;
  } else {
    return f.apply(*x);
  }
}

}  // namespace dabba
