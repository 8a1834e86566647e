// What the user asks of nbody, and the work of a run from its arguments alone.
#pragma once
#include <string>

#include "common/args.hpp"
#include "common/backend.hpp"
#include "common/work.hpp"
#include "common/wrong.hpp"
#include "mpi/common/ranges.hpp"
#include "mpi/nbody/forces.hpp"

namespace nbody {

struct Config {
  long long n = 8192, steps = 10, ranks = 1;
  double dt = 0.001;
  cx::Backend backend;
  bool approximate = false, plan = false, help = false;
  cx::Wrong wrong;

  int blocks() const { return static_cast<int>(n / kBlock); }
};

inline cx::Args options(Config& config) {
  cx::Args args("nbody",
                "nbody: gravitation between all pairs of bodies in single precision, leapfrog steps; blocks of bodies travel\n"
                "around a ring of MPI ranks. Checks forces against double precision, energy, momentum and a known orbit.");
  args.integer("--n", config.n, kBlock, 16'777'216, "bodies; a multiple of 256");
  args.integer("--steps", config.steps, 1, 1'000'000, "time steps");
  args.positive("--dt", config.dt, "length of a time step");
  config.backend.declare(args);
  args.flag("--approximate", config.approximate, "with cuda: the GPU's estimate of the inverse root, faster, with other bits");
  args.flag("--plan", config.plan, "print the exact work as JSON and do nothing");
  args.integer("--ranks", config.ranks, 1, 65536, "number of ranks, for --plan only");
  args.flag("--help", config.help, "this text");
  config.wrong.declare(args);  // ring | mass | warp
  return args;
}

inline void check(const Config& config) {
  config.backend.check();
  if (config.approximate && !config.backend.cuda()) throw cx::Failure(cx::kUsage, "--approximate needs --backend cuda");
  if (config.n % kBlock)
    throw cx::Failure(cx::kUsage, "--n " + std::to_string(config.n) + " is not a multiple of 256");
}

// Throws Failure(kUsage) when `ranks` cannot share the bodies.
inline void check_ranks(const Config& config, long long ranks) {
  if (ranks > config.blocks())
    throw cx::Failure(cx::kUsage, std::to_string(ranks) + " ranks do not fit --n " + std::to_string(config.n) +
                                      ": each takes at least 256 bodies");
}

inline constexpr double kBytesPerBody = 16;  // three coordinates and a mass travel around the ring

// Forces are computed once before the first step and once in each.
inline cx::Work planned(const Config& config) {
  cx::Work work;
  const double n = static_cast<double>(config.n), rounds = static_cast<double>(config.steps + 1);
  const double ranks = static_cast<double>(config.ranks);
  work.flops = kFlops * n * n * rounds;
  work.bytes_hbm = (kBytesPerBody + 32) * n * rounds + kBytesPerBody * n * (ranks - 1) * rounds;
  work.bytes_net = kBytesPerBody * n * (ranks - 1) * rounds;
  work.msgs = ranks * (ranks - 1) * rounds;
  return work;
}

}  // namespace nbody
