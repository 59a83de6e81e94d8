#include "protocols/codec.hpp"

#include <array>
#include <caf/json_reader.hpp>

#include "protocols/json_text.hpp"
#include "protocols/message_fields.hpp"

namespace dabba {
namespace {

template <class T>
std::string write(const T& x) {
  json_text out;
  // Writing fails only for a value no command can carry (NaN); the journal refuses the empty text.
  if (!out.apply(x)) return {};
  return out.text();
}

template <class T>
tl::expected<T, errc> read(std::string_view json) {
  caf::json_reader in;
  T out;
  if (!in.load({json.data(), json.size()}) || !in.apply(out)) return tl::unexpected{errc::internal};
  return out;
}

using payload_reader = tl::expected<any_event, errc> (*)(std::string_view);

struct event_format {
  std::string_view type;
  std::int32_t newest_version;
  payload_reader read;
};

template <class Family, class Event>
tl::expected<any_event, errc> read_payload(std::string_view payload) {
  return read<Event>(payload).map([](Event&& x) { return any_event{Family{std::move(x)}}; });
}

/// Of what is written today.
template <class Event>
constexpr std::int32_t version_of() {
  if constexpr (requires { Event::version; })
    return Event::version;
  else
    return 1;
}

template <class Family, class... Events>
constexpr auto formats_of(std::type_identity<std::variant<Events...>>) {
  return std::array{event_format{Events::type, version_of<Events>(), &read_payload<Family, Events>}...};
}

template <class Family>
constexpr auto formats = formats_of<Family>(std::type_identity<Family>{});

template <class Family>
const event_format* find_format(std::string_view type) {
  for (const auto& format : formats<Family>)
    if (format.type == type) return &format;
  return nullptr;
}

template <class Family>
encoded_event encode_event(const Family& x) {
  return std::visit(
      [](const auto& event) {
        return encoded_event{event.type, version_of<std::decay_t<decltype(event)>>(), write(event)};
      },
      x);
}

constexpr std::array<std::string_view, std::variant_size_v<reply>> reply_names{
    "done",   "order",   "restaurant", "partner", "quote", "subscribed", "located",
    "offers", "awarded", "search",     "unsold",  "menu",  "changed"};

template <std::size_t I = 0>
tl::expected<reply, errc> read_reply(std::size_t which, std::string_view json) {
  if constexpr (I == std::variant_size_v<reply>) {
    return tl::unexpected{errc::internal};
  } else if (which == I) {
    return read<std::variant_alternative_t<I, reply>>(json).map([](auto&& x) { return reply{std::move(x)}; });
  } else {
    return read_reply<I + 1>(which, json);
  }
}

}  // namespace

std::string encode(const order& x) { return write(x); }
std::string encode(const restaurant_with_menu& x) { return write(x); }
std::string encode(const partner& x) { return write(x); }

std::string encode(const promotion& x) { return write(x); }

std::string encode(const reply& x) {
  return std::string{reply_names[x.index()]} + ' ' + std::visit([](const auto& y) { return write(y); }, x);
}

tl::expected<order, errc> decode_order(std::string_view json) { return read<order>(json); }
tl::expected<restaurant_with_menu, errc> decode_restaurant(std::string_view json) {
  return read<restaurant_with_menu>(json);
}
tl::expected<partner, errc> decode_partner(std::string_view json) { return read<partner>(json); }

tl::expected<promotion, errc> decode_promotion(std::string_view json) { return read<promotion>(json); }

tl::expected<reply, errc> decode_reply(std::string_view text) {
  auto space = text.find(' ');
  if (space == std::string_view::npos) return tl::unexpected{errc::internal};
  for (std::size_t i = 0; i < reply_names.size(); ++i)
    if (reply_names[i] == text.substr(0, space)) return read_reply(i, text.substr(space + 1));
  return tl::unexpected{errc::internal};
}

encoded_event encode(const order_event& x) { return encode_event(x); }
encoded_event encode(const restaurant_event& x) { return encode_event(x); }
encoded_event encode(const partner_event& x) { return encode_event(x); }

tl::expected<any_event, errc> decode_event(std::string_view type, std::int32_t version, std::string_view payload) {
  const event_format* format = find_format<order_event>(type);
  if (!format) format = find_format<partner_event>(type);
  if (!format) format = find_format<restaurant_event>(type);
  if (!format || version < 1 || version > format->newest_version) return tl::unexpected{errc::internal};
  return format->read(payload);
}

std::string_view type_of(const any_event& x) noexcept {
  return std::visit(
      [](const auto& family) { return std::visit([](const auto& event) { return event.type; }, family); }, x);
}

}  // namespace dabba
