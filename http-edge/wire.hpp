/// From Beast's messages to ours, and back.
#pragma once

#include <boost/beast/http/message.hpp>
#include <boost/beast/http/span_body.hpp>
#include <boost/beast/http/string_body.hpp>

#include "http-edge/message.hpp"

namespace dabba::http {

using wire_request = boost::beast::http::request<boost::beast::http::string_body>;
using wire_response = boost::beast::http::response<boost::beast::http::span_body<const char>>;

request to_request(const wire_request& in);

/// What proxies say of the client, in one list; empty when they say nothing.
std::string forwarded_for(const wire_request& in);

/// The answer with its headers; its body points into `out`.
wire_response to_wire(const request& in, const response& out, unsigned version, bool keep_alive, bool is_head);

/// True when a page of this origin may open a stream: one of ours, one of `allowed`, or no page at all.
bool is_origin_allowed(const wire_request& in, const std::vector<std::string>& allowed);

}  // namespace dabba::http
