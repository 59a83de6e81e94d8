/// A restaurant's profile, papers, opening hours, kitchen and delivery area.
#include "http-edge/restaurant_requests.hpp"
#include "http-edge/restaurants.hpp"

namespace dabba::http {
namespace {

asio::awaitable<handled> change_profile_of(call& c) {
  auto which = co_await own_restaurant(c);
  if (!which) co_return tl::unexpected{std::move(which.error())};
  auto wanted = read_restaurant_change(c.body);
  if (!wanted) co_return refused(std::move(wanted.error()));
  wanted->by_staff = c.who->role == user_role::admin;
  restaurant_command what = std::move(*wanted);
  co_return co_await change(c, *which, std::move(what));
}

asio::awaitable<handled> put_hours(call& c) {
  auto which = co_await own_restaurant(c);
  if (!which) co_return tl::unexpected{std::move(which.error())};
  auto hours = read_hours(c.body);
  if (!hours) co_return refused(std::move(hours.error()));
  restaurant_command what = set_hours{std::move(*hours)};
  co_return co_await change(c, *which, std::move(what));
}

asio::awaitable<handled> delete_hours(call& c) {
  auto which = co_await own_restaurant(c);
  if (!which) co_return tl::unexpected{std::move(which.error())};
  restaurant_command what = set_hours{};
  co_return co_await change(c, *which, std::move(what));
}

asio::awaitable<handled> patch_kitchen(call& c) {
  auto which = co_await own_restaurant(c);
  if (!which) co_return tl::unexpected{std::move(which.error())};
  auto settings = read_kitchen(c.body);
  if (!settings) co_return refused(std::move(settings.error()));
  restaurant_command what = *settings;
  co_return co_await change(c, *which, std::move(what));
}

asio::awaitable<handled> put_area(call& c) {
  auto which = co_await own_restaurant(c);
  if (!which) co_return tl::unexpected{std::move(which.error())};
  auto area = read_area(c.body);
  if (!area) co_return refused(std::move(area.error()));
  restaurant_command what = set_delivery_area{std::move(*area)};
  co_return co_await change(c, *which, std::move(what));
}

asio::awaitable<handled> delete_area(call& c) {
  auto which = co_await own_restaurant(c);
  if (!which) co_return tl::unexpected{std::move(which.error())};
  restaurant_command what = set_delivery_area{};
  co_return co_await change(c, *which, std::move(what));
}

asio::awaitable<handled> list_documents(call& c) {
  auto which = co_await own_restaurant(c);
  if (!which) co_return tl::unexpected{std::move(which.error())};
  auto state = co_await read_entity<restaurant>(c.shared, ref(*which));
  if (!state) co_return refused(state.error());
  co_return versioned_response(c.in, state->version, documents_json(*state));
}

asio::awaitable<handled> add_one_document(call& c) {
  auto which = co_await own_restaurant(c);
  if (!which) co_return tl::unexpected{std::move(which.error())};
  auto document = read_document(c.body);
  if (!document) co_return refused(std::move(document.error()));
  auto meta = meta_of(c);
  // The same command makes the same document, so that a repeat finds the one it added.
  auto id = document->id = {derive_uuid(meta.command.value, "document")};
  restaurant_request wanted{std::move(meta), *which, add_document{std::move(*document)}};
  auto got = co_await command_for<restaurant>(c, ref(*which), std::move(wanted));
  if (!got) co_return tl::unexpected{std::move(got.error())};
  const auto* added = find_by_id(got->documents, id);
  if (!added) co_return refused(errc::document_not_found);  // removed since
  co_return versioned_response(c.in, got->version, document_json(*added), 201);
}

asio::awaitable<handled> remove_one_document(call& c) {
  auto which = co_await own_restaurant(c);
  if (!which) co_return tl::unexpected{std::move(which.error())};
  auto document = c.id<document_id>(1, errc::document_not_found);
  if (!document) co_return tl::unexpected{std::move(document.error())};
  restaurant_request wanted{meta_of(c), *which, remove_document{*document}};
  auto got = co_await command_for<restaurant>(c, ref(*which), std::move(wanted));
  if (!got) co_return tl::unexpected{std::move(got.error())};
  co_return json_response({}, 204);
}

constexpr auto owners = restaurant_owners;

constexpr std::array routes{
    route{verb::patch, "/v1/restaurants/{}", owners, key_rule::accepted, body_rule::required, change_profile_of},
    route{verb::put, "/v1/restaurants/{}/hours", owners, key_rule::accepted, body_rule::required, put_hours},
    route{verb::del, "/v1/restaurants/{}/hours", owners, key_rule::accepted, body_rule::none, delete_hours},
    route{verb::patch, "/v1/restaurants/{}/kitchen", owners, key_rule::accepted, body_rule::required, patch_kitchen},
    route{verb::put, "/v1/restaurants/{}/delivery-area", owners, key_rule::accepted, body_rule::required, put_area},
    route{verb::del, "/v1/restaurants/{}/delivery-area", owners, key_rule::accepted, body_rule::none, delete_area},
    route{verb::get, "/v1/restaurants/{}/documents", owners, key_rule::ignored, body_rule::none, list_documents},
    route{
        verb::post, "/v1/restaurants/{}/documents", owners, key_rule::accepted, body_rule::required, add_one_document},
    route{
        verb::del, "/v1/restaurants/{}/documents/{}", owners, key_rule::accepted, body_rule::none, remove_one_document},
};

}  // namespace

std::span<const route> settings_routes() { return routes; }

}  // namespace dabba::http
