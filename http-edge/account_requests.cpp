#include "http-edge/account_requests.hpp"

#include <algorithm>

#include "protocols/model/limits.hpp"

namespace dabba::http {
namespace {

constexpr std::size_t phone_chars = 64;
constexpr std::size_t label_chars = 64;
constexpr std::size_t token_chars = 128;
constexpr std::size_t cursor_chars = 256;

std::size_t characters(std::string_view text) {
  return static_cast<std::size_t>(
      std::ranges::count_if(text, [](char c) { return (static_cast<unsigned char>(c) & 0xC0) != 0x80; }));
}

bool is_given(const json_value& body, std::string_view key) {
  const auto* found = body.find(key);
  return found && found->what != json_value::kind::null;
}

/// The text `key` when it is there, which may be empty: so it is taken out.
std::optional<std::string> text_if_given(fields& in, const json_value& body, std::string_view key, std::size_t most) {
  if (!is_given(body, key)) return std::nullopt;
  return in.text(key, most, presence::optional);
}

std::string read_new_password(fields& in, std::string_view key) {
  auto text = in.text(key, limits::password_chars);
  if (!text.empty() && characters(text) < limits::password_chars_least)
    in.refuse(key, "too-short", "must have at least " + std::to_string(limits::password_chars_least) + " characters");
  // Lines and tabs, which longer texts may have: no keyboard's password field gives one.
  if (text.find_first_of("\n\t") != std::string::npos)
    in.refuse(key, "control-character", "must not hold control characters");
  return text;
}

std::string read_email(fields& in) {
  auto text = in.text("email", limits::email_chars);
  if (text.empty()) return text;
  auto email = normalised_email(text);
  if (!email) in.refuse("email", "invalid-email", "must be an e-mail address");
  return email.value_or(std::string{});
}

std::string read_language(fields& in) {
  auto text = in.text("language", limits::language_chars, presence::optional);
  auto is_tag = [](char c) {
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '-';
  };
  if (!std::ranges::all_of(text, is_tag)) in.refuse("language", "invalid-language", "must be a tag as of BCP 47");
  return text;
}

}  // namespace

read_result<registration> read_registration(const json_value& body) {
  return read_object(body, [](fields& in) {
    registration made;
    made.role = in.one_of<user_role>("role", presence::required).value_or(made.role);
    made.email = read_email(in);
    made.password = read_new_password(in, "password");
    made.name = in.text("name", limits::name_chars);
    made.phone = in.text("phone", phone_chars, presence::optional);
    made.language = read_language(in);
    return made;
  });
}

read_result<sign_in> read_sign_in(const json_value& body) {
  return read_object(body, [](fields& in) {
    sign_in made;
    made.email = normalised_email(in.text("email", limits::email_chars)).value_or(std::string{});
    made.password = in.text("password", limits::password_chars);
    return made;
  });
}

read_result<std::string> read_refresh_token(const json_value& body) {
  return read_object(body, [](fields& in) { return in.text("refreshToken", token_chars); });
}

read_result<profile_change> read_profile_change(const json_value& body) {
  return read_object(body, [&](fields& in) {
    profile_change made;
    if (is_given(body, "email")) made.fields.email = read_email(in);
    if (is_given(body, "name")) made.fields.name = in.text("name", limits::name_chars);
    made.fields.phone = text_if_given(in, body, "phone", phone_chars);
    if (is_given(body, "language")) made.fields.language = read_language(in);
    if (is_given(body, "password")) made.password = read_new_password(in, "password");
    bool is_guarded = made.fields.email || made.password;
    made.current_password =
        in.text("currentPassword", limits::password_chars, is_guarded ? presence::required : presence::optional);
    return made;
  });
}

read_result<saved_address> read_saved_address(const json_value& body) {
  return read_object(body, [](fields& in) {
    saved_address made;
    made.label = in.text("label", label_chars, presence::optional);
    made.where = read_address(in);
    made.instructions = in.text("instructions", limits::text_chars, presence::optional);
    return made;
  });
}

read_result<address_change> read_address_change(const json_value& body) {
  return read_object(body, [&](fields& in) {
    address_change made;
    made.label = text_if_given(in, body, "label", label_chars);
    if (is_given(body, "address")) made.where = read_address(in);
    made.instructions = text_if_given(in, body, "instructions", limits::text_chars);
    return made;
  });
}

read_result<status_change> read_status_change(const json_value& body) {
  return read_object(body, [](fields& in) {
    status_change made;
    made.status = in.one_of<account_status>("status", presence::required).value_or(made.status);
    auto needed = made.status == account_status::deactivated ? presence::required : presence::optional;
    made.reason = in.text("reason", limits::text_chars, needed);
    return made;
  });
}

read_result<approval_change> read_approval_change(const json_value& body) {
  auto decided = read_verification(body);
  if (!decided) return tl::unexpected{std::move(decided.error())};
  bool is_good = decided->decision == verification_decision::approve;
  return approval_change{is_good ? account_approval::approved : account_approval::rejected, std::move(decided->reason)};
}

read_result<std::string> read_current_password(const json_value& body) {
  return read_object(body, [](fields& in) { return in.text("currentPassword", limits::password_chars); });
}

read_result<std::string> read_export_cursor(const json_value& body) {
  return read_object(body, [](fields& in) { return in.text("cursor", cursor_chars, presence::optional); });
}

}  // namespace dabba::http
