// The work of the training, from the arguments alone. Not in it: validation and the self-checks.
#pragma once
#include "common/work.hpp"
#include "train/surrogate/mlp.hpp"

namespace surrogate {

inline constexpr double kSampleBytes = 4;  // one value of a field; its coordinates are computed

inline std::size_t parameter_count(const std::vector<int>& sizes) {
  std::size_t count = 0;
  for (std::size_t l = 0; l + 1 < sizes.size(); ++l)
    count += (static_cast<std::size_t>(sizes[l]) + 1) * static_cast<std::size_t>(sizes[l + 1]);
  return count;
}

// Gradient, two moments and weights, each read and written once; of the weights between hidden layers a copy in bf16 too.
inline double update_bytes(const Config& config) {
  const double copied = config.half() ? static_cast<double>((config.depth - 1) * config.width * config.width) : 0;
  return static_cast<double>(parameter_count(layer_sizes(config))) * 2 * (8 + 8 + 8 + 4) + copied * 2;
}

inline cx::Work planned(const Config& config, int ranks) {
  const std::vector<int> sizes = layer_sizes(config);
  const std::size_t parameters = parameter_count(sizes);
  const double steps = static_cast<double>(config.steps), samples = steps * static_cast<double>(config.batch);
  cx::Work work;
  work.flops = samples * Mlp<float>::flops(sizes, true);
  work.bytes_hbm = samples * kSampleBytes + steps * update_bytes(config);
  if (ranks == 1) return work;
  // Each of the 2 (N - 1) rounds moves every piece of the vector (gradients, loss, stop) once.
  const double rounds = steps * 2 * (ranks - 1.0), length = static_cast<double>(parameters) + 2;
  work.bytes_net = rounds * 8 * length;
  work.msgs = rounds * std::min<double>(ranks, length);
  return work;
}

}  // namespace surrogate
