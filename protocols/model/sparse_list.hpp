/// A list that is mostly empty, and takes the room of a pointer while it is.
#pragma once

#include <cstddef>
#include <initializer_list>
#include <memory>
#include <utility>
#include <vector>

namespace dabba {

/// Copies are deep. Written and read as a list.
template <class T>
class sparse_list {
 public:
  sparse_list() = default;
  sparse_list(std::vector<T> x) { set(std::move(x)); }  // NOLINT: as good as the list
  sparse_list(std::initializer_list<T> x) : sparse_list{std::vector<T>{x}} {}
  sparse_list(const sparse_list& other) { set(other.all()); }
  sparse_list(sparse_list&&) noexcept = default;
  sparse_list& operator=(const sparse_list& other) {
    if (this != &other) set(other.all());
    return *this;
  }
  sparse_list& operator=(sparse_list&&) noexcept = default;
  ~sparse_list() = default;

  [[nodiscard]] const std::vector<T>& all() const noexcept {
    static const std::vector<T> none;
    return items_ ? *items_ : none;
  }
  [[nodiscard]] bool empty() const noexcept { return size() == 0; }
  [[nodiscard]] std::size_t size() const noexcept { return all().size(); }
  [[nodiscard]] auto begin() const noexcept { return all().begin(); }
  [[nodiscard]] auto end() const noexcept { return all().end(); }
  void push_back(T x) {
    if (!items_) items_ = std::make_unique<std::vector<T>>();
    items_->push_back(std::move(x));
  }

  friend bool operator==(const sparse_list& a, const sparse_list& b) { return a.all() == b.all(); }

 private:
  void set(std::vector<T> x) { items_ = x.empty() ? nullptr : std::make_unique<std::vector<T>>(std::move(x)); }

  std::unique_ptr<std::vector<T>> items_;
};

template <class Inspector, class T>
bool inspect(Inspector& f, sparse_list<T>& x) {
  if constexpr (Inspector::is_loading) {
    std::vector<T> items;
    if (!f.apply(items)) return false;
    x = std::move(items);
    return true;
  } else {
    return f.apply(x.all());
  }
}

}  // namespace dabba
