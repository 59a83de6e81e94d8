/// Messages that stay on the node: between the edge's threads and its own actors.
#pragma once

#include <caf/allowed_unsafe_message_type.hpp>
#include <caf/type_id.hpp>
#include <memory>

#include "protocols/actors.hpp"

namespace dabba::http {

class pending_question;

/// To a bridge: ask the region and give back its answer.
struct ask_region {
  std::shared_ptr<pending_question> question;
};
/// To a session: say when this actor ends.
struct watch_partner {
  partner_actor who;
};
/// To a session: the oldest city update that it passed on was written to its socket.
struct city_written {};

using bridge_actor = caf::typed_actor<caf::result<void>(ask_region), caf::result<void>(tick)>;

/// A session as its own socket sees it.
using local_session = session_actor::extend<caf::result<void>(watch_partner), caf::result<void>(city_written)>;

}  // namespace dabba::http

CAF_BEGIN_TYPE_ID_BLOCK(dabba_edge, caf::id_block::dabba::end)

CAF_ADD_TYPE_ID(dabba_edge, (dabba::http::ask_region))
CAF_ADD_TYPE_ID(dabba_edge, (dabba::http::watch_partner))
CAF_ADD_TYPE_ID(dabba_edge, (dabba::http::city_written))

CAF_END_TYPE_ID_BLOCK(dabba_edge)

CAF_ALLOW_UNSAFE_MESSAGE_TYPE(dabba::http::ask_region)
CAF_ALLOW_UNSAFE_MESSAGE_TYPE(dabba::http::watch_partner)
CAF_ALLOW_UNSAFE_MESSAGE_TYPE(dabba::http::city_written)
