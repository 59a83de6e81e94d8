#include "protocols/model/menu.hpp"

namespace dabba {

void list_category(menu& x, const std::string& name, const uuid& of) {
  if (name.empty() || std::ranges::find(x.categories, name, &menu_category::name) != x.categories.end()) return;
  // One that was renamed keeps its id.
  auto label = "category " + name;
  category_id id{derive_uuid(of, label)};
  while (find_by_id(x.categories, id)) id = {derive_uuid(of, label += '\'')};
  x.categories.push_back({id, name});
}

std::size_t text_bytes(const menu& x) noexcept {
  std::size_t bytes = 0;
  for (const auto& each : x.categories) bytes += each.name.size();
  for (const auto& group : x.groups) {
    bytes += group.name.size();
    for (const auto& option : group.options) bytes += option.name.size();
  }
  for (const auto& item : x.items) bytes += item.name.size() + item.description.size() + item.category.size();
  return bytes;
}

}  // namespace dabba
