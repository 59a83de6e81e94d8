/// The clock, and how the node is.
#include "http-edge/commands.hpp"

namespace dabba::http {
namespace {

asio::awaitable<handled> read_clock(call& c) {
  const auto& time = c.shared.services.time;
  co_return json_response(
      json_text_of([&](json_object& out) { out.put("now", time.now()).put("scale", time.scale()); }));
}

asio::awaitable<handled> is_alive(call&) { co_return json_response(R"({"status":"alive"})"); }

asio::awaitable<handled> is_ready(call& c) {
  std::optional<std::string> missing = "the node is stopping";
  if (!c.shared.stopping.load()) {
    std::optional<std::string> unknown = "the node can't tell";
    missing = co_await c.shared.reads.run(std::move(unknown), c.shared.services.problem);
  }
  if (!missing) co_return json_response(R"({"status":"ready"})");
  auto refusal = make_problem(503, to_string(errc::unavailable), *missing);
  refusal.headers.emplace_back("Retry-After", "1");
  co_return tl::unexpected{std::move(refusal)};
}

asio::awaitable<handled> read_metrics(call& c) {
  response out;
  out.content_type = "text/plain; version=0.0.4; charset=utf-8";
  out.body = c.shared.counted.text();
  co_return out;
}

constexpr auto anybody = access::anybody();

constexpr std::array routes{
    route{verb::get, "/v1/clock", anybody, key_rule::ignored, body_rule::none, read_clock},
    route{verb::get, "/livez", anybody, key_rule::ignored, body_rule::none, is_alive, surface::admin},
    route{verb::get, "/readyz", anybody, key_rule::ignored, body_rule::none, is_ready, surface::admin},
    route{verb::get, "/metrics", anybody, key_rule::ignored, body_rule::none, read_metrics, surface::admin},
};

}  // namespace

std::span<const route> health_routes() { return routes; }

}  // namespace dabba::http
