// Attention forward by plain arithmetic: one thread for each query. The reference of the faster path.
#pragma once
#include "cuda/common/matrix.cuh"

#if !defined(__CUDACC__)
#include <cmath>
#endif

namespace attn {

inline constexpr unsigned kPlainThreads = 64, kPlainKeys = 16;

// As `forward` has it; length is a multiple of kPlainThreads and kPlainKeys.
CX_GLOBAL void plain(float* out, const cx::Bf16* q, const cx::Bf16* k, const cx::Bf16* v, unsigned length, float scale) {
  constexpr unsigned kWidth = 128;
  CX_SHARED float keys[kPlainKeys][kWidth], values[kPlainKeys][kWidth];
  const std::size_t head = std::size_t{blockIdx.y} * length * kWidth;
  const std::size_t own = head + (std::size_t{blockIdx.x} * kPlainThreads + threadIdx.x) * kWidth;
  float sums[kWidth] = {}, most = -1e30f, sum = 0;
  for (unsigned from = 0; from < length; from += kPlainKeys) {
    CX_BARRIER(14);  // before these keys overwrite the last ones
    for (unsigned i = threadIdx.x; i < kPlainKeys * kWidth; i += kPlainThreads) {
      keys[i / kWidth][i % kWidth] = cx::to_float(k[head + std::size_t{from} * kWidth + i]);
      values[i / kWidth][i % kWidth] = cx::to_float(v[head + std::size_t{from} * kWidth + i]);
    }
    CX_BARRIER(15);
    for (unsigned key = 0; key < kPlainKeys; ++key) {
      float weight = 0;
      for (unsigned i = 0; i < kWidth; ++i) weight += cx::to_float(q[own + i]) * keys[key][i];
      const float larger = fmaxf(most, weight), shrink = exp2f((most - larger) * scale);
      const float share = exp2f((weight - larger) * scale);
      most = larger;
      sum = sum * shrink + share;
      for (unsigned i = 0; i < kWidth; ++i) sums[i] = sums[i] * shrink + share * values[key][i];
    }
  }
  for (unsigned i = 0; i < kWidth; ++i) out[own + i] = sums[i] / sum;
}

}  // namespace attn
