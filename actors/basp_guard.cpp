/// What CAF's network protocol takes for a valid header, and more: this definition is found before the one in CAF's
/// shared library, and asks that one too. See docs/adr/0007-basp-guard.md.
#include <dlfcn.h>
#include <caf/io/basp/header.hpp>

namespace caf::io::basp {
namespace {

/// A handshake holds a node's id, the names of its applications and one actor's interface.
constexpr std::uint32_t handshake_bytes = 64 * 1024;
/// Far more than limits::parcel_bytes and the largest menu after it.
constexpr std::uint32_t message_bytes = 64 * 1024 * 1024;

/// CAF allocates whatever a header claims, and reads a handshake without looking whether there is one.
bool has_fitting_size(const header& x) {
  bool is_handshake = x.operation == message_type::server_handshake || x.operation == message_type::client_handshake;
  if (is_handshake) return x.payload_len > 0 && x.payload_len <= handshake_bytes;
  return x.payload_len <= message_bytes;
}

}  // namespace

bool valid(const header& x) {
  using check = bool (*)(const header&);
  static const auto original = reinterpret_cast<check>(::dlsym(RTLD_NEXT, "_ZN3caf2io4basp5validERKNS1_6headerE"));
  return original && has_fitting_size(x) && original(x);
}

}  // namespace caf::io::basp
