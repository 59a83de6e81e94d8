/// The description of the API, for programs and for people.
#include "http-edge/commands.hpp"
#include "http-edge/openapi/description.hpp"

namespace dabba::http {
namespace {

asio::awaitable<handled> read_description(call& c) {
  static const auto text = std::make_shared<const std::string>(description());
  response out;
  out.headers = {{"ETag", std::string{description_etag()}}, {"Cache-Control", "public, max-age=300"}};
  if (c.in.if_none_match == description_etag())
    out.status = 304;
  else
    out.shared_body = text;
  co_return out;
}

asio::awaitable<handled> read_docs(call& c) {
  const auto& pages = c.shared.pages;
  auto page = pages.has_swagger_ui() ? pages.find("/docs/index.html", c.in.if_none_match) : std::nullopt;
  if (page) co_return std::move(*page);
  co_return refused(
      errc::not_found,
      "this node has no Swagger UI, or no pages (see --swagger-ui and --web-root): the description itself "
      "is at /openapi.json");
}

constexpr auto anybody = access::anybody();

constexpr std::array routes{
    route{verb::get, "/openapi.json", anybody, key_rule::ignored, body_rule::none, read_description},
    route{verb::get, "/docs", anybody, key_rule::ignored, body_rule::none, read_docs},
};

}  // namespace

std::span<const route> reference_routes() { return routes; }

}  // namespace dabba::http
