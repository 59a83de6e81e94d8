/// Accounts' addresses.
#include "persistence/postgres/answers.hpp"
#include "persistence/postgres/identity.hpp"

namespace dabba::postgres {
namespace {

// Under the lock nobody else adds one, so that the count holds.
constexpr statement lock_owner{
    "lock_address_owner", "select from account.account where account_id = $1 and deleted_at is null for update"};
constexpr statement count_addresses{"count_addresses", "select count(*) from account.address where account_id = $1"};
constexpr statement insert_address{"insert_address", R"(
insert into account.address (account_id, address_id, label, line, latitude, longitude, instructions)
values ($1, $2, $3, $4, $5, $6, $7))"};
constexpr statement select_addresses{"addresses_of", R"(
select address_id, label, line, latitude, longitude, instructions
from account.address where account_id = $1 order by address_id)"};
constexpr statement update_address{"update_address", R"(
update account.address
set label = coalesce($3, label), line = coalesce($4, line), latitude = coalesce($5, latitude),
    longitude = coalesce($6, longitude), instructions = coalesce($7, instructions)
where account_id = $1 and address_id = $2
returning address_id, label, line, latitude, longitude, instructions)"};
constexpr statement delete_address{"delete_address", R"(
delete from account.address where account_id = $1 and address_id = $2)"};

saved_address address_at(const rows& r, std::size_t row) {
  return {{r.get<uuid>(row, 0)},
          r.get<std::string>(row, 1),
          {r.get<std::string>(row, 2), {r.get<double>(row, 3), r.get<double>(row, 4)}},
          r.get<std::string>(row, 5)};
}

}  // namespace

result_of<void> identity::add_address(user_id of, const saved_address& made,
                                      const std::optional<idempotent_answer>& answer, instant now_is) {
  return write([&](transaction& now) -> result_of<void> {
    auto owner = encode(of.value);
    auto locked = now.run(lock_owner, {owner});
    if (!locked) return now.failed();
    if (locked->size() == 0) return tl::unexpected{errc::not_found};
    if (auto kept = keep_answer(now, answer, now_is); !kept) return kept;
    auto count = now.run(count_addresses, {owner});
    if (!count) return now.failed();
    if (count->get<std::int64_t>(0, 0) >= static_cast<std::int64_t>(limits::addresses_per_account))
      return tl::unexpected{errc::too_many_addresses};
    auto inserted = now.run(
        insert_address, {owner, encode(made.id.value), encode(made.label), encode(made.where.line),
                         encode(made.where.at.lat_deg), encode(made.where.at.lon_deg), encode(made.instructions)});
    if (!inserted) return now.failed();
    return {};
  });
}

result_of<std::vector<saved_address>> identity::addresses(user_id of) {
  auto found = read(select_addresses, {encode(of.value)});
  if (!found) return tl::unexpected{found.error()};
  std::vector<saved_address> all;
  for (std::size_t row = 0; row < found->size(); ++row) all.push_back(address_at(*found, row));
  return all;
}

result_of<saved_address> identity::change_address(user_id of, address_id which, const address_change& change) {
  return write([&](transaction& now) -> result_of<saved_address> {
    std::optional<std::string> line;
    std::optional<double> latitude, longitude;
    if (change.where) {
      line = change.where->line;
      latitude = change.where->at.lat_deg;
      longitude = change.where->at.lon_deg;
    }
    auto updated = now.run(update_address, {encode(of.value), encode(which.value), encode(change.label), encode(line),
                                            encode(latitude), encode(longitude), encode(change.instructions)});
    if (!updated) return now.failed();
    if (updated->size() == 0) return tl::unexpected{errc::not_found};
    return address_at(*updated, 0);
  });
}

result_of<bool> identity::remove_address(user_id of, address_id which) {
  return write([&](transaction& now) -> result_of<bool> {
    auto deleted = now.run(delete_address, {encode(of.value), encode(which.value)});
    if (!deleted) return now.failed();
    return deleted->affected() > 0;
  });
}

}  // namespace dabba::postgres
