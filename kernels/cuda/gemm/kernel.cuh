// C = A B, tile by tile through shared memory: plain arithmetic of any type, and the reference of faster paths.
#pragma once
#include <cstddef>

#include "cuda/common/device.hpp"

namespace gemm {

inline constexpr unsigned kTile = 16;

// Row-major; rows, columns and depth are multiples of kTile. Blocks of kTile x kTile threads, one for each tile of C.
template <typename Real>
CX_GLOBAL void multiply(Real* c, const Real* a, const Real* b, std::size_t columns, std::size_t depth) {
  CX_SHARED Real left[kTile][kTile], right[kTile][kTile];
  const std::size_t row = blockIdx.y * kTile + threadIdx.y, column = blockIdx.x * kTile + threadIdx.x;
  Real sum = 0;
  for (std::size_t from = 0; from < depth; from += kTile) {
    left[threadIdx.y][threadIdx.x] = a[row * depth + from + threadIdx.x];
    right[threadIdx.y][threadIdx.x] = b[(from + threadIdx.y) * columns + column];
    CX_BARRIER(6);
    for (unsigned k = 0; k < kTile; ++k) sum += left[threadIdx.y][k] * right[k][threadIdx.x];
    CX_BARRIER(7);  // before the next tiles overwrite these
  }
  c[row * columns + column] = sum;
}

}  // namespace gemm
