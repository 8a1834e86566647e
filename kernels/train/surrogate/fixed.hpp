// Sums that do not depend on their order: real numbers as 64-bit integers in units of 2^-40. Floating-point addition is
// not associative, so N ranks would learn other weights than one; integers make N-rank training equal 1-rank training
// bit for bit, for every N, at the price of 8 bytes per number on the wire.
#pragma once
#include <cmath>
#include <cstdint>

#include "common/anywhere.hpp"
#include "common/failure.hpp"

namespace surrogate {

inline constexpr double kUnit = 1.0 / (1ULL << 40);
inline constexpr double kLargest = 1 << 12;  // of one addend: 1024 of them (the most shards) stay below 2^63 units

// Whether it can be an addend; not a number cannot.
template <typename Real>
CX_ANYWHERE inline bool fits(Real value) {
  return std::fabs(value) < static_cast<Real>(kLargest);
}

// In units, of what fits. Truncated: the same everywhere, and for floats as for the doubles of the same value.
template <typename Real>
CX_ANYWHERE inline std::int64_t units(Real value) {
  return static_cast<std::int64_t>(value * static_cast<Real>(1 / kUnit));
}

[[noreturn]] inline void diverged() {
  throw cx::Failure(cx::kDiverged, "diverged: a gradient or loss left the range; lower --rate");
}

// Throws Failure(kDiverged): sums may not overflow in silence.
inline std::int64_t to_fixed(double value) {
  if (!fits(value)) diverged();
  return units(value);
}

CX_ANYWHERE inline double from_fixed(std::int64_t sum) {
  return static_cast<double>(sum) * kUnit;
}

}  // namespace surrogate
