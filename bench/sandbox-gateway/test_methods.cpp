#include "bench/sandbox-gateway/test_methods.hpp"

#include <algorithm>
#include <array>

namespace dabba::sandbox {

namespace {

using enum first_step;

// clang-format off
constexpr auto methods = std::to_array<test_method>({
    {"pm_card_visa"},
    {"pm_card_visa_debit"},
    {"pm_card_mastercard"},
    {"pm_card_mastercard_debit"},
    {"pm_card_mastercard_prepaid"},
    {"pm_card_amex"},
    {"pm_card_discover"},
    {"pm_card_diners"},
    {"pm_card_jcb"},
    {"pm_card_unionpay"},
    {"pm_card_in"},
    {"pm_card_gb"},
    {"pm_card_de"},

    {"pm_card_chargeDeclined",                              authorise, "card_declined", "generic_decline"},
    {"pm_card_visa_chargeDeclined",                         authorise, "card_declined", "generic_decline"},
    {"pm_card_chargeDeclinedInsufficientFunds",             authorise, "card_declined", "insufficient_funds"},
    {"pm_card_visa_chargeDeclinedInsufficientFunds",        authorise, "card_declined", "insufficient_funds"},
    {"pm_card_visa_chargeDeclinedLostCard",                 authorise, "card_declined", "lost_card"},
    {"pm_card_visa_chargeDeclinedStolenCard",               authorise, "card_declined", "stolen_card"},
    {"pm_card_chargeDeclinedFraudulent",                    authorise, "card_declined", "fraudulent"},
    {"pm_card_visa_chargeDeclinedVelocityLimitExceeded",    authorise, "card_declined", "card_velocity_exceeded"},
    {"pm_card_chargeCustomerFail",                          authorise, "card_declined", "generic_decline"},
    {"pm_card_chargeDeclinedExpiredCard",                   authorise, "expired_card"},
    {"pm_card_chargeDeclinedIncorrectCvc",                  authorise, "incorrect_cvc"},
    {"pm_card_chargeDeclinedProcessingError",               authorise, "processing_error"},

    {"pm_card_authenticationRequired",                      authenticate},
    {"pm_card_threeDSecureRequired",                        authenticate},
    {"pm_card_threeDSecure2Required",                       authenticate},
    {"pm_card_authenticationRequiredChargeDeclinedInsufficientFunds",
                                                            authenticate, "card_declined", "insufficient_funds"},
    {"pm_card_threeDSecureRequiredChargeDeclined",          authenticate, "card_declined", "generic_decline"},

    {"pm_usBankAccount_success",                            process},
    {"pm_usBankAccount_accountClosed",                      process, "bank_account_unusable"},
    {"pm_usBankAccount_insufficientFunds",                  process, "insufficient_funds"},

    {"pm_card_pendingRefund",                               authorise, {}, {}, "pending"},
    {"pm_card_refundFail",                                  authorise, {}, {}, "failed"},
});
// clang-format on

struct shown {
  std::string_view id;
  shown_card card;
};

constexpr auto cards = std::to_array<shown>({
    {"pm_card_visa_debit", {"visa", "5556", "debit"}},
    {"pm_card_mastercard", {"mastercard", "4444"}},
    {"pm_card_mastercard_debit", {"mastercard", "8210", "debit"}},
    {"pm_card_mastercard_prepaid", {"mastercard", "5100", "prepaid"}},
    {"pm_card_amex", {"amex", "8431"}},
    {"pm_card_discover", {"discover", "9424"}},
    {"pm_card_diners", {"diners", "5904"}},
    {"pm_card_jcb", {"jcb", "4510"}},
    {"pm_card_unionpay", {"unionpay", "0005"}},
    {"pm_card_in", {"visa", "0008", "credit", "IN"}},
    {"pm_card_gb", {"visa", "0000", "credit", "GB"}},
    {"pm_card_de", {"visa", "0016", "credit", "DE"}},
});

struct message {
  std::string_view code;
  std::string_view text;
};

constexpr auto messages = std::to_array<message>({
    {"insufficient_funds", "Your card has insufficient funds."},
    {"card_velocity_exceeded", "Your card has been declined for making repeated attempts too frequently."},
    {"expired_card", "Your card has expired."},
    {"incorrect_cvc", "Your card's security code is incorrect."},
    {"processing_error", "An error occurred while processing your card. Try again in a little bit."},
    {"bank_account_unusable", "The customer's bank account cannot be used."},
});

}  // namespace

const test_method* find_test_method(std::string_view id) {
  const auto found = std::find_if(methods.begin(), methods.end(), [&](const auto& each) { return each.id == id; });
  return found == methods.end() ? nullptr : &*found;
}

shown_card card_of(std::string_view id) {
  const auto found = std::find_if(cards.begin(), cards.end(), [&](const auto& each) { return each.id == id; });
  return found == cards.end() ? shown_card{} : found->card;
}

std::string_view decline_message(std::string_view code, std::string_view decline_code) {
  for (const auto& each : messages)
    if (each.code == decline_code || each.code == code) return each.text;
  return "Your card was declined.";
}

}  // namespace dabba::sandbox
