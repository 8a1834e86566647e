// Training on a GPU: cuda/surrogate/device.cu. Weights, moments, gradients and the data set stay there.
#pragma once
#include <memory>

#include "train/surrogate/engine.hpp"
#include "train/surrogate/plan.hpp"
#include "train/surrogate/samples.hpp"

namespace surrogate {

// What a GPU is to train.
struct Task {
  std::vector<int> sizes;  // of the layers
  bool half;                              // products between hidden layers in bf16
  std::size_t batch, first, rows, shard;  // of each batch: its `rows` samples from `first` on, in whole shards
  std::uint64_t seed;
  double rate, steps;
  bool forgetful;  // the wrong twin: backward without the derivative of tanh
};

// Columns of a matrix in bf16 are padded to a multiple of it, as whole tiles need.
inline constexpr std::size_t kHalfUnit = 128;

class Device : public Engine {
 public:
  // The gradient of the next step's first shard of kShard samples alone, by all the code that a step takes.
  virtual void first_shard(Sums& sums) = 0;
};

// Throws LoneFailure(kNoDevice).
std::unique_ptr<Device> make_device(const Task& task, const Tables& tables);

// Bytes of the GPU's memory that it takes.
inline double device_bytes(const Task& task, const Tables& tables) {
  const auto width = static_cast<std::size_t>(task.sizes[1]), hidden = task.sizes.size() - 2;
  const std::size_t pitch = task.half ? (width + kHalfUnit - 1) / kHalfUnit * kHalfUnit : width;
  const std::size_t element = task.half ? 2 : 4;
  const std::size_t per_sample = 4 * (kInputs + 3) + 2 * hidden * pitch * element;
  std::size_t bytes = parameter_count(task.sizes) * (4 + 8 + 8 + 8) + task.rows * per_sample;
  if (task.half) bytes += (hidden - 1) * pitch * pitch * 2;
  bytes += 4 * (tables.learned.values.size() + tables.held.values.size());
  return static_cast<double>(bytes);
}

}  // namespace surrogate
