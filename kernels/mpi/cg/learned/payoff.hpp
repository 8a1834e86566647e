// Did it pay to learn? Time with all that learning takes against the time of the same solution without.
#pragma once
#include <cmath>
#include <cstdio>

#include "common/result.hpp"

namespace cg {

// Seconds; what is not a number is unknown.
struct Payoff {
  double learning = cx::kUnknown, guessing = cx::kUnknown, solving = cx::kUnknown;
  double guess_error = cx::kUnknown;       // relative to that of x = 0, in the norm of A
  double other_seconds = cx::kUnknown;     // without what was learned, to the same tolerance
  double other_iterations = cx::kUnknown;  // unknown where they did not suffice: then the seconds are a lower bound

  double all() const { return learning + guessing + solving; }

  // 1 or 0; unknown without the other's time, and where a bound leaves it open.
  double pays() const {
    if (std::isnan(other_seconds) || std::isnan(all())) return cx::kUnknown;
    if (all() < other_seconds) return 1;
    return std::isnan(other_iterations) ? cx::kUnknown : 0;
  }

  // How many solutions with what was learned once it takes until it has paid; unknown where none would.
  double solutions_to_pay() const {
    const double gain = other_seconds - guessing - solving;
    return gain > 0 ? std::ceil(learning / gain) : cx::kUnknown;
  }

  void report(cx::Result& result) const {
    result.figures.insert(result.figures.end(), {{"learning", learning, "s"},
                                                 {"guessing", guessing, "s"},
                                                 {"learned_total", all(), "s"},
                                                 {"without", other_seconds, "s"},
                                                 {"iterations_without", other_iterations, "1"},
                                                 {"learned_pays", pays(), "1"},
                                                 {"solutions_to_pay", solutions_to_pay(), "1"},
                                                 {"guess_error", guess_error, "of that of zero"}});
    if (pays() != 0) return;
    char text[120];
    std::snprintf(text, sizeof text, "learning did not pay: %.3g s with it, %.3g s without", all(), other_seconds);
    result.warnings.push_back(text);
  }
};

}  // namespace cg
