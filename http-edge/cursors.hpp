/// Cursors of lists: where the next page begins, in a form that clients hand back as they got it. Signed, and good for
/// one caller and one set of filters only.
#pragma once

#include <optional>
#include <string>
#include <string_view>

#include "protocols/model/ids.hpp"

namespace dabba::http {

/// Where a page ended: by time, then by id.
struct page_end {
  instant at;
  uuid id;
  friend bool operator==(const page_end&, const page_end&) = default;
};

class cursor_signer {
 public:
  /// `secret`: the same on all nodes.
  explicit cursor_signer(std::string secret) : secret_{std::move(secret)} {}

  /// `list`: which list it is, with its filters, as `filters_of` writes them.
  [[nodiscard]] std::string sign(user_id caller, std::string_view list, const page_end& end) const;
  /// Nothing for a text that was not signed for this caller and list.
  [[nodiscard]] std::optional<page_end> read(user_id caller, std::string_view list, std::string_view cursor) const;

 private:
  [[nodiscard]] std::string signature(user_id caller, std::string_view list, std::string_view position) const;

  std::string secret_;
};

}  // namespace dabba::http
