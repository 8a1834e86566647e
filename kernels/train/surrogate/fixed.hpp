// Sums that do not depend on their order: real numbers as 64-bit integers in units of 2^-40. Floating-point addition is
// not associative, so N ranks would learn other weights than one; integers make N-rank training equal 1-rank training
// bit for bit, for every N, at the price of 8 bytes per number on the wire.
#pragma once
#include <cmath>
#include <cstdint>

#include "common/failure.hpp"

namespace surrogate {

inline constexpr double kUnit = 1.0 / (1ULL << 40);
inline constexpr double kLargest = 1 << 12;  // of one addend: 1024 of them (the most shards) stay below 2^63 units

// Throws Failure(kDiverged): sums may not overflow in silence.
inline std::int64_t to_fixed(double value) {
  if (!(std::fabs(value) < kLargest))
    throw cx::Failure(cx::kDiverged, "diverged: a gradient or loss left the range; lower --rate");
  return static_cast<std::int64_t>(value * (1.0 / kUnit));  // truncation: the same everywhere
}

inline double from_fixed(std::int64_t sum) {
  return static_cast<double>(sum) * kUnit;
}

}  // namespace surrogate
