/// What a fault test measures, beside the target it has to meet; and how long the tests go on.
///
/// There are two forms. The long one (scripts/faults.sh) repeats each fault for minutes on a machine that has nothing
/// else to do, and fails when a target is missed. The short one is part of the test suite, where processors are shared
/// and everything takes longer now and then: there only what must hold on any machine fails a test, the checker's
/// verdict first of all, while a time may miss its target by far. Either way the figure says whether the target was
/// met.
#pragma once

#include <chrono>
#include <string>
#include <vector>

#include "tests/system/support/process.hpp"

namespace dabba::fault_tests {

using system_tests::milliseconds;
using system_tests::steady;

enum class bound { at_most, at_least, exactly };

struct target {
  bound how = bound::at_most;
  double value = 0;
};

inline target at_most(double value) { return {bound::at_most, value}; }
inline target at_least(double value) { return {bound::at_least, value}; }
inline target exactly(double value) { return {bound::exactly, value}; }

/// Prints the figure beside its target, adds it to the file that DABBA_FAULT_FIGURES names (tab-separated: fault, what,
/// measured, unit, target, `yes` or `no`), and says whether it holds.
bool meets(int fault, const std::string& what, double measured, const std::string& unit, target wanted);
/// The same for what depends on the machine. In the short form it holds already when it meets `in_short_form`.
bool meets(int fault, const std::string& what, double measured, const std::string& unit, target wanted,
           target in_short_form);
/// The same for a time. In the short form three times the target are enough, or 10 s where that is more.
bool in_time(int fault, const std::string& what, double measured_s, double target_s);
/// A figure without a target.
void note_figure(int fault, const std::string& what, double measured, const std::string& unit);

/// The value that `share` of `values` do not exceed; 0 when there are none.
double percentile(std::vector<double> values, double share);
/// The p50, the p99 and the longest of some times, of which the p99 has a target; true when it is met.
bool all_in_time(int fault, const std::string& what, const std::vector<double>& times_s, double target_p99_s);
double seconds(steady::duration time);

/// In the long form, which DABBA_FAULT_MINUTES asks for, a fault is repeated for so long; nothing in the short form.
steady::duration time_for_repeats();
bool is_long_form();

}  // namespace dabba::fault_tests
