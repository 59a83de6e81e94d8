/// What a fault test measures, beside the target it has to meet; and how long the tests go on.
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
/// A figure without a target.
void note_figure(int fault, const std::string& what, double measured, const std::string& unit);

/// The value that `share` of `values` do not exceed; 0 when there are none.
double percentile(std::vector<double> values, double share);
double seconds(steady::duration time);

/// In the long form, which DABBA_FAULT_MINUTES asks for, a fault is repeated for so long; nothing in the short form.
steady::duration time_for_repeats();
bool is_long_form();

}  // namespace dabba::fault_tests
