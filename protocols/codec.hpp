/// Payloads of the journal and states of the heads as JSON text, written from the `inspect` functions of the model.
/// Times are microseconds since the epoch, money is in minor units. A reader accepts every version ever written.
#pragma once

#include <string>
#include <string_view>
#include <tl/expected.hpp>

#include "protocols/messages.hpp"

namespace dabba {

std::string encode(const order& x);
std::string encode(const restaurant_with_menu& x);
std::string encode(const partner& x);
std::string encode(const promotion& x);
std::string encode(const reply& x);

tl::expected<order, errc> decode_order(std::string_view json);
tl::expected<restaurant_with_menu, errc> decode_restaurant(std::string_view json);
tl::expected<partner, errc> decode_partner(std::string_view json);
tl::expected<promotion, errc> decode_promotion(std::string_view json);
tl::expected<reply, errc> decode_reply(std::string_view json);

/// An event as the journal keeps it.
struct encoded_event {
  std::string_view type;
  std::int32_t version = 1;
  std::string payload;
};
encoded_event encode(const order_event& x);
encoded_event encode(const restaurant_event& x);
encoded_event encode(const partner_event& x);

/// `internal` for an unknown type, a version newer than this build, or text that is not what the type wants.
tl::expected<any_event, errc> decode_event(std::string_view type, std::int32_t version, std::string_view payload);

/// The event's type as in the journal and the API.
std::string_view type_of(const any_event& x) noexcept;

}  // namespace dabba
