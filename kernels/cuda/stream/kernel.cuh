// The five operations of stream. Each thread takes elements a whole grid apart, so that neighbours read neighbouring ones.
#pragma once
#include <cstddef>

#include "cuda/common/device.hpp"

namespace stream {

inline constexpr unsigned kThreads = 256;

#define CX_EACH(i, n)                                                                                            \
  for (std::size_t i = std::size_t{blockIdx.x} * blockDim.x + threadIdx.x; i < n; i += std::size_t{gridDim.x} * blockDim.x)

template <typename Real>
CX_GLOBAL void copy(Real* c, const Real* a, std::size_t n) {
  CX_EACH(i, n) c[i] = a[i];
}

template <typename Real>
CX_GLOBAL void mul(Real* b, const Real* c, Real scalar, std::size_t n) {
  CX_EACH(i, n) b[i] = scalar * c[i];
}

template <typename Real>
CX_GLOBAL void add(Real* c, const Real* a, const Real* b, std::size_t n) {
  CX_EACH(i, n) c[i] = a[i] + b[i];
}

template <typename Real>
CX_GLOBAL void triad(Real* a, const Real* b, const Real* c, Real scalar, std::size_t n) {
  CX_EACH(i, n) a[i] = b[i] + scalar * c[i];
}

// The sum of one stretch of elements for each block, of kThreads threads, into `sums`: always in the same order.
template <typename Real>
CX_GLOBAL void dot(Real* sums, const Real* a, const Real* b, std::size_t n, std::size_t stretch) {
  CX_SHARED Real part[kThreads];
  const std::size_t begin = blockIdx.x * stretch, end = begin + stretch < n ? begin + stretch : n;
  Real sum = 0;
  for (std::size_t i = begin + threadIdx.x; i < end; i += kThreads) sum += a[i] * b[i];
  part[threadIdx.x] = sum;
  for (unsigned half = kThreads / 2; half > 0; half /= 2) {
    CX_BARRIER(1);
    if (threadIdx.x < half) part[threadIdx.x] += part[threadIdx.x + half];
  }
  if (threadIdx.x == 0) sums[blockIdx.x] = part[0];
}

#undef CX_EACH

}  // namespace stream
