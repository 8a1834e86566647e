// The trained network as a file, surrogate.cxm, little-endian:
//   "CXMLP1\n\0", u32 layers, u32 sizes[layers], f64 t_end, diffusivity low, high, output mean, spread,
//   f32 parameters (per layer: weights [input][output], then biases), u64 checksum of all before it
// Inputs: 2 x - 1 per coordinate in [0, 1], 2 t / t_end - 1, 2 (a - low) / (high - low) - 1 (0 if they are equal).
#pragma once
#include <cstdint>
#include <string>
#include <vector>

#include "common/files.hpp"
#include "common/hash.hpp"
#include "train/surrogate/samples.hpp"

namespace surrogate {

// Throws Failure(kNoData) if it cannot be written.
inline void write_model(const std::string& directory, const std::vector<int>& sizes,
                        const std::vector<float>& parameters, const Samples& samples, double t_end) {
  std::string bytes("CXMLP1\n\0", 8);
  const auto append = [&bytes](const auto& value) {
    bytes.append(reinterpret_cast<const char*>(&value), sizeof value);
  };
  append(static_cast<std::uint32_t>(sizes.size()));
  for (const int size : sizes) append(static_cast<std::uint32_t>(size));
  for (const double figure : {t_end, samples.low(), samples.high(), samples.mean(), samples.spread()}) append(figure);
  bytes.append(reinterpret_cast<const char*>(parameters.data()), parameters.size() * sizeof(float));
  cx::Checksum checksum;
  checksum.add(bytes.data(), bytes.size());
  append(checksum.value());
  cx::make_directory(directory);
  cx::write_file(directory + "/surrogate.cxm", bytes);
}

}  // namespace surrogate
