// What a training takes of main memory: asked before anything is read, because a killed container explains nothing.
#pragma once
#include <sys/stat.h>
#include <algorithm>
#include <string>

#include "common/memory.hpp"
#include "train/surrogate/plan.hpp"

namespace surrogate {

// Bytes for each parameter. A step has weights, those transposed, and their gradient (4 each), two moments (16), and sums (8).
// The end copies weights and moments (20) out of it, and the weights out of those. A checkpoint is there twice as it is written or
// read.
inline constexpr double kStepBytes = 36, kEndBytes = 24, kSavedBytes = 20;

// Of a rank's host, besides the data set. A GPU's host takes less, but not much.
inline double network_bytes(const Config& config, int ranks) {
  const std::vector<int> sizes = layer_sizes(config);
  const bool saved = !config.checkpoints.directory.empty();
  const double received = ranks > 1 ? (saved ? kSavedBytes : 8) / ranks : 0;
  const double each = kStepBytes + received + (saved ? 2 * kSavedBytes : kEndBytes);
  double neurons = 0;
  for (const int size : sizes) neurons += size;
  // Of every neuron what it says and its derivative, first in double precision.
  return each * static_cast<double>(parameter_count(sizes)) + 16 * kShard * neurons;
}

// Throws Failure(kTooLarge) where the network and the data set in `file` need more than there is. That one is read as bytes, and
// its fields are made from them: it is there twice, before there is a network; and twice again on the way to a GPU.
inline void check_memory(const Config& config, int ranks, const std::string& file) {
  struct stat info{};
  const double data = stat(file.c_str(), &info) == 0 ? static_cast<double>(info.st_size) : 0;
  const double beside = (config.backend.cuda() ? 2 : 1) * data + network_bytes(config, ranks);
  const double need = std::max(2 * data, beside), has = cx::available_memory();
  if (need > has) throw cx::too_large("node", need, has);
}

}  // namespace surrogate
