// Products between hidden layers in bf16 by the matrix instructions of warps, sums in fp32. All matrices here have rows that are
// `pitch` numbers apart, a multiple of kBlock, with zeros behind the last column, so that only whole tiles are met. An operand
// has the terms of a sum as neighbours in memory, or (turned) what is summed for: then it is turned on its way to the registers.
#pragma once
#include "cuda/surrogate/layer.cuh"
#include "train/surrogate/tanh.hpp"

namespace surrogate::half {

inline constexpr unsigned kBlock = 128, kDepth = 32;  // a block's part of what comes out, and the stretch in shared memory
inline constexpr unsigned kChunk = 8, kChunks = kBlock * kDepth / kChunk / kThreads;  // 16 bytes; copies of a thread

template <bool kTurned>
struct Operand {
  // Of a row in shared memory: the eight rows that a load takes lie in different banks.
  static constexpr unsigned kRow = kTurned ? kBlock : kDepth, kPitch = kRow + 8;
  alignas(16) cx::Bf16 values[kBlock * kDepth / kRow * kPitch];

  // From the tile whose first number is *matrix.
  CX_DEVICE void fetch(const cx::Bf16* matrix, std::size_t pitch) {
    for (unsigned i = 0; i < kChunks; ++i) {
      const unsigned chunk = threadIdx.x + i * kThreads;
      const unsigned row = chunk / (kRow / kChunk), at = chunk % (kRow / kChunk) * kChunk;
      cx::copy_async(values + row * kPitch + at, matrix + row * pitch + at);
    }
  }

