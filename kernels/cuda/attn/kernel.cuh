// Attention forward, softmax(Q K^T / sqrt(d)) V, without the matrix of weights in memory: a block takes some queries past all
// keys, and rescales what it has whenever a larger weight comes (online softmax; Milakov and Gimelshein, arXiv 1805.02867).
#pragma once
#include "cuda/common/matrix.cuh"

#if !defined(__CUDACC__)
#include <cmath>
#endif

namespace attn {

inline constexpr unsigned kHead = 128;     // width of a head
inline constexpr unsigned kQueries = 64;   // of a block, 16 for each of its four warps
inline constexpr unsigned kKeys = 64;      // in shared memory at a time
inline constexpr unsigned kThreads = 128;
inline constexpr unsigned kPitch = kHead + 8;  // the eight rows that a load takes lie in different banks

struct Tile {
  cx::Bf16 values[kKeys * kPitch];
};

// Rows of kHead from `rows` on.
CX_DEVICE void fetch(Tile& tile, const cx::Bf16* rows) {
  constexpr unsigned kChunk = 8, kRow = kHead / kChunk;
  for (unsigned i = threadIdx.x; i < kKeys * kRow; i += kThreads)
    cx::copy_async(tile.values + i / kRow * kPitch + i % kRow * kChunk, rows + std::size_t{i} * kChunk);
}

// This warp's weights of all keys of a tile: 16 queries by eight columns of eight keys.
CX_DEVICE void weigh(float (&weights)[8][4], const std::uint32_t (&queries)[8][4], const Tile& keys) {
  const unsigned eight = cx::lane() / 8, in_eight = cx::lane() % 8;
  for (unsigned n = 0; n < 8; ++n)
    for (unsigned i = 0; i < 4; ++i) weights[n][i] = 0;
  for (unsigned k = 0; k < 8; ++k)
    for (unsigned n = 0; n < 8; n += 2) {
      std::uint32_t b[4];
      cx::load_matrices(b, keys.values + (8 * n + eight / 2 * 8 + in_eight) * kPitch + 16 * k + eight % 2 * 8);
      cx::multiply_add(weights[n], queries[k], b[0], b[1]);
      cx::multiply_add(weights[n + 1], queries[k], b[2], b[3]);
    }
}

// Of each of the two rows that a thread has a part of: the largest weight so far, and the sum of all exponentials.
struct Softmax {
  float most[2], sum[2];
};

// Turns weights into exponentials, and rescales what came before. `scale` is log2(e) / sqrt(d).
CX_DEVICE void exponentials(float (&weights)[8][4], Softmax& softmax, float (&out)[16][4], float scale) {
  for (unsigned row = 0; row < 2; ++row) {
    float most = softmax.most[row];
    for (unsigned n = 0; n < 8; ++n) most = fmaxf(most, fmaxf(weights[n][2 * row], weights[n][2 * row + 1]));
    most = fmaxf(most, cx::exchange(most, 1));
    most = fmaxf(most, cx::exchange(most, 2));
    const float shrink = exp2f((softmax.most[row] - most) * scale);
    float sum = 0;
    for (unsigned n = 0; n < 8; ++n)
      for (unsigned i = 2 * row; i < 2 * row + 2; ++i) sum += weights[n][i] = exp2f((weights[n][i] - most) * scale);
    softmax.sum[row] = softmax.sum[row] * shrink + sum;
    softmax.most[row] = most;
    for (unsigned n = 0; n < 16; ++n)
      for (unsigned i = 2 * row; i < 2 * row + 2; ++i) out[n][i] *= shrink;
  }
}

// Adds the values of a tile by their weights: what came out of one product is, in pairs of columns, what goes into the next.
CX_DEVICE void blend(float (&out)[16][4], const float (&weights)[8][4], const Tile& values) {
  const unsigned eight = cx::lane() / 8, in_eight = cx::lane() % 8;
  for (unsigned k = 0; k < 4; ++k) {
    const float(&low)[4] = weights[2 * k], (&high)[4] = weights[2 * k + 1];
    const std::uint32_t a[4] = {cx::pair(low[0], low[1]), cx::pair(low[2], low[3]), cx::pair(high[0], high[1]),
                                cx::pair(high[2], high[3])};
    for (unsigned n = 0; n < 16; n += 2) {
      std::uint32_t b[4];
      cx::load_transposed(b, values.values + (16 * k + eight % 2 * 8 + in_eight) * kPitch + 8 * n + eight / 2 * 8);
      cx::multiply_add(out[n], a, b[0], b[1]);
      cx::multiply_add(out[n + 1], a, b[2], b[3]);
    }
  }
}

// Heads of `length` rows of kHead, one after another; length is a multiple of kQueries and kKeys. Blocks: (length / kQueries,
// heads).
CX_GLOBAL void forward(float* out, const cx::Bf16* q, const cx::Bf16* k, const cx::Bf16* v, unsigned length, float scale) {
  CX_SHARED Tile keys, values;
  const std::size_t head = std::size_t{blockIdx.y} * length * kHead, first = std::size_t{blockIdx.x} * kQueries;
  const unsigned row = threadIdx.x / 32 * 16, eight = cx::lane() / 8, in_eight = cx::lane() % 8;
  fetch(keys, q + head + first * kHead);
  cx::commit_copies();
  cx::wait_copies<0>();
  CX_BARRIER(11);
  std::uint32_t queries[8][4];
  for (unsigned step = 0; step < 8; ++step)
    cx::load_matrices(queries[step], keys.values + (row + eight % 2 * 8 + in_eight) * kPitch + 16 * step + eight / 2 * 8);
  float sums[16][4] = {};
  Softmax softmax{{-1e30f, -1e30f}, {0, 0}};
  for (unsigned from = 0; from < length; from += kKeys) {
    CX_BARRIER(12);  // before these tiles overwrite the last ones, or the queries
    fetch(keys, k + head + std::size_t{from} * kHead);
    fetch(values, v + head + std::size_t{from} * kHead);
    cx::commit_copies();
    cx::wait_copies<0>();
    CX_BARRIER(13);
    float weights[8][4];
    weigh(weights, queries, keys);
    exponentials(weights, softmax, sums, scale);
    blend(sums, weights, values);
  }
  float* to = out + head + (first + row + cx::lane() / 4) * kHead + cx::lane() % 4 * 2;
  for (unsigned half = 0; half < 2; ++half) {
    float sum = softmax.sum[half];
    sum += cx::exchange(sum, 1);
    sum += cx::exchange(sum, 2);
    for (unsigned n = 0; n < 16; ++n)
      for (unsigned i = 0; i < 2; ++i) to[half * 8 * kHead + 8 * n + i] = sums[n][2 * half + i] / sum;
  }
}

}  // namespace attn
