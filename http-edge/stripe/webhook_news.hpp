/// The events of the gateway's webhooks as typed news.
#pragma once

#include <string>
#include <string_view>
#include <tl/expected.hpp>

#include "protocols/model/payment.hpp"

namespace dabba::stripe {

/// `body` is a verified webhook's. Types we make nothing of are news, too: `news_ignored`. A sentence for the log when
/// it is no event, or one of ours in a shape that is not understood: then nothing may be answered but an error, so that
/// it is sent again.
tl::expected<gateway_news, std::string> parse_news(std::string_view body);

}  // namespace dabba::stripe
