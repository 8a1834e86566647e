// Compiled once for each instruction set: CX_SET is what the name of its functions ends in. Where the set has fused
// multiply-adds they are used: the order of the sums is fixed by the loops, so ranks of one kind of machine agree to the bit.
#include "mpi/gemm/multiply.hpp"

#include <cstdlib>

#define CX_JOIN(name, suffix) name##_##suffix
#define CX_EXPAND(name, suffix) CX_JOIN(name, suffix)
#define CX_INLINE [[gnu::always_inline]] inline

namespace gemm {
namespace {

#if defined(__AVX__)
constexpr std::ptrdiff_t kVectorBytes = 32, kVectors = 3;  // 4 x 3 sums, 3 of B and 1 of A: the 16 registers
#else
constexpr std::ptrdiff_t kVectorBytes = 16, kVectors = 2;
#endif

// A vector, and the same at any address. (GCC takes these attributes on concrete types only.)
template <typename Real>
struct Vector;
template <>
struct Vector<double> {
  using Lanes = double __attribute__((vector_size(kVectorBytes)));
  using Any = double __attribute__((vector_size(kVectorBytes), aligned(8), may_alias));
  static constexpr std::ptrdiff_t kLanes = kVectorBytes / 8;
};
template <>
struct Vector<float> {
  using Lanes = float __attribute__((vector_size(kVectorBytes)));
  using Any = float __attribute__((vector_size(kVectorBytes), aligned(4), may_alias));
  static constexpr std::ptrdiff_t kLanes = kVectorBytes / 4;
};

// kRows x (kCount vectors) of C, over `depth` of the sum. `b` is a packed panel, its rows kPanel apart.
template <typename Real, std::ptrdiff_t kCount>
CX_INLINE void tile(const Shape& shape, std::ptrdiff_t depth, const Real* a, const Real* b, Real* c, bool first) {
  using V = Vector<Real>;
  typename V::Lanes sums[kRows][kCount];
  for (std::ptrdiff_t i = 0; i < kRows; ++i)
    for (std::ptrdiff_t j = 0; j < kCount; ++j)
      sums[i][j] = first ? typename V::Lanes{}
                         : *reinterpret_cast<const typename V::Any*>(c + i * shape.columns + j * V::kLanes);
  for (std::ptrdiff_t k = 0; k < depth; ++k) {
    typename V::Lanes row[kCount];
    for (std::ptrdiff_t j = 0; j < kCount; ++j)
      row[j] = *reinterpret_cast<const typename V::Any*>(b + k * kPanel + j * V::kLanes);
#pragma GCC unroll 4
    for (std::ptrdiff_t i = 0; i < kRows; ++i) {
      const Real left = a[i * shape.depth + k];
#pragma GCC unroll 4
      for (std::ptrdiff_t j = 0; j < kCount; ++j) sums[i][j] += left * row[j];
    }
  }
  for (std::ptrdiff_t i = 0; i < kRows; ++i)
    for (std::ptrdiff_t j = 0; j < kCount; ++j)
      *reinterpret_cast<typename V::Any*>(c + i * shape.columns + j * V::kLanes) = sums[i][j];
}

template <typename Real>
void stretch(const Shape& shape, std::ptrdiff_t depth, const Real* a, const Real* packed, Real* c, bool first) {
  constexpr std::ptrdiff_t kLanes = Vector<Real>::kLanes, kWide = kVectors * kLanes;
  for (std::ptrdiff_t i = 0; i < shape.rows; i += kRows) {
    const Real* rows = a + i * shape.depth;
    Real* out = c + i * shape.columns;
    std::ptrdiff_t j = 0;
    for (; j + kWide <= kPanel; j += kWide) tile<Real, kVectors>(shape, depth, rows, packed + j, out + j, first);
    for (; j < kPanel; j += kLanes) tile<Real, 1>(shape, depth, rows, packed + j, out + j, first);
  }
}

template <typename Real>
void all(const Shape& shape, const Real* a, const Real* b, Real* c) {
  alignas(64) static thread_local Real packed[kDepth * kPanel];
  for (std::ptrdiff_t column = 0; column < shape.columns; column += kPanel)
    for (std::ptrdiff_t from = 0; from < shape.depth; from += kDepth) {
      const std::ptrdiff_t depth = from + kDepth < shape.depth ? kDepth : shape.depth - from;
      for (std::ptrdiff_t k = 0; k < depth; ++k)
        for (std::ptrdiff_t j = 0; j < kPanel; ++j) packed[k * kPanel + j] = b[(from + k) * shape.columns + column + j];
      stretch(shape, depth, a + from, packed, c + column, from == 0);
    }
}

}  // namespace

void CX_EXPAND(multiply, CX_SET)(const Shape& shape, const double* a, const double* b, double* c) {
  all(shape, a, b, c);
}
void CX_EXPAND(multiply, CX_SET)(const Shape& shape, const float* a, const float* b, float* c) {
  all(shape, a, b, c);
}

}  // namespace gemm
