// C = A B on row-major matrices, blocked for registers and caches.
#pragma once
#include <cstddef>

namespace gemm {

// A block of C that stays in registers is kRows high; columns of B are taken in panels of kPanel, and sums over stretches of
// kDepth, so that a panel's stretch stays in the second-level cache. Sizes are multiples of kUnit.
inline constexpr std::ptrdiff_t kRows = 4, kPanel = 64, kDepth = 256, kUnit = 64;

struct Shape {
  std::ptrdiff_t rows = 0, columns = 0, depth = 0;  // C is rows x columns, A rows x depth, B depth x columns
};

void multiply_base(const Shape& shape, const double* a, const double* b, double* c);
void multiply_base(const Shape& shape, const float* a, const float* b, float* c);
void multiply_avx2(const Shape& shape, const double* a, const double* b, double* c);
void multiply_avx2(const Shape& shape, const float* a, const float* b, float* c);

// Overwrites C. Every element is summed in the same order whatever the number of rows.
template <typename Real>
void multiply(const Shape& shape, const Real* a, const Real* b, Real* c) {
#if defined(CX_HAS_AVX2)
  static const bool avx2 = __builtin_cpu_supports("avx2") && __builtin_cpu_supports("fma");
  if (avx2) return multiply_avx2(shape, a, b, c);
#endif
  multiply_base(shape, a, b, c);
}

}  // namespace gemm
