// Are the forces right, is what must be conserved conserved, and do two bodies move as Newton says?
#pragma once
#include <mpi.h>
#include <algorithm>
#include <array>
#include <cmath>
#include <limits>
#include <string>
#include <vector>

#include "common/result.hpp"
#include "mpi/nbody/bodies.hpp"

namespace nbody {

// Energy, and the three components of momentum.
using Conserved = std::array<double, 4>;

// Collective. Of all bodies, with the pulls that belong to their places.
inline Conserved conserved(const Bodies& bodies) {
  Conserved sums{};
  const double self = 1 / static_cast<double>(kSoftening);  // a body's potential in its own field is in the sum
  for (int i = 0; i < bodies.count; ++i) {
    const double mass = static_cast<double>(bodies.at(bodies.places, 3, i));
    double squares = 0;
    for (int axis = 0; axis < 3; ++axis) {
      const double speed = static_cast<double>(bodies.at(bodies.speeds, axis, i));
      squares += speed * speed;
      sums[static_cast<std::size_t>(axis) + 1] += mass * speed;
    }
    sums[0] += mass * (squares + bodies.pull(3, i) + mass * self) / 2;
  }
  MPI_Allreduce(MPI_IN_PLACE, sums.data(), 4, MPI_DOUBLE, MPI_SUM, MPI_COMM_WORLD);
  return sums;
}

// Adds to `out` the pull of these bodies on a place, and the potential there, in double precision.
inline void add_exact(const Bodies& bodies, const double* place, double* out) {
  const double softening = static_cast<double>(kSoftening);
  for (int i = 0; i < bodies.count; ++i) {
    double d[3], squares = softening * softening;
    for (int axis = 0; axis < 3; ++axis) {
      d[axis] = static_cast<double>(bodies.at(bodies.places, axis, i)) - place[axis];
      squares += d[axis] * d[axis];
    }
    const double potential = static_cast<double>(bodies.at(bodies.places, 3, i)) / std::sqrt(squares);
    for (int axis = 0; axis < 3; ++axis) out[axis] += potential / squares * d[axis];
    out[3] -= potential;
  }
}

inline constexpr int kSamples = 32;

// Of every rank's bodies 32, from its first block to its last: on a GPU four of each of the eight warps that share a block, and
// one of each lane.
inline int sampled_body(int sample, int count) {
  const auto block = cx::spread(static_cast<std::size_t>(sample), kSamples, static_cast<std::size_t>(count / kBlock));
  return static_cast<int>(block) * kBlock + sample % 8 * 32 + sample;
}

// Collective. The pulls and potentials of sampled bodies against sums in double precision over the bodies of all ranks.
inline cx::Check forces(const Bodies& bodies, int rank, int ranks) {
  std::vector<double> own, at(static_cast<std::size_t>(3 * kSamples * ranks));
  for (int sample = 0; sample < kSamples; ++sample)
    for (int axis = 0; axis < 3; ++axis)
      own.push_back(static_cast<double>(bodies.at(bodies.places, axis, sampled_body(sample, bodies.count))));
  MPI_Allgather(own.data(), 3 * kSamples, MPI_DOUBLE, at.data(), 3 * kSamples, MPI_DOUBLE, MPI_COMM_WORLD);
  std::vector<double> wanted(at.size() / 3 * 4);
  for (std::size_t s = 0; s < at.size() / 3; ++s) add_exact(bodies, &at[3 * s], &wanted[4 * s]);
  MPI_Allreduce(MPI_IN_PLACE, wanted.data(), static_cast<int>(wanted.size()), MPI_DOUBLE, MPI_SUM, MPI_COMM_WORLD);
  double squares[2] = {};  // of the errors, and of what is wanted; each rank those of its own bodies
  for (int i = 0; i < 4 * kSamples; ++i) {
    const double right = wanted[static_cast<std::size_t>(4 * kSamples * rank + i)];
    squares[0] += std::pow(bodies.pull(i % 4, sampled_body(i / 4, bodies.count)) - right, 2);
    squares[1] += std::pow(right, 2);
  }
  MPI_Allreduce(MPI_IN_PLACE, squares, 2, MPI_DOUBLE, MPI_SUM, MPI_COMM_WORLD);
  return {"forces against double precision", std::sqrt(squares[0] / squares[1]), 1e-5};
}

// Two equal masses on a circle, a whole turn in 4096 steps of the same kernel: leapfrog's phase lags by (omega dt)^2 / 24 of a
// turn's angle, well below the tolerance; a wrong force law or softening is far above it.
inline cx::Check orbit(Config config) {
  config.n = kBlock;
  Bodies pair(config, {0, 1});
  std::fill(pair.places.begin(), pair.places.end(), 0.0f);
  std::fill(pair.speeds.begin(), pair.speeds.end(), 0.0f);
  const double softening = static_cast<double>(kSoftening);
  const double omega = std::sqrt(std::pow(1.0 + softening * softening, -1.5));  // masses of 1/2 at distance 1
  const double kTurn = 6.28318530717958647692, dt = kTurn / omega / 4096;
  for (const int i : {0, 1}) {
    pair.at(pair.places, 0, i) = i ? -0.5f : 0.5f;
    pair.at(pair.places, 3, i) = 0.5f;
    pair.at(pair.speeds, 1, i) = static_cast<float>((i ? -0.5 : 0.5) * omega);
  }
  const auto pulls = [&] {
    std::fill(pair.pulls.begin(), pair.pulls.end(), 0);
    const std::vector<float> sources = pair.places;
    pair.add(sources.data(), pair.count);
  };
  pulls();
  for (int step = 0; step < 4096; ++step) {
    pair.kick(dt / 2);
    pair.drift(dt);
    pulls();
    pair.kick(dt / 2);
  }
  const double x = static_cast<double>(pair.at(pair.places, 0, 0)) - 0.5, y = static_cast<double>(pair.at(pair.places, 1, 0));
  return {"distance from the start of two bodies after a turn", std::sqrt(x * x + y * y), 1e-3};
}

}  // namespace nbody
