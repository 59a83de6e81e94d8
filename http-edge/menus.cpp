/// Menus: items, categories and modifier groups, and the menu as everybody reads it.
#include "http-edge/menu_requests.hpp"
#include "http-edge/restaurants.hpp"

namespace dabba::http {
namespace {

asio::awaitable<handled> read_whole(call& c) {
  auto which = c.id<restaurant_id>(0, errc::restaurant_not_found);
  if (!which) co_return tl::unexpected{std::move(which.error())};
  auto found = co_await c.shared.menus.find(*which);
  if (!found) co_return refused(found.error());
  response out;
  out.shared_body = std::move(found->body);
  // To be kept, and asked for each time whether it is still so.
  out.headers.emplace_back("Cache-Control", "private, no-cache");
  co_return tagged(c.in, menu_tag(found->stamp), std::move(out));
}

/// What the command was about, as it is now.
asio::awaitable<answer_or_problem<changed_menu>> send(call& c, restaurant_id which, command_meta meta,
                                                      restaurant_command what) {
  restaurant_request wanted{std::move(meta), which, std::move(what)};
  co_return co_await command_for<changed_menu>(c, ref(which), std::move(wanted));
}

instant now_of(const call& c) { return c.shared.services.time.now(); }

handled item_response(const call& c, const changed_menu& x, unsigned status = 200) {
  if (x.items.empty()) return refused(errc::item_not_found);  // removed since
  return versioned_response(c.in, x.version, item_json(x.items.front(), now_of(c)), status);
}
handled category_response(const call& c, const changed_menu& x, unsigned status = 200) {
  if (x.categories.empty()) return refused(errc::category_not_found);
  return versioned_response(c.in, x.version, category_json(x.categories.front()), status);
}
handled group_response(const call& c, const changed_menu& x, unsigned status = 200) {
  if (x.groups.empty()) return refused(errc::modifier_group_not_found);
  return versioned_response(c.in, x.version, group_json(x.groups.front(), now_of(c)), status);
}
handled categories_response(const call& c, const changed_menu& x) {
  return versioned_response(c.in, x.version, categories_json(x.categories));
}
handled no_content(const call& c, const changed_menu& x) { return versioned_response(c.in, x.version, {}, 204); }

/// The caller's restaurant, and the thing of its menu that the path names.
template <class Id>
struct place {
  restaurant_id restaurant;
  Id thing;
};
template <class Id>
asio::awaitable<answer_or_problem<place<Id>>> own_thing(call& c, errc missing) {
  auto which = co_await own_restaurant(c);
  if (!which) co_return tl::unexpected{std::move(which.error())};
  auto thing = c.id<Id>(1, missing);
  if (!thing) co_return tl::unexpected{std::move(thing.error())};
  co_return place<Id>{*which, *thing};
}

/// Nothing for a repeat: what it said was in the future then.
std::optional<instant> present_of(const call& c) {
  if (c.earlier) return std::nullopt;
  return now_of(c);
}

// -- Items -----------------------------------------------------------------------------------------------------------

asio::awaitable<handled> add_item(call& c) {
  auto which = co_await own_restaurant(c);
  if (!which) co_return tl::unexpected{std::move(which.error())};
  auto item = read_menu_item(c.body);
  if (!item) co_return refused(std::move(item.error()));
  auto meta = meta_of(c);
  // The same command makes the same item, so that a repeat finds the one it added among those that came later.
  item->id = {derive_uuid(meta.command.value, "item")};
  restaurant_command what = add_menu_item{std::move(*item)};
  auto got = co_await send(c, *which, std::move(meta), std::move(what));
  if (!got) co_return tl::unexpected{std::move(got.error())};
  co_return item_response(c, *got, 201);
}

asio::awaitable<handled> put_item(call& c) {
  auto at = co_await own_thing<item_id>(c, errc::item_not_found);
  if (!at) co_return tl::unexpected{std::move(at.error())};
  auto wanted = read_item_change(c.body);
  if (!wanted) co_return refused(std::move(wanted.error()));
  wanted->item = at->thing;
  restaurant_command what = std::move(*wanted);
  auto got = co_await send(c, at->restaurant, meta_of(c), std::move(what));
  if (!got) co_return tl::unexpected{std::move(got.error())};
  co_return item_response(c, *got);
}

asio::awaitable<handled> patch_availability(call& c) {
  auto at = co_await own_thing<item_id>(c, errc::item_not_found);
  if (!at) co_return tl::unexpected{std::move(at.error())};
  auto wanted = read_item_availability(c.body, present_of(c));
  if (!wanted) co_return refused(std::move(wanted.error()));
  restaurant_command what = set_item_availability{at->thing, *wanted};
  auto got = co_await send(c, at->restaurant, meta_of(c), std::move(what));
  if (!got) co_return tl::unexpected{std::move(got.error())};
  co_return item_response(c, *got);
}

asio::awaitable<handled> delete_item(call& c) {
  auto at = co_await own_thing<item_id>(c, errc::item_not_found);
  if (!at) co_return tl::unexpected{std::move(at.error())};
  restaurant_command what = remove_menu_item{at->thing};
  auto got = co_await send(c, at->restaurant, meta_of(c), std::move(what));
  if (!got) co_return tl::unexpected{std::move(got.error())};
  co_return no_content(c, *got);
}

// -- Categories ------------------------------------------------------------------------------------------------------

asio::awaitable<handled> add_one_category(call& c) {
  auto which = co_await own_restaurant(c);
  if (!which) co_return tl::unexpected{std::move(which.error())};
  auto name = read_category_name(c.body);
  if (!name) co_return refused(std::move(name.error()));
  auto meta = meta_of(c);
  category_id id{derive_uuid(meta.command.value, "category")};
  restaurant_command what = add_category{{id, std::move(*name)}};
  auto got = co_await send(c, *which, std::move(meta), std::move(what));
  if (!got) co_return tl::unexpected{std::move(got.error())};
  co_return category_response(c, *got, 201);
}

asio::awaitable<handled> put_category(call& c) {
  auto at = co_await own_thing<category_id>(c, errc::category_not_found);
  if (!at) co_return tl::unexpected{std::move(at.error())};
  auto name = read_category_name(c.body);
  if (!name) co_return refused(std::move(name.error()));
  restaurant_command what = rename_category{at->thing, std::move(*name)};
  auto got = co_await send(c, at->restaurant, meta_of(c), std::move(what));
  if (!got) co_return tl::unexpected{std::move(got.error())};
  co_return category_response(c, *got);
}

asio::awaitable<handled> put_order(call& c) {
  auto which = co_await own_restaurant(c);
  if (!which) co_return tl::unexpected{std::move(which.error())};
  auto wanted = read_category_order(c.body);
  if (!wanted) co_return refused(std::move(wanted.error()));
  restaurant_command what = order_categories{std::move(*wanted)};
  auto got = co_await send(c, *which, meta_of(c), std::move(what));
  if (!got) co_return tl::unexpected{std::move(got.error())};
  co_return categories_response(c, *got);
}

asio::awaitable<handled> delete_category(call& c) {
  auto at = co_await own_thing<category_id>(c, errc::category_not_found);
  if (!at) co_return tl::unexpected{std::move(at.error())};
  restaurant_command what = remove_category{at->thing};
  auto got = co_await send(c, at->restaurant, meta_of(c), std::move(what));
  if (!got) co_return tl::unexpected{std::move(got.error())};
  co_return no_content(c, *got);
}

// -- Modifier groups -------------------------------------------------------------------------------------------------

option_id new_option(const command_meta& meta, std::size_t which) {
  return {derive_uuid(meta.command.value, "option " + std::to_string(which))};
}

asio::awaitable<handled> add_group(call& c) {
  auto which = co_await own_restaurant(c);
  if (!which) co_return tl::unexpected{std::move(which.error())};
  auto group = read_group(c.body);
  if (!group) co_return refused(std::move(group.error()));
  auto meta = meta_of(c);
  group->id = {derive_uuid(meta.command.value, "group")};
  for (std::size_t i = 0; i < group->options.size(); ++i) group->options[i].id = new_option(meta, i);
  restaurant_command what = add_modifier_group{std::move(*group)};
  auto got = co_await send(c, *which, std::move(meta), std::move(what));
  if (!got) co_return tl::unexpected{std::move(got.error())};
  co_return group_response(c, *got, 201);
}

asio::awaitable<handled> put_group(call& c) {
  auto at = co_await own_thing<group_id>(c, errc::modifier_group_not_found);
  if (!at) co_return tl::unexpected{std::move(at.error())};
  auto wanted = read_group_change(c.body);
  if (!wanted) co_return refused(std::move(wanted.error()));
  auto meta = meta_of(c);
  wanted->group = at->thing;
  if (wanted->options)
    for (std::size_t i = 0; i < wanted->options->size(); ++i)
      if (auto& each = (*wanted->options)[i]; each.is_new) each.id = new_option(meta, i);
  restaurant_command what = std::move(*wanted);
  auto got = co_await send(c, at->restaurant, std::move(meta), std::move(what));
  if (!got) co_return tl::unexpected{std::move(got.error())};
  co_return group_response(c, *got);
}

asio::awaitable<handled> patch_option(call& c) {
  auto at = co_await own_thing<group_id>(c, errc::modifier_group_not_found);
  if (!at) co_return tl::unexpected{std::move(at.error())};
  auto option = c.id<option_id>(2, errc::modifier_option_not_found);
  if (!option) co_return tl::unexpected{std::move(option.error())};
  auto wanted = read_item_availability(c.body, present_of(c));
  if (!wanted) co_return refused(std::move(wanted.error()));
  restaurant_command what = set_option_availability{at->thing, *option, *wanted};
  auto got = co_await send(c, at->restaurant, meta_of(c), std::move(what));
  if (!got) co_return tl::unexpected{std::move(got.error())};
  co_return group_response(c, *got);
}

asio::awaitable<handled> delete_group(call& c) {
  auto at = co_await own_thing<group_id>(c, errc::modifier_group_not_found);
  if (!at) co_return tl::unexpected{std::move(at.error())};
  restaurant_command what = remove_modifier_group{at->thing};
  auto got = co_await send(c, at->restaurant, meta_of(c), std::move(what));
  if (!got) co_return tl::unexpected{std::move(got.error())};
  co_return no_content(c, *got);
}

constexpr auto owners = restaurant_owners;
constexpr auto keyed = key_rule::accepted;
constexpr auto with_body = body_rule::required;
constexpr auto bare = body_rule::none;

constexpr std::array routes{
    route{verb::get, "/v1/restaurants/{}/menu", access::signed_in(), key_rule::ignored, bare, read_whole},
    route{verb::post, "/v1/restaurants/{}/menu/items", owners, keyed, with_body, add_item},
    route{verb::put, "/v1/restaurants/{}/menu/items/{}", owners, keyed, with_body, put_item},
    route{verb::patch, "/v1/restaurants/{}/menu/items/{}/availability", owners, keyed, with_body, patch_availability},
    route{verb::del, "/v1/restaurants/{}/menu/items/{}", owners, keyed, bare, delete_item},
    route{verb::post, "/v1/restaurants/{}/menu/categories", owners, keyed, with_body, add_one_category},
    route{verb::put, "/v1/restaurants/{}/menu/categories", owners, keyed, with_body, put_order},
    route{verb::put, "/v1/restaurants/{}/menu/categories/{}", owners, keyed, with_body, put_category},
    route{verb::del, "/v1/restaurants/{}/menu/categories/{}", owners, keyed, bare, delete_category},
    route{verb::post, "/v1/restaurants/{}/menu/modifier-groups", owners, keyed, with_body, add_group},
    route{verb::put, "/v1/restaurants/{}/menu/modifier-groups/{}", owners, keyed, with_body, put_group},
    route{verb::patch, "/v1/restaurants/{}/menu/modifier-groups/{}/options/{}/availability", owners, keyed, with_body,
          patch_option},
    route{verb::del, "/v1/restaurants/{}/menu/modifier-groups/{}", owners, keyed, bare, delete_group},
};

}  // namespace

std::span<const route> menu_routes() { return routes; }

}  // namespace dabba::http
