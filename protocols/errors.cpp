#include "protocols/errors.hpp"

#include <caf/init_global_meta_objects.hpp>
#include <caf/sec.hpp>

#include "protocols/actors.hpp"

namespace dabba {

errc to_errc(const caf::error& x) noexcept {
  if (!x) return errc::none;
  if (x.category() == caf::type_id_v<errc>) return static_cast<errc>(x.code());
  if (x.category() != caf::type_id_v<caf::sec>) return errc::unavailable;
  switch (static_cast<caf::sec>(x.code())) {
    case caf::sec::request_timeout: return errc::deadline_exceeded;
    case caf::sec::request_receiver_down:
    case caf::sec::broken_promise: return errc::moved;
    default: return errc::internal;
  }
}

void register_message_types() {
  caf::core::init_global_meta_objects();
  caf::init_global_meta_objects<caf::id_block::dabba>();
}

}  // namespace dabba
