// heat's stencil: a block takes a tile of columns and walks up through the layers. What lies above and below stays in
// registers, the layer in shared memory: each cell is read from memory once.
#pragma once
#include <cstddef>

#include "cuda/common/device.hpp"

namespace heat {

inline constexpr int kTileX = 32, kTileY = 8;

// A box of cells in an array: its size, and how far neighbours along y and z are apart.
struct Cells {
  int nx, ny, nz;
  std::ptrdiff_t row, layer;
};

// `out` and `in` point to the corner of the box's halo, one cell before it along each axis; blocks of kTileX x kTileY threads
// cover nx x ny. The additions are in the order of the CPU's sweep: without fused multiply-adds the same bits.
template <typename Real>
CX_GLOBAL void sweep(Real* out, const Real* in, Cells box, Real courant) {
  CX_SHARED Real tile[kTileY + 2][kTileX + 2];
  const int tx = static_cast<int>(threadIdx.x) + 1, ty = static_cast<int>(threadIdx.y) + 1;
  const int x = static_cast<int>(blockIdx.x) * kTileX + tx, y = static_cast<int>(blockIdx.y) * kTileY + ty;
  const int nx = box.nx, ny = box.ny;
  const std::ptrdiff_t row = box.row, layer = box.layer;
  const bool inside = x <= nx && y <= ny;
  // Threads outside read a cell that is there and write nothing, not even into the tile: the rim is there.
  const std::ptrdiff_t column = (y <= ny ? y : ny) * row + (x <= nx ? x : nx);
  const Real centre = Real(1) - Real(6) * courant;
  Real below = in[column], here = in[column + layer];
  for (int z = 1; z <= box.nz; ++z) {
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

inline constexpr unsigned kCopyThreads = 128;

// Between a box, whose first cell is at `cells`, and an array without gaps, x fastest.
template <typename Real>
CX_GLOBAL void pack(Real* packed, const Real* cells, Cells box) {
  const std::ptrdiff_t i = std::ptrdiff_t{blockIdx.x} * kCopyThreads + threadIdx.x, plane = std::ptrdiff_t{box.nx} * box.ny;
  if (i >= plane * box.nz) return;
  packed[i] = cells[i / plane * box.layer + i % plane / box.nx * box.row + i % box.nx];
}

template <typename Real>
CX_GLOBAL void unpack(Real* cells, const Real* packed, Cells box) {
  const std::ptrdiff_t i = std::ptrdiff_t{blockIdx.x} * kCopyThreads + threadIdx.x, plane = std::ptrdiff_t{box.nx} * box.ny;
  if (i >= plane * box.nz) return;
  cells[i / plane * box.layer + i % plane / box.nx * box.row + i % box.nx] = packed[i];
}

}  // namespace heat
