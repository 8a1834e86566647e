// heat's stencil: a block takes a tile of columns and walks up through the layers. What lies above and below stays in
// registers, the layer in shared memory: each cell is read from memory once.
#pragma once
#include <cstddef>

#include "cuda/common/device.hpp"

namespace heat {

inline constexpr int kTileX = 32, kTileY = 8;

// Cells of `in` and `out` are at (z * (ny + 2) + y) * (nx + 2) + x with one layer of halo around; blocks of kTileX x kTileY
// threads cover nx x ny. The additions are in the order of the CPU's sweep: without fused multiply-adds the same bits.
template <typename Real>
CX_GLOBAL void sweep(Real* out, const Real* in, int nx, int ny, int nz, Real courant) {
  CX_SHARED Real tile[kTileY + 2][kTileX + 2];
  const int tx = static_cast<int>(threadIdx.x) + 1, ty = static_cast<int>(threadIdx.y) + 1;
  const int x = static_cast<int>(blockIdx.x) * kTileX + tx, y = static_cast<int>(blockIdx.y) * kTileY + ty;
  const bool inside = x <= nx && y <= ny;
  const std::ptrdiff_t row = nx + 2, layer = row * (ny + 2);
  // Threads outside read a cell that is there and write nothing, not even into the tile: the rim is there.
  const std::ptrdiff_t column = (y <= ny ? y : ny) * row + (x <= nx ? x : nx);
  const Real centre = Real(1) - Real(6) * courant;
  Real below = in[column], here = in[column + layer];
  for (int z = 1; z <= nz; ++z) {
    const std::ptrdiff_t at = column + z * layer;
    const Real above = in[at + layer];
    if (inside) {
      tile[ty][tx] = here;
      // The tile's rim, by the threads beside it; the last cell inside the grid has its neighbour in the halo.
      if (tx == 1) tile[ty][0] = in[at - 1];
      if (tx == kTileX || x == nx) tile[ty][tx + 1] = in[at + 1];
      if (ty == 1) tile[0][tx] = in[at - row];
      if (ty == kTileY || y == ny) tile[ty + 1][tx] = in[at + row];
    }
    CX_BARRIER(2);
    if (inside)
      out[at] = centre * here + courant * (((tile[ty][tx - 1] + tile[ty][tx + 1]) + (tile[ty - 1][tx] + tile[ty + 1][tx])) +
                                           (below + above));
    CX_BARRIER(3);  // before the next layer overwrites the tile
    below = here;
    here = above;
  }
}

}  // namespace heat
