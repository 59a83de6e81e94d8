#include "bench/micro/samples.hpp"

#include "actors/zones.hpp"
#include "protocols/model/clock.hpp"

namespace dabba::bench {

restaurant_profile sample_profile(std::size_t number, geo_point at) {
  auto digits = std::to_string(100'000 + number);
  return {.owner = user_id::make(real_now()),
          .name = "Udupi Garden " + digits,
          .description = "South Indian kitchen, open from breakfast to midnight",
          .where = {digits + ", 12th Main Road, Indiranagar, Bengaluru 560038", at},
          .reach = {"+91 80 5550 " + digits, "kitchen" + digits + "@example.com"},
          .license_number = "FSSAI-11223344" + digits,
          .gst = "29ABCDE" + digits + "Z5"};
}

place_order sample_order(restaurant_id restaurant, const restaurant_profile& from, geo_point to) {
  auto line = [](std::string name, std::int32_t quantity, std::int64_t price, std::string wish) {
    return order_line{item_id::make(real_now()), std::move(name), quantity, {price}, std::move(wish)};
  };
  return {.customer = user_id::make(real_now()),
          .restaurant = restaurant,
          .restaurant_name = from.name,
          .pickup = from.where.at,
          .dropoff = {"Flat 12, 44 Lavelle Road, Bengaluru 560001", to},
          .lines = {line("Masala Dosa", 2, 120'00, "extra chutney"), line("Idli Vada Combo", 1, 95'00, ""),
                    line("Filter Coffee", 3, 40'00, "less sugar")},
          .note = "please ring twice",
          .payment = payment_method::cash_on_delivery,
          .money = currency::INR,
          .delivery_fee = {35'00},
          .tip = {20'00},
          .pin = std::string{sample_pin},
          .zone = zone_at(from.where.at)};
}

}  // namespace dabba::bench
