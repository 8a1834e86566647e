// C = A B in bf16 by the matrix instructions of warpgroups (sm_90a): operands stay in shared memory, in rows of 128 bytes whose
// 16-byte chunks are swizzled as the instruction wants them.
#pragma once
#include "cuda/common/warpgroup.cuh"

namespace gemm::wgmma {

inline constexpr unsigned kBlock = 128, kDepth = 64;  // a block's part of C; 64 of the sum are a row of 128 bytes
inline constexpr unsigned kThreads = 256;             // two warpgroups with 64 x 128 of C each
inline constexpr unsigned kStages = 3;
inline constexpr unsigned kChunk = 8, kRowChunks = kDepth / kChunk, kChunks = kBlock * kRowChunks / kThreads;

struct alignas(1024) Tile {
  cx::Bf16 values[kBlock * kDepth];
};
struct Stage {
  Tile left, right;
};
inline constexpr std::size_t kSharedBytes = kStages * sizeof(Stage) + alignof(Tile);

CX_DEVICE void fetch(Tile& tile, const cx::Bf16* matrix, std::size_t depth) {
  for (unsigned i = 0; i < kChunks; ++i) {
    const unsigned chunk = threadIdx.x + i * kThreads, row = chunk / kRowChunks, at = chunk % kRowChunks;
    cx::copy_async(tile.values + row * kDepth + (at ^ row % 8) * kChunk, matrix + row * depth + at * kChunk);
  }
}

CX_DEVICE void fetch(Stage& stage, const cx::Bf16* a, const cx::Bf16* b, std::size_t depth) {
  fetch(stage.left, a, depth);
  fetch(stage.right, b, depth);
}

// A by rows, B by columns, as gemm::mma::multiply has them; multiples of kBlock and of kDepth. While one stretch is multiplied
// the others of kStages are on their way.
CX_GLOBAL void multiply(float* c, const cx::Bf16* a, const cx::Bf16* b, std::size_t columns, std::size_t depth) {
  CX_DYNAMIC_SHARED(Stage, stages, kStages);
  const std::size_t row = std::size_t{blockIdx.y} * kBlock, column = std::size_t{blockIdx.x} * kBlock;
  const unsigned group = threadIdx.x / 128, steps = static_cast<unsigned>(depth / kDepth);
  const cx::Bf16 *from_a = a + row * depth, *from_b = b + column * depth;
  float sums[64] = {};
  for (unsigned step = 0; step + 1 < kStages; ++step) {
    if (step < steps) fetch(stages[step], from_a + step * kDepth, from_b + step * kDepth, depth);
    cx::commit_copies();
  }
  for (unsigned step = 0; step < steps; ++step) {
    cx::wait_copies<kStages - 2>();
    cx::show_to_matrix_unit();
    CX_BARRIER(10);  // this stretch is there for all, and the one that is overwritten next is done with
    const Stage& now = stages[step % kStages];
    const unsigned ahead = step + kStages - 1;
    if (ahead < steps) fetch(stages[ahead % kStages], from_a + ahead * kDepth, from_b + ahead * kDepth, depth);
    cx::commit_copies();
    cx::begin_multiply(sums);
    for (unsigned k = 0; k < kDepth; k += 16)
      cx::multiply_add(sums, now.left.values + group * 64 * kDepth + k, now.right.values + k);
    cx::finish_multiply(sums);
  }
  const unsigned warp = threadIdx.x % 128 / 32, in_row = cx::lane() / 4, in_column = cx::lane() % 4 * 2;
  for (unsigned i = 0; i < 64; ++i)
    c[(row + group * 64 + warp * 16 + i / 2 % 2 * 8 + in_row) * columns + column + i / 4 * 8 + in_column + i % 2] = sums[i];
}

}  // namespace gemm::wgmma
