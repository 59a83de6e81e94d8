#include "http-edge/commands.hpp"

#include <charconv>

#include "http-edge/digest.hpp"
#include "protocols/codec.hpp"

namespace dabba::http {
namespace {

/// The state that a command did not fit, in words; empty when there is nothing to say.
struct in_words {
  std::string operator()(const order& x) const {
    return "the order is " + to_string(x.status) + ", delivery " + to_string(x.delivery);
  }
  std::string operator()(const restaurant& x) const {
    return "the restaurant is " + to_string(x.verification) + ", " + to_string(x.status);
  }
  std::string operator()(const partner& x) const { return "the partner is " + to_string(x.shift); }
  template <class T>
  std::string operator()(const T&) const {
    return {};
  }
};

/// The refusal, with the state that is the reason when it can be read.
asio::awaitable<problem> refusal_by(const call& c, entity_ref who, errc why) {
  if (why != errc::illegal_transition) co_return to_problem(why);
  auto state = co_await c.shared.actors.ask(who, read_state{});
  co_return to_problem(why, state ? std::visit(in_words{}, *state) : std::string{});
}

}  // namespace

std::string claim_key(const call& c) { return c.in.method_name + ' ' + c.in.path + ' ' + *c.in.idempotency_key; }

answer_or_problem<std::optional<std::uint64_t>> expected_version(const request& in) {
  std::string_view text = in.if_match;
  if (text.empty() || text == "*") return std::nullopt;
  std::uint64_t version = 0;
  bool quoted = text.size() > 2 && text.front() == '"' && text.back() == '"';
  if (quoted) {
    auto digits = text.substr(1, text.size() - 2);
    auto [end, error] = std::from_chars(digits.data(), digits.data() + digits.size(), version);
    // What comes after a dash tells answers of one version apart that time has changed.
    bool is_whole = end == digits.data() + digits.size() || *end == '-';
    if (error == std::errc{} && is_whole) return version;
  }
  return refused(errc::invalid_argument, "If-Match must be one ETag of ours");
}

asio::awaitable<answer_or_problem<std::optional<reply>>> earlier_answer(const call& c) {
  auto caller = c.who->id;
  auto key = claim_key(c);
  auto query = [caller, key](entity_reader& reader) { return reader.answer(caller, key); };
  auto found = co_await c.shared.reads.read(query);
  if (!found) co_return refused(found.error());
  if (!*found) co_return std::nullopt;
  if ((*found)->request_hash != sha256_hex(c.in.body)) co_return refused(errc::idempotency_key_reused);
  auto decoded = decode_reply((*found)->body);
  if (!decoded) co_return refused(decoded.error());
  co_return std::move(*decoded);
}

command_meta meta_of(const call& c) {
  command_meta meta;
  meta.expected_version = expected_version(c.in).value_or(std::nullopt);
  if (c.in.idempotency_key && c.who) {
    auto key = claim_key(c);
    meta.command = command_id{derive_uuid(c.who->id.value, key)};
    meta.idempotency = idempotency_claim{c.who->id, std::move(key), sha256_hex(c.in.body)};
  } else {
    meta.command = command_id::make(c.shared.services.time.now());
  }
  return meta;
}

asio::awaitable<answer_or_problem<reply>> command(call& c, entity_ref to, routed body) {
  if (c.earlier) {
    c.replayed = true;
    co_return *c.earlier;
  }
  auto got = co_await c.shared.actors.ask(to, std::move(body));
  if (got) co_return std::move(*got);
  if (got.error() != errc::idempotency_key_exists || !c.in.idempotency_key) {
    auto refusal = co_await refusal_by(c, to, got.error());
    co_return tl::unexpected{std::move(refusal)};
  }
  // The same request ran beside this one and won.
  auto winner = co_await earlier_answer(c);
  if (!winner) co_return tl::unexpected{std::move(winner.error())};
  if (!*winner) co_return refused(errc::unavailable);
  c.replayed = true;
  co_return std::move(**winner);
}

response json_response(std::string body, unsigned status) {
  response out;
  out.status = status;
  out.body = std::move(body);
  return out;
}

response versioned_response(const request& in, std::uint64_t version, std::string body, unsigned status) {
  return tagged(in, '"' + std::to_string(version) + '"', json_response(std::move(body), status));
}

response tagged(const request& in, std::string etag, response out) {
  if (in.method == verb::get && in.if_none_match == etag) {
    out.status = 304;
    out.body.clear();
    out.shared_body.reset();
  }
  out.headers.emplace_back("ETag", std::move(etag));
  return out;
}

}  // namespace dabba::http
