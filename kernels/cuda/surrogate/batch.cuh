// The two ends of the network: a batch's samples, gathered from the data set that lies on the GPU, and the loss.
#pragma once
#include "cuda/surrogate/layer.cuh"
#include "train/surrogate/shuffle.hpp"

namespace surrogate {

// Fields to learn from, or held out: see Tables.
struct Data {
  const float *axis, *facts, *values;
  unsigned long long count;  // of samples
  unsigned points, per_field;
};

// Sample `row` of this rank's part of the next batch.
struct Shuffled {
  const Progress* progress;
  unsigned long long batch, first, seed;
  CX_DEVICE unsigned long long operator()(unsigned row, unsigned long long count) const {
    return shuffled(progress->step * batch + first + row, seed, count);
  }
};

// From `first` on; after the last one the last again.
struct InOrder {
  unsigned long long first;
  CX_DEVICE unsigned long long operator()(unsigned row, unsigned long long count) const {
    const unsigned long long index = first + row;
    return index < count ? index : count - 1;
  }
};

// inputs[rows][kFirst] and wanted[rows]. A thread for each sample.
template <typename Pick>
CX_GLOBAL void gather_batch(float* inputs, float* wanted, Data data, Pick pick, unsigned rows) {
  const unsigned row = blockIdx.x * kThreads + threadIdx.x;
  if (row >= rows) return;
  const unsigned long long index = pick(row, data.count), field = index / data.per_field;
  const auto point = static_cast<unsigned>(index % data.per_field);
  float* const input = inputs + std::size_t{row} * kFirst;
  input[0] = data.axis[point % data.points];
  input[1] = data.axis[point / data.points % data.points];
  input[2] = data.axis[point / data.points / data.points];
  input[3] = data.facts[2 * field];
  input[4] = data.facts[2 * field + 1];
  wanted[row] = data.values[index];
}

// The loss's derivatives by the outputs, and its sum; the samples from `counted` on count nothing. A thread for each shard.
CX_GLOBAL void lose(long long* sum, float* slopes, const float* outputs, const float* wanted, unsigned rows, unsigned counted,
                    Progress* progress) {
  const unsigned first = (blockIdx.x * kThreads + threadIdx.x) * kSamples;
  if (first >= rows) return;
  double loss = 0;
  for (unsigned row = first; row < first + kSamples; ++row) {
    const float error = outputs[row] - wanted[row];
    slopes[row] = row < counted ? error : 0;
    if (row < counted) loss += 0.5 * static_cast<double>(error) * static_cast<double>(error);
  }
  add(sum, addend(loss, progress));
}

}  // namespace surrogate
