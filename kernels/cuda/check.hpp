// Numbers to run kernels on, and how what came out is compared: for shim_check.cpp.
#pragma once
#include <cmath>
#include <cstdio>
#include <vector>

#include "cuda/common/matrix.cuh"

namespace check {

inline bool all_right = true;

inline double random(std::size_t i, std::size_t seed) {
  return static_cast<double>((i * 2654435761u + seed * 40503u) % 1000) / 1000.0 + 0.001;
}

template <typename Real>
std::vector<Real> numbers(std::size_t count, std::size_t seed) {
  std::vector<Real> values(count);
  for (std::size_t i = 0; i < count; ++i) values[i] = static_cast<Real>(random(i, seed));
  return values;
}

template <typename Real>
void compare(const char* name, const std::vector<Real>& got, const std::vector<Real>& wanted, double tolerance) {
  double worst = 0;
  for (std::size_t i = 0; i < wanted.size(); ++i)
    worst = std::fmax(worst, std::fabs(static_cast<double>(got[i]) - static_cast<double>(wanted[i])));
  const bool right = worst <= tolerance;
  all_right = all_right && right;
  std::printf("%s %s, error %g\n", name, right ? "right" : "wrong", worst);
}

// Numbers around 0, as bf16.
inline std::vector<cx::Bf16> halves(std::size_t count, std::size_t seed) {
  std::vector<cx::Bf16> values(count);
  for (std::size_t i = 0; i < count; ++i) values[i] = cx::to_bf16(static_cast<float>(2 * random(i, seed) - 1));
  return values;
}

}  // namespace check
