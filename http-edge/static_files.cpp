#include "http-edge/static_files.hpp"

#include <algorithm>
#include <array>
#include <filesystem>
#include <fstream>
#include <sstream>
#include <stdexcept>

#include "http-edge/digest.hpp"

namespace dabba::http {
namespace {

namespace fs = std::filesystem;

constexpr std::size_t most_bytes = 64 * 1024 * 1024;

struct media_type {
  std::string_view extension;
  std::string_view type;
};
constexpr std::array media_types{
    media_type{".html", "text/html; charset=utf-8"},
    media_type{".js", "text/javascript; charset=utf-8"},
    media_type{".mjs", "text/javascript; charset=utf-8"},
    media_type{".css", "text/css; charset=utf-8"},
    media_type{".svg", "image/svg+xml"},
    media_type{".png", "image/png"},
    media_type{".ico", "image/x-icon"},
    media_type{".json", "application/json"},
    media_type{".webmanifest", "application/manifest+json"},
    media_type{".woff2", "font/woff2"},
    media_type{".txt", "text/plain; charset=utf-8"}};

/// The type by the file's extension; nothing for what browsers have no use for (maps, compressed copies).
std::string_view type_of(const fs::path& file) {
  for (const auto& known : media_types)
    if (file.extension() == known.extension) return known.type;
  return {};
}

std::string read_whole(const fs::path& file) {
  std::ifstream in{file, std::ios::binary};
  std::ostringstream content;
  content << in.rdbuf();
  if (!in) throw std::runtime_error{"can't read " + file.string()};
  return std::move(content).str();
}

/// All that is served of it: the rest of the package is for other ways to use it.
constexpr std::array<std::string_view, 2> swagger_ui_files{"swagger-ui.css", "swagger-ui-bundle.js"};
std::string swagger_ui_url(std::string_view name) { return "/docs/" + std::string{name}; }

constexpr std::string_view security_policy =
    "default-src 'self'; connect-src 'self' ws: wss:; img-src 'self' data:; object-src 'none'; base-uri 'none'; "
    "frame-ancestors 'none'";

}  // namespace

static_files::static_files(const std::string& web_root, const std::string& swagger_ui) {
  if (!swagger_ui.empty())
    for (auto name : swagger_ui_files)
      if (auto file = fs::path{swagger_ui} / name; fs::is_regular_file(file)) load_file(file, swagger_ui_url(name));
  if (web_root.empty()) return;
  if (!fs::is_directory(web_root)) throw std::runtime_error{"no folder of pages at " + web_root};
  load(web_root);
  if (auto index = files_.find("/index.html"); index != files_.end()) files_["/"] = index->second;
}

bool static_files::has_swagger_ui() const {
  return std::ranges::all_of(swagger_ui_files, [this](auto name) { return has(swagger_ui_url(name)); });
}

void static_files::load(const std::string& folder) {
  for (const auto& entry : fs::recursive_directory_iterator{folder})
    if (entry.is_regular_file()) load_file(entry.path(), '/' + fs::relative(entry.path(), folder).generic_string());
}

void static_files::load_file(const std::string& file, const std::string& url) {
  auto type = type_of(file);
  if (type.empty()) return;
  auto content = read_whole(file);
  bytes_ += content.size();
  if (bytes_ > most_bytes) throw std::runtime_error{"too many pages: " + file + " and others"};
  auto etag = '"' + sha256_hex(content).substr(0, 32) + '"';
  files_[url] = {std::make_shared<const std::string>(std::move(content)), type, std::move(etag)};
}

std::optional<response> static_files::find(const std::string& path, std::string_view if_none_match) const {
  auto found = files_.find(path);
  if (found == files_.end()) return std::nullopt;
  response out;
  out.content_type = found->second.type;
  out.headers = {{"ETag", found->second.etag},
                 {"Cache-Control", "no-cache"},
                 {"Content-Security-Policy", std::string{security_policy}},
                 {"Referrer-Policy", "no-referrer"}};
  if (if_none_match == found->second.etag)
    out.status = 304;
  else
    out.shared_body = found->second.content;
  return out;
}

}  // namespace dabba::http
