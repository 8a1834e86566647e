// The pull of all sources on each target: a block's threads fetch a tile of sources together and each uses all of it.
#pragma once
#include "cuda/common/device.hpp"

#if !defined(__CUDACC__)
#include <cmath>
#endif

namespace nbody {

inline constexpr unsigned kTile = 256;  // threads of a block, and sources whose pull is summed in floating point, in order
inline constexpr double kUnits = 0x1p40;  // tiles are added in integers of 2^-40, whose order does not matter: as the CPU does

// 1 / sqrt(x): by IEEE's root and division, or the GPU's own estimate.
template <bool kApproximate>
CX_DEVICE float inverse_root(float x) {
#if defined(__CUDACC__)
  if (kApproximate) return rsqrtf(x);
#endif
  return 1.0f / sqrt(x);
}

// x + y * z: rounded twice as on the CPU, or once.
template <bool kApproximate>
CX_DEVICE float plus_product(float x, float y, float z) {
#if defined(__CUDACC__)
  if (kApproximate) return __fmaf_rn(y, z, x);
#endif
  return x + y * z;
}

// Adds to `pulls`: x of all, y of all, z of all, potentials. `targets` and `sources`: x, y, z and masses likewise. Both counts are
// multiples of kTile.
template <bool kApproximate>
CX_GLOBAL void pull(long long* pulls, const float* targets, unsigned count, const float* sources, unsigned others,
                    float softening) {
  CX_SHARED float tile[4][kTile];
  const unsigned i = blockIdx.x * kTile + threadIdx.x;
  const float x = targets[i], y = targets[count + i], z = targets[2 * count + i];
  long long sums[4] = {};
  for (unsigned first = 0; first < others; first += kTile) {
    for (unsigned axis = 0; axis < 4; ++axis) tile[axis][threadIdx.x] = sources[axis * others + first + threadIdx.x];
    CX_BARRIER(4);
    float ax = 0, ay = 0, az = 0, potential = 0;
    for (unsigned j = 0; j < kTile; ++j) {
      const float dx = tile[0][j] - x, dy = tile[1][j] - y, dz = tile[2][j] - z;
      const float squares = plus_product<kApproximate>(plus_product<kApproximate>(dx * dx, dy, dy), dz, dz);
      const float inverse = inverse_root<kApproximate>(squares + softening * softening);
      const float mass = tile[3][j] * inverse, strength = mass * (inverse * inverse);
      ax = plus_product<kApproximate>(ax, strength, dx);
      ay = plus_product<kApproximate>(ay, strength, dy);
      az = plus_product<kApproximate>(az, strength, dz);
      potential -= mass;
    }
    sums[0] += llrint(static_cast<double>(ax) * kUnits);
    sums[1] += llrint(static_cast<double>(ay) * kUnits);
    sums[2] += llrint(static_cast<double>(az) * kUnits);
    sums[3] += llrint(static_cast<double>(potential) * kUnits);
    CX_BARRIER(5);  // before the next tile overwrites this one
  }
  for (unsigned axis = 0; axis < 4; ++axis) pulls[axis * count + i] += sums[axis];
}

}  // namespace nbody
