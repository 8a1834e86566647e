// Adam in one pass over gradient, moments and weights.
#pragma once
#include "cuda/surrogate/layer.cuh"

namespace surrogate {

// One thread: the step's rate and corrections, once for all parameters; the loss is put aside.
CX_GLOBAL void begin_step(Progress* progress, long long* loss, double rate, double steps) {
  progress->pace.begin_step(rate, steps);
  progress->step += 1;
  progress->loss = *loss;
  *loss = 0;
}

// The parameters of one layer from its first weight on.
struct Moments {
  float* values;
  double *mean, *square;
  long long* sums;  // of the gradient, in units; 0 afterwards, for the next step
};

// Weights and biases, and where `copy` is not null, the weights in bf16, whose rows begin `pitch` numbers apart. `share` is
// 1 / batch. A thread for each parameter.
CX_GLOBAL void adam(Moments of, const Progress* progress, unsigned ins, unsigned outs, cx::Bf16* copy, unsigned pitch,
                    double share) {
  const unsigned i = blockIdx.x * kThreads + threadIdx.x;
  if (i >= (ins + 1) * outs) return;
  const double gradient = from_fixed(of.sums[i]) * share;
  of.sums[i] = 0;
  double mean = of.mean[i], square = of.square[i];
  const float value = progress->pace.step(of.values[i], gradient, mean, square);
  of.mean[i] = mean;
  of.square[i] = square;
  of.values[i] = value;
  if (copy && i < ins * outs) copy[std::size_t{i / outs} * pitch + i % outs] = cx::to_bf16(value);
}

// The copy alone, of the weights between two hidden layers.
CX_GLOBAL void halve(cx::Bf16* copy, const float* weights, Shape shape) {
  const unsigned i = blockIdx.x * kThreads + threadIdx.x, row = i / shape.width;
  if (row < shape.width) copy[std::size_t{row} * shape.pitch + i % shape.width] = cx::to_bf16(weights[i]);
}

}  // namespace surrogate
