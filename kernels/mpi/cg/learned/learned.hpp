// What a run learns before it solves: functions of one axis whose products make the coarse space, what the matrix is between
// them, and the gains of the initial guess. Rank 0 learns and tells the others, so that all have the same bits.
#pragma once
#include <mpi.h>
#include <cstddef>
#include <vector>

#include "common/timer.hpp"
#include "mpi/cg/config.hpp"
#include "mpi/cg/learned/functions.hpp"
#include "mpi/cg/learned/gains.hpp"
#include "mpi/cg/learned/trunk.hpp"
#include "mpi/common/world.hpp"

namespace cg {

struct Learned {
  Functions functions;           // orthonormal, on the run's axis
  std::vector<double> galerkin;  // 1 / (w' A w) of each product w of three; other entries of W' A W are 0
  std::vector<double> gains;     // the guess network's for the same; empty without a guess
  double seconds = 0;
};

inline double learning_flops(const Config& config) {
  if (!learns(config)) return 0;
  const int m = static_cast<int>(config.basis);
  const double guess = config.guesses() ? Gains::flops(m, config.learning) : 0;
  return Trunk::flops(m, config.learning, static_cast<int>(config.n)) + guess;
}

namespace detail {

inline void learn_here(const Config& config, Learned& learned) {
  Trunk trunk(static_cast<int>(config.basis), config.learning);
  trunk.train();
  const auto turned = [&](int points, std::vector<double>& rough) {
    Functions f = trunk.evaluate(points);
    orthonormalise(f);
    rough = turn_to_ritz(f);
    return f;
  };
  std::vector<double> rough;
  learned.functions = turned(static_cast<int>(config.n), rough);
  // A is 27 less the product of three one-dimensional sums of neighbours, 3 - roughness each, which the turned functions make
  // diagonal: so is W' A W, and Galerkin's coarse problem needs no factorisation.
  learned.galerkin.clear();
  for (const double c : rough)
    for (const double b : rough)
      for (const double a : rough) learned.galerkin.push_back(1 / (27 - (3 - a) * (3 - b) * (3 - c)));
  if (!config.guesses()) return;
  Gains gains(config.learning);
  std::vector<double> small;
  const Functions on_small = turned(Gains::grid(static_cast<int>(config.basis)), small);
  gains.train(on_small, small);
  learned.gains = gains.of(rough);
}

}  // namespace detail

// Collective.
inline Learned learn(const Config& config, const cx::World& world) {
  const double begun = cx::now();
  Learned learned;
  const auto m = static_cast<std::size_t>(config.basis);
  learned.functions = Functions(static_cast<int>(config.basis), static_cast<int>(config.n));
  learned.galerkin.resize(m * m * m);
  learned.gains.resize(config.guesses() ? m * m * m : 0);
  cx::on_rank_0(world, [&] { detail::learn_here(config, learned); });
  for (std::vector<double>* values : {&learned.functions.values, &learned.galerkin, &learned.gains})
    MPI_Bcast(values->data(), static_cast<int>(values->size()), MPI_DOUBLE, 0, MPI_COMM_WORLD);
  learned.seconds = cx::now() - begun;
  return learned;
}

}  // namespace cg
