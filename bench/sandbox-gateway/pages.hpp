/// Lists as Stripe gives them: newest first, `limit` at a time, with `starting_after` and `ending_before`.
#pragma once

#include <algorithm>
#include <optional>
#include <string>
#include <vector>

#include "bench/sandbox-gateway/api_error.hpp"
#include "bench/sandbox-gateway/limits.hpp"
#include "bench/sandbox-gateway/parameters.hpp"
#include "bench/sandbox-gateway/payments.hpp"
#include "bench/sandbox-gateway/shelf.hpp"

namespace dabba::sandbox {

/// `created=N`, `created[gte]=N` and its like.
struct time_range {
  unix_seconds from = 0;
  unix_seconds to = INT64_MAX;

  [[nodiscard]] bool holds(unix_seconds time) const { return time >= from && time <= to; }
};

struct page_request {
  std::size_t limit = limits::page_default;
  std::string starting_after;
  std::string ending_before;
  time_range created;
};

/// Reads what all lists take. Throws api_error.
page_request page_of(parameters& given);

/// Those for which `wanted` says true.
template <class T, class Wanted>
answer list_page(const shelf<T>& all, const page_request& page, const std::string& url, Wanted wanted) {
  for (const auto& [cursor, param] :
       {std::pair{page.starting_after, "starting_after"}, {page.ending_before, "ending_before"}})
    if (!cursor.empty() && !all.find(cursor)) throw missing_resource("object", cursor, param);
  std::vector<nlohmann::json> found;
  const auto take = [&](const T& each) {
    if (page.created.holds(each.created) && wanted(each)) found.push_back(to_json(each));
    return found.size() <= page.limit;
  };
  if (page.ending_before.empty())
    all.newest_first(page.starting_after, take);
  else
    all.newer_than(page.ending_before, take);
  const bool has_more = found.size() > page.limit;
  if (has_more) found.pop_back();
  if (!page.ending_before.empty()) std::reverse(found.begin(), found.end());
  return {200, {{"object", "list"}, {"url", url}, {"has_more", has_more}, {"data", std::move(found)}}};
}

}  // namespace dabba::sandbox
