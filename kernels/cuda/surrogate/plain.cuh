// Products between hidden layers in fp32, tile by tile through shared memory: every sum in the order of train/surrogate/mlp.hpp,
// so that the bits are the CPU's. Blocks of kThreads have kTile x kTile of what comes out.
#pragma once
#include "cuda/surrogate/layer.cuh"
#include "train/surrogate/tanh.hpp"

namespace surrogate::plain {

inline constexpr unsigned kTile = 64, kStretch = kSamples;    // of the sum, in shared memory at a time
inline constexpr unsigned kSide = 16, kEach = kTile / kSide;  // a thread has every 16th row and column

using Tile = float[kStretch][kTile + 1];
struct Tiles {
  Tile left, right;
};
using Sums = float[kEach][kEach];

// kTile places of an operand and one stretch of the sum: number(place, term), 0 outside. kAlong: the terms are neighbours in
// memory.
template <bool kAlong, typename Number>
CX_DEVICE void fetch(Tile& tile, Number number) {
  for (unsigned n = threadIdx.x; n < kStretch * kTile; n += kThreads) {
    const unsigned i = kAlong ? n / kStretch : n % kTile, k = kAlong ? n % kStretch : n / kTile;
    tile[k][i] = number(i, k);
  }
}

// Past the terms from `begin` to `end` of the sums: load(tiles, first term) by all threads together, then use(tiles).
template <typename Load, typename Use>
CX_DEVICE void walk(unsigned begin, unsigned end, Load load, Use use) {
  CX_SHARED Tiles tiles;
  for (unsigned from = begin; from < end; from += kStretch) {
    load(tiles, from);
    CX_BARRIER(16);
    use(tiles);
    CX_BARRIER(17);  // before the next stretch overwrites this one
  }
}

// use(m, n, row, column) for this thread's places, counted in its block.
template <typename Use>
CX_DEVICE void each(Use use) {
  CX_UNROLL
  for (unsigned m = 0; m < kEach; ++m)
    CX_UNROLL
    for (unsigned n = 0; n < kEach; ++n) use(m, n, threadIdx.x / kSide + m * kSide, threadIdx.x % kSide + n * kSide);
}

CX_DEVICE void accumulate(Sums& sums, const Tiles& tiles) {
  for (unsigned k = 0; k < kStretch; ++k)
    each([&](unsigned m, unsigned n, unsigned row, unsigned column) { sums[m][n] += tiles.left[k][row] * tiles.right[k][column]; });
}

// The number of a matrix at (row, column), 0 outside. fp32 needs no gaps: rows are `width` numbers long.
struct Matrix {
  const float* numbers;
  unsigned rows, width;
  CX_DEVICE float at(unsigned row, unsigned column) const {
    return row < rows && column < width ? numbers[std::size_t{row} * width + column] : 0.0f;
  }
};

// out = tanh(in weights + bias). Blocks: (width, rows) / kTile.
CX_GLOBAL void forward(float* out, const float* in, const float* weights, const float* bias, Shape shape) {
  const unsigned top = blockIdx.y * kTile, left = blockIdx.x * kTile;
  const Matrix of_in{in, shape.rows, shape.width}, of_weights{weights, shape.width, shape.width};
  Sums sums;
  each([&](unsigned m, unsigned n, unsigned, unsigned column) {
    sums[m][n] = left + column < shape.width ? bias[left + column] : 0;
  });
  const auto load = [&](Tiles& tiles, unsigned from) {
    fetch<true>(tiles.left, [&](unsigned i, unsigned k) { return of_in.at(top + i, from + k); });
    fetch<false>(tiles.right, [&](unsigned i, unsigned k) { return of_weights.at(from + k, left + i); });
  };
  walk(0, shape.width, load, [&](const Tiles& tiles) { accumulate(sums, tiles); });
  each([&](unsigned m, unsigned n, unsigned row, unsigned column) {
    if (top + row < shape.rows && left + column < shape.width)
      out[std::size_t{top + row} * shape.width + left + column] = tanh_of(sums[m][n]);
  });
}

// ins = (outs weights^T) (1 - activations^2): the loss's derivatives by what went into the layer before. Blocks: (width, rows) /
// kTile.
CX_GLOBAL void backward(float* ins, const float* outs, const float* weights, const float* activations, Shape shape,
                        bool forgetful) {
  const unsigned top = blockIdx.y * kTile, left = blockIdx.x * kTile;
  const Matrix of_outs{outs, shape.rows, shape.width}, of_weights{weights, shape.width, shape.width};
  Sums sums = {};
  const auto load = [&](Tiles& tiles, unsigned from) {
    fetch<true>(tiles.left, [&](unsigned i, unsigned k) { return of_outs.at(top + i, from + k); });
    fetch<true>(tiles.right, [&](unsigned i, unsigned k) { return of_weights.at(left + i, from + k); });
  };
  walk(0, shape.width, load, [&](const Tiles& tiles) { accumulate(sums, tiles); });
  each([&](unsigned m, unsigned n, unsigned row, unsigned column) {
    if (top + row >= shape.rows || left + column >= shape.width) return;
    const std::size_t at = std::size_t{top + row} * shape.width + left + column;
    ins[at] = before_tanh(sums[m][n], activations[at], forgetful);
  });
}

// Adds in^T slopes to the sums of the weights' gradient. `slopes`: the loss's derivatives by what came out, before tanh. Blocks:
// (width / kTile, width / kTile, any number, which share the samples).
CX_GLOBAL void learn(long long* sums, const float* in, const float* slopes, Shape shape, Progress* progress) {
  const unsigned top = blockIdx.y * kTile, left = blockIdx.x * kTile;
  const Matrix of_in{in, shape.rows, shape.width}, of_slopes{slopes, shape.rows, shape.width};
  const Stretch samples = stretch(shape.rows);
  long long totals[kEach][kEach] = {};
  const auto load = [&](Tiles& tiles, unsigned from) {
    fetch<false>(tiles.left, [&](unsigned i, unsigned k) { return of_in.at(from + k, top + i); });
    fetch<false>(tiles.right, [&](unsigned i, unsigned k) { return of_slopes.at(from + k, left + i); });
  };
  walk(samples.begin, samples.end, load, [&](const Tiles& tiles) {
    each([&](unsigned m, unsigned n, unsigned row, unsigned column) {
      const auto term = [&](unsigned k) { return tiles.left[k][row] * tiles.right[k][column]; };
      totals[m][n] += addend(shard_sum(term), progress);
    });
  });
  each([&](unsigned m, unsigned n, unsigned row, unsigned column) {
    if (top + row < shape.width && left + column < shape.width)
      add(sums + std::size_t{top + row} * shape.width + left + column, totals[m][n]);
  });
}

}  // namespace surrogate::plain
