/// Random commands in any sequence keep an order sound.
#include <rapidcheck.h>
#include <catch2/catch_test_macros.hpp>

#include "tests/domain/order_script.hpp"

using namespace dabba;
using namespace dabba::samples;

namespace {

partner_id some_partner() { return nth<partner_id>(*rc::gen::inRange<std::uint64_t>(1, 4)); }

std::vector<order_line> some_lines() {
  std::vector<order_line> out;
  auto count = *rc::gen::inRange(1, 5);
  for (int i = 0; i < count; ++i)
    out.push_back(line(static_cast<std::uint64_t>(i), *rc::gen::inRange(1, 100), *rc::gen::inRange(0, 100'000)));
  return out;
}

order_command some_command(const order& x, instant now) {
  switch (*rc::gen::inRange(0, 18)) {
    case 0: {
      auto command = place();
      command.lines = some_lines();
      command.kitchen.accepts_itself = *rc::gen::arbitrary<bool>();
      command.payment = *rc::gen::element(payment_method::cash_on_delivery, payment_method::card, payment_method::upi);
      return command;
    }
    case 1: return payment_succeeded{};
    case 2: return payment_failed{"declined"};
    case 3: return accept_order{*rc::gen::inRange(1, 241)};
    case 4: return reject_order{"closed"};
    case 5: return modify_order{some_lines(), {"elsewhere", kitchen}, ""};
    case 6: return start_preparing{"PREP"};
    case 7: return change_stage{"BAKING"};
    case 8: return mark_ready{};
    case 9:
    case 10: return assign_partner{carried_by(*rc::gen::inRange<std::uint64_t>(1, 4))};
    case 11: return partner_arrived{some_partner()};
    case 12: return pick_up{some_partner()};
    case 13: return deliver{some_partner(), *rc::gen::element(std::string{"4711"}, std::string{"0"})};
    case 14: return release_order{some_partner(), "flat tyre"};
    case 15: {
      // Rare, so that sequences go far.
      if (*rc::gen::inRange(0, 5) > 0) return mark_ready{};
      auto by = *rc::gen::element(party::customer, party::support);
      return cancel_order{{by, "", by}};
    }
    case 16: {
      auto which = *rc::gen::element(
          order_deadline::payment, order_deadline::acceptance, order_deadline::search, order_deadline::self_acceptance);
      auto deadline = next_deadline(x);
      return deadline_passed{which, deadline ? deadline->due : now};
    }
    default: return fail_delivery{some_partner(), "nobody at home"};
  }
}

void expect_sound(const order& x) {
  if (x.version == 0) return;
  minor_units sum;
  for (const auto& l : x.lines) sum = sum + l.price();
  RC_ASSERT(x.subtotal == sum);
  RC_ASSERT(x.total == x.subtotal + x.delivery_fee + x.tip);

  bool carried = x.delivery == delivery_status::assigned || x.delivery == delivery_status::at_restaurant ||
                 x.delivery == delivery_status::picked_up || x.delivery == delivery_status::at_customer ||
                 x.delivery == delivery_status::delivered;
  if (carried) RC_ASSERT(x.carried_by.has_value());
  if (is_searching(x)) RC_ASSERT(!x.carried_by.has_value());
  RC_ASSERT(is_terminal(x.status) == x.ended_at.has_value());
  RC_ASSERT((x.status == order_status::delivered) == (x.delivery == delivery_status::delivered));
  RC_ASSERT(x.ended.has_value() == (is_terminal(x.status) && x.status != order_status::delivered));
  RC_ASSERT((x.status == order_status::out_for_delivery) ==
            (x.delivery == delivery_status::picked_up || x.delivery == delivery_status::at_customer));

  auto deadline = next_deadline(x);
  RC_ASSERT(deadline.has_value() == (x.status == order_status::payment_pending ||
                                     x.status == order_status::pending_restaurant_acceptance || is_searching(x)));
}

}  // namespace

TEST_CASE("whatever is asked of an order, it stays sound and never leaves a terminal state") {
  CHECK(rc::check([] {
    order x;
    x.id = nth<order_id>(1);
    auto now = noon;
    std::vector<std::pair<order_event, instant>> journal;
    auto steps = *rc::gen::inRange(10, 120);
    for (int i = 0; i < steps; ++i) {
      now = now + std::chrono::seconds{*rc::gen::inRange(0, 600)};
      auto before = x;
      auto events = carry_out(x, i == 0 ? order_command{place()} : some_command(x, now), now);
      if (!events) {
        RC_ASSERT(x == before);
        continue;
      }
      for (const auto& e : *events) journal.emplace_back(e, now);
      RC_ASSERT(events->size() <= limits::events_per_command);
      RC_ASSERT(x.version == journal.size());
      if (is_terminal(before.status) && before.version > 0) RC_ASSERT(x == before);
      expect_sound(x);
    }
    order folded;
    folded.id = x.id;
    for (const auto& [event, at] : journal) apply(folded, event, at);
    RC_ASSERT(folded == x);
  }));
}
