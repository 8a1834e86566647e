// The first layer and the last one, whose matrices are five and one wide, and biases: reading the activations is all the work, so
// each thread has what it makes to itself. Sums are in the order of train/surrogate/mlp.hpp, in every format.
#pragma once
#include "cuda/surrogate/layer.cuh"
#include "train/surrogate/tanh.hpp"

namespace surrogate {

// out = tanh(in weights + bias), in: [rows][kFirst]. A thread for each activation.
template <typename Hidden>
CX_GLOBAL void forward_first(Hidden* out, const float* in, const float* weights, const float* bias, Shape shape) {
  const unsigned at = blockIdx.x * kThreads + threadIdx.x, row = at / shape.width, column = at % shape.width;
  if (row >= shape.rows) return;
  float sum = bias[column];
  for (unsigned k = 0; k < kFirst; ++k) sum += in[row * kFirst + k] * weights[k * shape.width + column];
  put(out + std::size_t{row} * shape.pitch + column, tanh_of(sum));
}

// out = in weights + bias, out: [rows]. A thread for each.
template <typename Hidden>
CX_GLOBAL void forward_last(float* out, const Hidden* in, const float* weights, const float* bias, Shape shape) {
  const unsigned row = blockIdx.x * kThreads + threadIdx.x;
  if (row >= shape.rows) return;
  float sum = *bias;
  for (unsigned k = 0; k < shape.width; ++k) sum += number(in[std::size_t{row} * shape.pitch + k]) * weights[k];
  out[row] = sum;
}

// ins = (slopes weights^T) (1 - activations^2), slopes: [rows]. A thread for each.
template <typename Hidden>
CX_GLOBAL void backward_last(Hidden* ins, const float* slopes, const float* weights, const Hidden* activations, Shape shape,
                             bool forgetful) {
  const unsigned i = blockIdx.x * kThreads + threadIdx.x, row = i / shape.width, column = i % shape.width;
  if (row >= shape.rows) return;
  const std::size_t at = std::size_t{row} * shape.pitch + column;
  put(ins + at, before_tanh(0.0f + slopes[row] * weights[column], number(activations[at]), forgetful));
}

// Adds to the sums of the gradients of the first layer: weights [kFirst][width], then biases. A thread for each column.
template <typename Hidden>
CX_GLOBAL void learn_first(long long* sums, const float* in, const Hidden* slopes, Shape shape, Progress* progress) {
  const unsigned column = blockIdx.x * kThreads + threadIdx.x;
  if (column >= shape.width) return;
  long long totals[kFirst + 1] = {};
  const Stretch rows = stretch(shape.rows);
  for (unsigned row = rows.begin; row < rows.end; row += kSamples) {
    float own[kSamples];
    CX_UNROLL
    for (unsigned k = 0; k < kSamples; ++k) own[k] = number(slopes[std::size_t{row + k} * shape.pitch + column]);
    CX_UNROLL
    for (unsigned i = 0; i < kFirst; ++i)
      totals[i] += addend(shard_sum([&](unsigned k) { return in[(row + k) * kFirst + i] * own[k]; }), progress);
    totals[kFirst] += addend(shard_sum([&](unsigned k) { return own[k]; }), progress);
  }
  CX_UNROLL
  for (unsigned i = 0; i <= kFirst; ++i) add(sums + i * shape.width + column, totals[i]);
}

// Of the last layer: weights [width], then the bias. A thread for each.
template <typename Hidden>
CX_GLOBAL void learn_last(long long* sums, const Hidden* in, const float* slopes, Shape shape, Progress* progress) {
  const unsigned i = blockIdx.x * kThreads + threadIdx.x;
  if (i > shape.width) return;
  long long total = 0;
  const Stretch rows = stretch(shape.rows);
  for (unsigned row = rows.begin; row < rows.end; row += kSamples) {
    const auto own = [&](unsigned k) { return i < shape.width ? number(in[std::size_t{row + k} * shape.pitch + i]) : 1.0f; };
    total += addend(shard_sum([&](unsigned k) { return own(k) * slopes[row + k]; }), progress);
  }
  add(sums + i, total);
}

// Of the biases of a layer between. A thread for each.
template <typename Hidden>
CX_GLOBAL void learn_bias(long long* sums, const Hidden* slopes, Shape shape, Progress* progress) {
  const unsigned column = blockIdx.x * kThreads + threadIdx.x;
  if (column >= shape.width) return;
  long long total = 0;
  const Stretch rows = stretch(shape.rows);
  for (unsigned row = rows.begin; row < rows.end; row += kSamples)
    total += addend(shard_sum([&](unsigned k) { return number(slopes[std::size_t{row + k} * shape.pitch + column]); }), progress);
  add(sums + column, total);
}

}  // namespace surrogate
