// Between a grid and the next, coarser one: what transfer.hpp does with lines, for each cell by itself. Blocks: (rows, planes) of
// the coarse grid and the fine one, in the order of the names.
#pragma once
#include <cstddef>

#include "cuda/common/device.hpp"
#include "mpi/cg/passes.hpp"

namespace cg::gpu {

// A fine cell has 3/4 of the coarse cell that it lies in, and 1/4 of the nearer neighbour's.
inline constexpr double kNear = 0.75, kFar = 0.25;

// Pointers are to the first cell of plane 0 of each.
CX_GLOBAL void restrict_to(Layout coarse, double* r, Layout fine, const double* t) {
  const std::ptrdiff_t y = blockIdx.x, z = blockIdx.y;
  for (std::ptrdiff_t x = threadIdx.x; x < coarse.n; x += blockDim.x) {
    double parts[4];  // of the fine planes 2 z - 1 to 2 z + 2
    CX_UNROLL
    for (int k = 0; k < 4; ++k) {
      const double* rows = t + (2 * z + k - 1) * fine.plane + (2 * y - 1) * fine.row + 2 * x - 1;
      double line[4];  // of the fine cells 2 x - 1 to 2 x + 2, along y
      CX_UNROLL
      for (int i = 0; i < 4; ++i)
        line[i] = kFar * (rows[i] + rows[3 * fine.row + i]) + kNear * (rows[fine.row + i] + rows[2 * fine.row + i]);
      parts[k] = (kFar * line[0] + kNear * line[1]) + (kNear * line[2] + kFar * line[3]);
    }
    r[z * coarse.plane + y * coarse.row + x] = 0.5 * ((kFar * parts[0] + kNear * parts[1]) + (kNear * parts[2] + kFar * parts[3]));
  }
}

CX_GLOBAL void prolong(Layout fine, double* z, Layout coarse, const double* correction) {
  const std::ptrdiff_t y = blockIdx.x, k = blockIdx.y;
  const double* near = correction + k / 2 * coarse.plane;
  const double* far = near + (k % 2 ? coarse.plane : -coarse.plane);
  const std::ptrdiff_t one = y / 2 * coarse.row, two = one + (y % 2 ? coarse.row : -coarse.row);
  for (std::ptrdiff_t x = threadIdx.x; x < coarse.n; x += blockDim.x) {
    double line[3];  // of the coarse cells x - 1 to x + 1
    CX_UNROLL
    for (int i = 0; i < 3; ++i) {
      const std::ptrdiff_t at = x + i - 1;
      line[i] = kNear * (kNear * near[one + at] + kFar * near[two + at]) + kFar * (kNear * far[one + at] + kFar * far[two + at]);
    }
    double* out = z + k * fine.plane + y * fine.row + 2 * x;
    out[0] += kNear * line[1] + kFar * line[0];
    out[1] += kNear * line[1] + kFar * line[2];
  }
}

}  // namespace cg::gpu
