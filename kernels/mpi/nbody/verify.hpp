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

// Collective. The pulls on a few bodies of rank 0 against a sum in double precision over the bodies of all ranks.
inline cx::Check forces(const Bodies& bodies, int rank) {
  constexpr int kSamples = 8;
  double at[kSamples][3] = {}, wanted[kSamples][3] = {};
  const auto sample = [&](int s) { return s * (bodies.count / kSamples); };
  for (int s = 0; s < kSamples && rank == 0; ++s)
    for (int axis = 0; axis < 3; ++axis) at[s][axis] = static_cast<double>(bodies.at(bodies.places, axis, sample(s)));
  MPI_Bcast(at, 3 * kSamples, MPI_DOUBLE, 0, MPI_COMM_WORLD);
  const double softening = static_cast<double>(kSoftening);
  for (int s = 0; s < kSamples; ++s)
    for (int i = 0; i < bodies.count; ++i) {
      double d[3], squares = softening * softening;
      for (int axis = 0; axis < 3; ++axis) {
        d[axis] = static_cast<double>(bodies.at(bodies.places, axis, i)) - at[s][axis];
        squares += d[axis] * d[axis];
      }
      const double strength = static_cast<double>(bodies.at(bodies.places, 3, i)) / (squares * std::sqrt(squares));
      for (int axis = 0; axis < 3; ++axis) wanted[s][axis] += strength * d[axis];
    }
  MPI_Allreduce(MPI_IN_PLACE, wanted, 3 * kSamples, MPI_DOUBLE, MPI_SUM, MPI_COMM_WORLD);
  double error = 0, size = 0;
  for (int s = 0; s < kSamples && rank == 0; ++s)
    for (int axis = 0; axis < 3; ++axis) {
      error += std::pow(bodies.pull(axis, sample(s)) - wanted[s][axis], 2);
      size += std::pow(wanted[s][axis], 2);
    }
  double relative = rank == 0 ? std::sqrt(error / size) : 0;
  MPI_Bcast(&relative, 1, MPI_DOUBLE, 0, MPI_COMM_WORLD);
  return {"forces against double precision", relative, 1e-5};
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
