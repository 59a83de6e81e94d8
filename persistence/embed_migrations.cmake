# Writes OUTPUT, a .cpp with the text and the checksum of every migration in FILES (separated by "|").
string(REPLACE "|" ";" files "${FILES}")
set(rows "")
set(count 0)
set(least 1)
foreach(file IN LISTS files)
  get_filename_component(stem "${file}" NAME_WE)
  if(NOT stem MATCHES "^([0-9][0-9][0-9][0-9])_([a-z0-9_]+)$")
    message(FATAL_ERROR "${file}: migrations are named NNNN_words.sql")
  endif()
  set(name "${CMAKE_MATCH_2}")
  math(EXPR number "1${CMAKE_MATCH_1} - 10000")
  if(number LESS least)
    message(FATAL_ERROR "${file}: migrations are listed by their numbers, which rise; here comes ${least} or more")
  endif()
  math(EXPR least "${number} + 1")
  math(EXPR count "${count} + 1")
  file(READ "${file}" sql)
  file(SHA256 "${file}" checksum)
  string(APPEND rows "    {${number}, \"${name}\", \"${checksum}\", R\"__sql__(${sql})__sql__\"},\n")
endforeach()
file(WRITE "${OUTPUT}" "#include <array>\n\n#include \"persistence/postgres/migrate.hpp\"\n
namespace dabba::postgres {\n
std::span<const migration> migrations() noexcept {
  static constexpr std::array<migration, ${count}> all{{\n${rows}  }};
  return all;
}\n
}  // namespace dabba::postgres\n")
