/// Preloaded into a node: libpq throws when it is to run the prepared statement whose name stands in the file that
/// DABBA_THROWING_STATEMENT names. Once there is no such file, or it is empty, all is as without this.
#include <dlfcn.h>
#include <fcntl.h>
#include <unistd.h>

#include <array>
#include <cstdlib>
#include <stdexcept>
#include <string_view>

struct pg_conn;

namespace {

bool is_to_throw(std::string_view statement) {
  static const char* const file = std::getenv("DABBA_THROWING_STATEMENT");
  int fd = file ? ::open(file, O_RDONLY | O_CLOEXEC) : -1;
  if (fd < 0) return false;
  std::array<char, 64> named{};
  auto size = ::read(fd, named.data(), named.size());
  ::close(fd);
  return size > 0 && statement == std::string_view{named.data(), static_cast<std::size_t>(size)};
}

using send_function = int (*)(pg_conn*, const char*, int, const char* const*, const int*, const int*, int);

}  // namespace

extern "C" int PQsendQueryPrepared(pg_conn* connection, const char* statement, int count, const char* const* values,
                                   const int* lengths, const int* formats, int result_format) {
  static const auto real = reinterpret_cast<send_function>(::dlsym(RTLD_NEXT, "PQsendQueryPrepared"));
  if (is_to_throw(statement)) throw std::runtime_error{"made to fail by the test"};
  return real(connection, statement, count, values, lengths, formats, result_format);
}
