// The pull of all sources on each target: a block's threads fetch a tile of sources together and each uses all of it.
#pragma once
#include "cuda/common/device.hpp"

#if !defined(__CUDACC__)
#include <cmath>
#endif

namespace nbody {

inline constexpr unsigned kTile = 128;  // threads of a block, and sources of a tile

// `places` and `pulls`: x of all, y of all, z of all, then masses, potentials. Both counts are multiples of kTile.
template <typename Real>
CX_GLOBAL void pull(Real* pulls, const Real* targets, unsigned count, const Real* sources, unsigned others, Real softening) {
  CX_SHARED Real tile[4][kTile];
  const unsigned i = blockIdx.x * kTile + threadIdx.x;
  const Real x = targets[i], y = targets[count + i], z = targets[2 * count + i];
  Real ax = 0, ay = 0, az = 0, potential = 0;
  for (unsigned first = 0; first < others; first += kTile) {
    for (unsigned axis = 0; axis < 4; ++axis) tile[axis][threadIdx.x] = sources[axis * others + first + threadIdx.x];
    CX_BARRIER(4);
    for (unsigned j = 0; j < kTile; ++j) {
      const Real dx = tile[0][j] - x, dy = tile[1][j] - y, dz = tile[2][j] - z;
      const Real inverse = Real(1) / sqrt(((dx * dx + dy * dy) + dz * dz) + softening * softening);
      const Real mass = tile[3][j] * inverse, strength = mass * (inverse * inverse);
      ax += strength * dx;
      ay += strength * dy;
      az += strength * dz;
      potential -= mass;
    }
    CX_BARRIER(5);  // before the next tile overwrites this one
  }
  pulls[i] = ax;
  pulls[count + i] = ay;
  pulls[2 * count + i] = az;
  pulls[3 * count + i] = potential;
}

}  // namespace nbody
