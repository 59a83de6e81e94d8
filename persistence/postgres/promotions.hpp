/// Promotions in PostgreSQL.
#pragma once

#include "persistence/postgres/connection.hpp"
#include "persistence/promotion_store.hpp"

namespace dabba::postgres {

class promotions final : public promotion_store {
 public:
  promotions(connect_options options, session::reporter report);

  result_of<void> write(const promotion_change& change) override;
  result_of<std::optional<promotion_record>> find(promotion_id which, std::optional<user_id> customer) override;
  result_of<std::optional<promotion_record>> find_code(const std::string& code, user_id customer) override;
  result_of<std::vector<promotion_record>> deals(instant now, std::size_t limit) override;
  result_of<std::vector<promotion_record>> usage(std::span<const promotion_id> which, user_id customer) override;
  result_of<std::vector<promotion_record>> list(std::int64_t before, std::size_t limit) override;

 private:
  result_of<std::vector<promotion_record>> read(const statement& what, std::vector<parameter> values);
  result_of<std::optional<promotion_record>> read_one(const statement& what, std::vector<parameter> values);
  result_of<void> write_on(connection& conn, const promotion_change& change, deadline until);
  errc failed(const db_error& why) const;

  session session_;
};

}  // namespace dabba::postgres
