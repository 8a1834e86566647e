// C = A B in bf16 by the matrix instructions of warps: for GPUs without those of warpgroups, and their reference.
#pragma once
#include "cuda/common/matrix.cuh"

namespace gemm::mma {

inline constexpr unsigned kBlock = 128, kDepth = 32;     // a block's part of C, and the stretch of the sum in shared memory
inline constexpr unsigned kThreads = 256;                // 2 x 4 warps with 64 x 32 of C each
inline constexpr unsigned kPitch = kDepth + 8;           // 80 bytes: the eight rows that a load takes lie in different banks
inline constexpr unsigned kChunk = 8, kChunks = kBlock * kDepth / kChunk / kThreads;  // 16 bytes; copies of a thread

struct Tile {
  cx::Bf16 values[kBlock * kPitch];
};

// kBlock rows of a matrix with rows of `depth`, kDepth of each from `matrix` on.
CX_DEVICE void fetch(Tile& tile, const cx::Bf16* matrix, std::size_t depth) {
  for (unsigned i = 0; i < kChunks; ++i) {
    const unsigned chunk = threadIdx.x + i * kThreads;
    const unsigned row = chunk / (kDepth / kChunk), at = chunk % (kDepth / kChunk) * kChunk;
    cx::copy_async(tile.values + row * kPitch + at, matrix + row * depth + at);
  }
}

// C += A B^T over one stretch for this warp, whose part begins at (row, column).
CX_DEVICE void accumulate(float (&sums)[4][4][4], const Tile& left, const Tile& right, unsigned row, unsigned column) {
  for (unsigned k = 0; k < kDepth; k += 16) {
    std::uint32_t a[4][4], b[2][4];
    // Of A: rows 0-7 and 8-15, then the same of the next 8 of the sum. Of B: the first and second 8 of the sum, then eight
    // columns on.
    const unsigned lane = cx::lane(), eight = lane / 8, in_eight = lane % 8;
    for (unsigned m = 0; m < 4; ++m)
      cx::load_matrices(a[m], left.values + (row + 16 * m + eight % 2 * 8 + in_eight) * kPitch + k + eight / 2 * 8);
    for (unsigned n = 0; n < 2; ++n)
      cx::load_matrices(b[n], right.values + (column + 16 * n + eight / 2 * 8 + in_eight) * kPitch + k + eight % 2 * 8);
    for (unsigned m = 0; m < 4; ++m)
      for (unsigned n = 0; n < 4; ++n) cx::multiply_add(sums[m][n], a[m], b[n / 2][n % 2 * 2], b[n / 2][n % 2 * 2 + 1]);
  }
}

// A by rows, B by columns: both with `depth` neighbours in memory; C by rows, `columns` wide. Multiples of kBlock, and of kDepth.
// While one stretch is multiplied the next one is on its way.
CX_GLOBAL void multiply(float* c, const cx::Bf16* a, const cx::Bf16* b, std::size_t columns, std::size_t depth) {
  CX_SHARED Tile left[2], right[2];
  const std::size_t row = std::size_t{blockIdx.y} * kBlock, column = std::size_t{blockIdx.x} * kBlock;
  const unsigned warp = threadIdx.x / 32, own_row = warp / 4 * 64, own_column = warp % 4 * 32;
  float sums[4][4][4] = {};
  fetch(left[0], a + row * depth, depth);
  fetch(right[0], b + column * depth, depth);
  cx::commit_copies();
  for (std::size_t from = 0, turn = 0; from < depth; from += kDepth, turn ^= 1) {
    if (from + kDepth < depth) {
      fetch(left[turn ^ 1], a + row * depth + from + kDepth, depth);
      fetch(right[turn ^ 1], b + column * depth + from + kDepth, depth);
    }
    cx::commit_copies();
    cx::wait_copies<1>();
    CX_BARRIER(8);
    accumulate(sums, left[turn], right[turn], own_row, own_column);
    CX_BARRIER(9);  // before the stretch after the next overwrites this one
  }
  const unsigned in_row = cx::lane() / 4, in_column = cx::lane() % 4 * 2;
  for (unsigned m = 0; m < 4; ++m)
    for (unsigned n = 0; n < 4; ++n)
      for (unsigned i = 0; i < 4; ++i)
        c[(row + own_row + 16 * m + i / 2 * 8 + in_row) * columns + column + own_column + 8 * n + in_column + i % 2] =
            sums[m][n][i];
}

}  // namespace gemm::mma
