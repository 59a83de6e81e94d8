/// What an operator may set about orders and dispatch. Durations are platform time unless they say real.
#pragma once

#include <chrono>

#include "protocols/model/geo.hpp"
#include "protocols/model/instant.hpp"
#include "protocols/model/money.hpp"

namespace dabba {

struct order_terms {
  duration payment_patience = std::chrono::minutes{15};
  duration accept_patience = std::chrono::minutes{10};  ///< then the order is rejected and refunded
  duration search_patience = std::chrono::hours{1};     ///< after the food is to be ready; then it is cancelled
  std::int32_t preparation_minutes = 15;                ///< assumed before the restaurant has said
  double travel_metres_per_second = 320.0 / 60;         ///< as the crow flies
  duration doorstep = std::chrono::minutes{4};          ///< at the restaurant and at the door together
};

struct dispatch_terms {
  std::size_t fanout = 3;      ///< partners asked at once, 3 to 5 in service
  std::size_t fanout_max = 5;  ///< with those who came online meanwhile
  metres first_radius{3000};
  metres last_radius{10000};
  int waves = 4;                                       ///< from the first radius to the last
  duration offer_patience = std::chrono::seconds{30};  ///< to answer an offer
  std::chrono::milliseconds offer_patience_real{500};  ///< and never less than this, however fast the clock runs
  duration search_again = std::chrono::seconds{30};    ///< between the last wave and the first of the next search
  std::chrono::seconds silence_real{90};  ///< a partner unheard of for so long loses what it has not picked up
  minor_units pay{40'00};                 ///< per order
};

}  // namespace dabba
