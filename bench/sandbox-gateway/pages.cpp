#include "bench/sandbox-gateway/pages.hpp"

namespace dabba::sandbox {

namespace {

time_range range_of(const nlohmann::json& given) {
  time_range range;
  for (const auto& [bound, value] : given.items()) {
    const auto time = integer_of(value.is_string() ? value.get<std::string>() : "", "created[" + bound + "]");
    if (bound == "gte") {
      range.from = time;
    } else if (bound == "gt") {
      range.from = time + 1;
    } else if (bound == "lte") {
      range.to = time;
    } else if (bound == "lt") {
      range.to = time - 1;
    } else {
      throw invalid_request("Received unknown parameter: created[" + bound + "]", "parameter_unknown", "created");
    }
  }
  return range;
}

}  // namespace

page_request page_of(parameters& given) {
  page_request page;
  const auto limit = given.integer("limit").value_or(limits::page_default);
  if (limit < 1 || limit > limits::page)
    throw invalid_request("Invalid limit: must be between 1 and 100", "parameter_invalid_integer", "limit");
  page.limit = static_cast<std::size_t>(limit);
  page.starting_after = given.text("starting_after").value_or("");
  page.ending_before = given.text("ending_before").value_or("");
  if (!page.starting_after.empty() && !page.ending_before.empty())
    throw invalid_request("You may only specify one of these parameters: starting_after, ending_before.");
  if (given.is_text("created")) {
    page.created.from = page.created.to = *given.integer("created");
  } else {
    page.created = range_of(given.object("created"));
  }
  given.pass_over({"expand"});
  return page;
}

}  // namespace dabba::sandbox
