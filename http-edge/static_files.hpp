/// The pages, held in memory: only what was there at the start can be asked for.
#pragma once

#include <memory>
#include <string>
#include <string_view>
#include <unordered_map>

#include "http-edge/message.hpp"

namespace dabba::http {

class static_files {
 public:
  /// Reads the regular files below `web_root`, served at `/`; empty: no pages. Throws std::runtime_error when they
  /// can't be read, or are far larger than pages are. Of `swagger_ui`, a folder as the npm package swagger-ui-dist is,
  /// what the page at `/docs` needs; where it is not there, `has_swagger_ui` says so.
  explicit static_files(const std::string& web_root, const std::string& swagger_ui = {});

  /// The file at this path, or 304 when the caller has it; nothing when there is none.
  [[nodiscard]] std::optional<response> find(const std::string& path, std::string_view if_none_match) const;
  [[nodiscard]] bool has(const std::string& path) const { return files_.contains(path); }
  [[nodiscard]] bool has_swagger_ui() const;

 private:
  struct file {
    std::shared_ptr<const std::string> content;
    std::string_view type;
    std::string etag;
  };
  void load(const std::string& folder);
  /// Served at `url`, if it is something browsers have a use for.
  void load_file(const std::string& file, const std::string& url);

  std::unordered_map<std::string, file> files_;
  std::size_t bytes_ = 0;
};

}  // namespace dabba::http
