// tanh without libm for floats: libm picks its code by the CPU, and ranks on different machines must get the same bits.
// Plain arithmetic also lets the compiler use vector instructions.
#pragma once
#include <cmath>
#include <cstdint>
#include <cstring>

#include "common/anywhere.hpp"

namespace surrogate {

// e^(2x) as 2^k 2^f, |f| <= 1/2. Beyond 10 and -10 as there: tanh is 1 and -1.
CX_ANYWHERE inline float exp_of_twice(float x) {
  const float low = x < -10.0f ? -10.0f : x;
  const float y = (low > 10.0f ? 10.0f : low) * 2.88539008f;  // 2 log2(e)
  const float shifted = y + 12582912.0f;  // 1.5 * 2^23: rounds to an integer in the low bits
  const float f = (y - (shifted - 12582912.0f)) * 0.693147181f;
  const float power =
      1 + f * (1 + f * (0.5f + f * (0.166666667f + f * (0.0416666667f + f * (0.00833333333f + f * 0.00138888889f)))));
  std::int32_t bits;
  memcpy(&bits, &shifted, 4);
  bits = (bits + 127) << 23;  // the exponent of 2^k; the constant's own bits shift out
  float scale;
  memcpy(&scale, &bits, 4);
  return power * scale;
}

// 1 - 2 / (e^(2x) + 1): absolute error below 3e-7.
CX_ANYWHERE inline float tanh_of(float x) {
  return 1 - 2 / (exp_of_twice(x) + 1);
}

inline double tanh_of(double x) {
  return std::tanh(x);
}  // the gradient check alone computes in double

}  // namespace surrogate
