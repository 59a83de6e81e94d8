/// Writes anything with an `inspect` function as compact JSON: no type annotations, shortest exact numbers, absent
/// optional fields left out. (CAF's own writer annotates every object and rounds doubles to six digits.)
#pragma once

#include <caf/serializer.hpp>
#include <memory>
#include <string>

namespace dabba {

class json_text final : public caf::serializer {
 public:
  json_text() { has_human_readable_format_ = true; }

  /// What was written so far.
  [[nodiscard]] std::string text() const { return {buffer_.get(), size_}; }

  bool begin_object(caf::type_id_t, caf::string_view) override { return open('{'); }
  bool end_object() override { return close('}'); }
  bool begin_field(caf::string_view name) override;
  bool begin_field(caf::string_view name, bool is_present) override;
  bool begin_field(caf::string_view name, caf::span<const caf::type_id_t> types, size_t index) override;
  bool begin_field(caf::string_view name, bool is_present, caf::span<const caf::type_id_t> types,
                   size_t index) override;
  bool end_field() override { return true; }
  bool begin_tuple(size_t) override { return open('['); }
  bool end_tuple() override { return close(']'); }
  bool begin_sequence(size_t) override { return open('['); }
  bool end_sequence() override { return close(']'); }

  using caf::serializer::value;
  bool value(caf::byte x) override { return write_unsigned(static_cast<std::uint64_t>(x)); }
  bool value(bool x) override;
  bool value(int8_t x) override { return write_signed(x); }
  bool value(uint8_t x) override { return write_unsigned(x); }
  bool value(int16_t x) override { return write_signed(x); }
  bool value(uint16_t x) override { return write_unsigned(x); }
  bool value(int32_t x) override { return write_signed(x); }
  bool value(uint32_t x) override { return write_unsigned(x); }
  bool value(int64_t x) override { return write_signed(x); }
  bool value(uint64_t x) override { return write_unsigned(x); }
  bool value(float x) override { return value(static_cast<double>(x)); }
  bool value(double x) override;
  bool value(long double x) override { return value(static_cast<double>(x)); }
  bool value(caf::string_view x) override;
  // No message of ours holds these.
  bool value(const std::u16string&) override { return false; }
  bool value(const std::u32string&) override { return false; }
  bool value(caf::span<const caf::byte>) override { return false; }

 private:
  bool open(char bracket);
  bool close(char bracket);
  bool write_signed(std::int64_t x);
  bool write_unsigned(std::uint64_t x);
  template <class Number>
  bool write_number(Number x);
  /// Room for so many more characters, and a comma first if something stands before. `advance` says where they end.
  char* begin_value(std::size_t most);
  void advance(const char* end) noexcept { size_ = static_cast<std::size_t>(end - buffer_.get()); }
  void grow(std::size_t wanted);

  std::unique_ptr<char[]> buffer_;
  std::size_t size_ = 0;
  std::size_t capacity_ = 0;
  bool needs_comma_ = false;
};

}  // namespace dabba
