// What the kernels of surrogate share: the shape of the hidden layers, numbers in two formats, and sums that do not depend on
// their order.
#pragma once
#include "cuda/common/matrix.cuh"
#include "train/surrogate/adam.hpp"
#include "train/surrogate/fixed.hpp"

namespace surrogate {

// Of this rank's part of a batch. Activations of a hidden layer are [rows][width], their rows `pitch` numbers apart. Weights
// are [inputs][outputs], without gaps.
struct Shape {
  unsigned rows, width, pitch;
};

// Where the training stands; lies on the GPU.
struct Progress {
  Pace pace;
  unsigned long long step;  // steps done
  long long loss;           // of the last one, in units
  int diverged;             // whether an addend left the range
};

inline constexpr unsigned kThreads = 256;
inline constexpr unsigned kFirst = 5;     // inputs of the first layer
inline constexpr unsigned kSamples = 16;  // config's kShard: sums over so many are of floats, in order

CX_DEVICE float number(float value) {
  return value;
}
CX_DEVICE float number(cx::Bf16 value) {
  return cx::to_float(value);
}
CX_DEVICE void put(float* to, float value) {
  *to = value;
}
CX_DEVICE void put(cx::Bf16* to, float value) {
  *to = cx::to_bf16(value);
}

// The loss's derivative before a tanh that made `a`, from the one after it. The wrong twin is forgetful.
CX_DEVICE float before_tanh(float slope, float a, bool forgetful) {
  return forgetful ? slope : slope * (1 - a * a);
}

// Adds to what others add to as well.
CX_DEVICE void add(long long* sum, long long value) {
#if defined(__CUDACC__)
  atomicAdd(reinterpret_cast<unsigned long long*>(sum), static_cast<unsigned long long>(value));
#else
  __atomic_fetch_add(sum, value, __ATOMIC_RELAXED);
#endif
}

CX_DEVICE void set(int* flag) {
#if defined(__CUDACC__)
  atomicExch(flag, 1);
#else
  __atomic_store_n(flag, 1, __ATOMIC_RELAXED);
#endif
}

// In units; 0 and a word to the host for what does not fit.
template <typename Real>
CX_DEVICE long long addend(Real value, Progress* progress) {
  if (fits(value)) return units(value);
  set(&progress->diverged);
  return 0;
}

// A shard's sum of term(k), in the order in which the CPU takes it.
template <typename Term>
CX_DEVICE float shard_sum(Term term) {
  float sum = 0;
  CX_UNROLL
  for (unsigned k = 0; k < kSamples; k += 4) sum += (term(k) + term(k + 1)) + (term(k + 2) + term(k + 3));
  return sum;
}

// This block's part of the samples, in whole shards: blocks of the grid's third dimension share them.
struct Stretch {
  unsigned begin, end;
};
CX_DEVICE Stretch stretch(unsigned rows) {
  const unsigned shards = rows / kSamples;
  return {shards * blockIdx.z / gridDim.z * kSamples, shards * (blockIdx.z + 1) / gridDim.z * kSamples};
}

}  // namespace surrogate