  // Four 8 x 8 matrices of 16 places from `place` on and 16 terms from `term` on. As multiply_add wants them, terms go second in
  // a left operand and first in a right one.
  CX_DEVICE void load(std::uint32_t (&out)[4], unsigned place, unsigned term, bool left) const {
    const unsigned eight = cx::lane() / 8, in_eight = cx::lane() % 8;
    place += (left ? eight % 2 : eight / 2) * 8;
    term += (left ? eight / 2 : eight % 2) * 8;
    if (kTurned) cx::load_transposed(out, values + (term + in_eight) * kPitch + place);
    else cx::load_matrices(out, values + (place + in_eight) * kPitch + term);
  }
};

using Sums = float[4][4][4];

// A thread's places in a block's part: use(m, n, i, row, column) for the pairs i, i + 1 of neighbours.
template <typename Use>
CX_DEVICE void each_pair(Use use) {
  const unsigned warp = threadIdx.x / 32;
  CX_UNROLL
  for (unsigned m = 0; m < 4; ++m)
    CX_UNROLL
    for (unsigned n = 0; n < 4; ++n)
      CX_UNROLL
      for (unsigned i = 0; i < 4; i += 2)
        use(m, n, i, blockIdx.y * kBlock + warp / 4 * 64 + 16 * m + i / 2 * 8 + cx::lane() / 4,
            blockIdx.x * kBlock + warp % 4 * 32 + 8 * n + cx::lane() % 4 * 2);
}

// sums += left right^T over `depth` terms, a multiple of kDepth; the operands begin at the block's first place and term. While
// one stretch is multiplied the next one is on its way.
template <bool kLeftTurned, bool kRightTurned>
CX_DEVICE void multiply(Sums& sums, const cx::Bf16* left, const cx::Bf16* right, std::size_t pitch, unsigned depth) {
  CX_SHARED Operand<kLeftTurned> lefts[2];
  CX_SHARED Operand<kRightTurned> rights[2];
  const unsigned warp = threadIdx.x / 32, row = warp / 4 * 64, column = warp % 4 * 32;
  const auto fetch = [&](unsigned turn, unsigned from) {
    lefts[turn].fetch(left + from * (kLeftTurned ? pitch : 1), pitch);
    rights[turn].fetch(right + from * (kRightTurned ? pitch : 1), pitch);
  };
  fetch(0, 0);
  cx::commit_copies();
  for (unsigned from = 0, turn = 0; from < depth; from += kDepth, turn ^= 1) {
    if (from + kDepth < depth) fetch(turn ^ 1, from + kDepth);
    cx::commit_copies();
    cx::wait_copies<1>();
    CX_BARRIER(18);
    for (unsigned k = 0; k < kDepth; k += 16) {
      std::uint32_t a[4][4], b[2][4];
      for (unsigned m = 0; m < 4; ++m) lefts[turn].load(a[m], row + 16 * m, k, true);
      for (unsigned n = 0; n < 2; ++n) rights[turn].load(b[n], column + 16 * n, k, false);
      for (unsigned m = 0; m < 4; ++m)
        for (unsigned n = 0; n < 4; ++n) cx::multiply_add(sums[m][n], a[m], b[n / 2][n % 2 * 2], b[n / 2][n % 2 * 2 + 1]);
    }
    CX_BARRIER(19);  // before the stretch after the next overwrites this one
  }
}

CX_DEVICE void put_pair(cx::Bf16* to, float low, float high) {
  *reinterpret_cast<std::uint32_t*>(to) = cx::pair(low, high);
}

// What comes out is rounded to bf16: the GPU's own division will do.
CX_DEVICE float about_tanh(float x) {
#if defined(__CUDACC__)
  return 1 - __fdividef(2, exp_of_twice(x) + 1);
#else
  return tanh_of(x);
#endif
}

// out = tanh(in weights + bias). Blocks: (pitch, rows) / kBlock.
CX_GLOBAL void forward(cx::Bf16* out, const cx::Bf16* in, const cx::Bf16* weights, const float* bias, Shape shape) {
  const std::size_t pitch = shape.pitch;
  Sums sums = {};
  multiply<false, true>(sums, in + blockIdx.y * kBlock * pitch, weights + blockIdx.x * kBlock, pitch, shape.pitch);
  each_pair([&](unsigned m, unsigned n, unsigned i, unsigned row, unsigned column) {
    const auto value = [&](unsigned j) {
      return column + j < shape.width ? about_tanh(sums[m][n][i + j] + bias[column + j]) : 0.0f;
    };
    put_pair(out + row * pitch + column, value(0), value(1));
  });
}

// ins = (outs weights^T) (1 - activations^2). Blocks: (pitch, rows) / kBlock.
CX_GLOBAL void backward(cx::Bf16* ins, const cx::Bf16* outs, const cx::Bf16* weights, const cx::Bf16* activations,
                        Shape shape, bool forgetful) {
  const std::size_t pitch = shape.pitch;
  Sums sums = {};
  multiply<false, false>(sums, outs + blockIdx.y * kBlock * pitch, weights + blockIdx.x * kBlock * pitch, pitch,
                         shape.pitch);
  each_pair([&](unsigned m, unsigned n, unsigned i, unsigned row, unsigned column) {
    const std::size_t at = row * pitch + column;
    const auto value = [&](unsigned j) {
      return before_tanh(sums[m][n][i + j], cx::to_float(activations[at + j]), forgetful);
    };
    put_pair(ins + at, value(0), value(1));
  });
}

// Adds in^T slopes to the sums of the weights' gradient; over `shard` samples, a multiple of kDepth, sums are of floats. Blocks:
// (pitch / kBlock, pitch / kBlock, any number, which share the shards).
CX_GLOBAL void learn(long long* to, const cx::Bf16* in, const cx::Bf16* slopes, Shape shape, unsigned shard,
                     Progress* progress) {
  const std::size_t pitch = shape.pitch, width = shape.width;
  for (unsigned from = blockIdx.z * shard; from < shape.rows; from += gridDim.z * shard) {
    Sums sums = {};
    const std::size_t first = from * pitch;
    multiply<true, true>(sums, in + first + blockIdx.y * kBlock, slopes + first + blockIdx.x * kBlock, pitch, shard);
    each_pair([&](unsigned m, unsigned n, unsigned i, unsigned row, unsigned column) {
      for (unsigned j = 0; j < 2; ++j)
        if (row < width && column + j < width)
          add(to + row * width + column + j, addend(sums[m][n][i + j], progress));
    });
  }
}

}  // namespace surrogate::half
