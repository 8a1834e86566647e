// What the user asks of heat, checked as far as it can be before MPI starts.
#pragma once
#include <cmath>
#include <cstdio>
#include <string>
#include <vector>

#include "common/args.hpp"
#include "common/backend.hpp"
#include "common/checkpoints.hpp"
#include "common/wrong.hpp"
#include "mpi/heat/decomposition.hpp"
#include "mpi/heat/modes.hpp"

namespace heat {

struct Config {
  long long n = 64, steps = 400, repeat = 1, snapshots = 8, stride = 4, ranks = 1;
  std::vector<double> alphas = {1.0};
  std::string dims, output;
  cx::CheckpointOptions checkpoints;
  cx::Backend backend;
  cx::Wrong wrong;
  bool roofline = false, plan = false, help = false;

  double alpha_max() const { return *std::max_element(alphas.begin(), alphas.end()); }
  double spacing() const { return 1.0 / static_cast<double>(n + 1); }
  // One time step for all diffusivities, so that their snapshots are of the same instants.
  double dt() const { return kCourant * spacing() * spacing() / alpha_max(); }
  double courant(double alpha) const { return kCourant * alpha / alpha_max(); }
};

inline void usage_error(const std::string& message) {
  throw cx::Failure(cx::kUsage, message);
}

inline cx::Args options(Config& config) {
  cx::Args args("heat",
                "heat: the 3D heat equation on the unit cube, explicit Jacobi steps, halo exchange by MPI.\n"
                "Checks itself against the exact solution of the discrete scheme.");
  args.integer("--n", config.n, 1, 8192, "interior grid points per axis");
  args.integer("--steps", config.steps, 1, 100'000'000, "time steps");
  args.positives("--alpha", config.alphas, "diffusivities, solved one after another");
  args.integer("--repeat", config.repeat, 1, 1'000'000, "solve everything this many times, for long measurements");
  args.text("--dims", config.dims, "XxYxZ", "how to divide the ranks; chosen for the least halo if not given");
  args.text("--output", config.output, "DIR", "write the data set DIR/heat.cxd for surrogate");
  args.integer("--snapshots", config.snapshots, 1, 65536,
               "fields per diffusivity in the data set; must divide --steps");
  args.integer("--stride", config.stride, 1, 8192, "keep every Nth point per axis in the data set; must divide --n");
  config.checkpoints.declare(args);
  config.backend.declare(args);
  args.flag("--roofline", config.roofline, "time stream's triad between the steps too, and report the share of it");
  args.flag("--plan", config.plan, "print the exact work as JSON and do nothing");
  args.integer("--ranks", config.ranks, 1, 1'000'000, "number of ranks, for --plan only");
  args.flag("--help", config.help, "this text");
  config.wrong.declare(args);  // halo | plane
  return args;
}

// Throws Failure(kUsage) for what is wrong whatever the number of ranks.
inline void check(const Config& config) {
  config.backend.check(config.roofline ? "--roofline" : nullptr);
  if (!config.output.empty()) {
    if (config.n % config.stride)
      usage_error("--stride " + std::to_string(config.stride) + " does not divide --n " + std::to_string(config.n));
    if (config.steps % config.snapshots)
      usage_error("--snapshots " + std::to_string(config.snapshots) + " does not divide --steps " +
                  std::to_string(config.steps));
  }
  if (config.alphas.size() > 65536) usage_error("--alpha takes at most 65536 values");
  // Where the solution has decayed to nothing, so has the meaning of a relative error.
  const double lowest =
      std::pow(decay(kModes[0], static_cast<int>(config.n), kCourant), static_cast<double>(config.steps));
  if (!(std::fabs(lowest) > 1e-100))
    usage_error("after " + std::to_string(config.steps) +
                " steps nothing is left of the solution; use --repeat for a longer run");
}

// Throws Failure(kUsage) when `ranks` cannot share the grid.
inline Triple decompose(const Config& config, int ranks) {
  const int n = static_cast<int>(config.n);
  const std::string rank_text = std::to_string(ranks), n_text = std::to_string(n);
  if (config.dims.empty()) {
    const Triple dims = best_dims(n, ranks);
    if (dims[0] == 0) usage_error(rank_text + " ranks do not fit a grid of " + n_text + " points per axis");
    return dims;
  }
  Triple dims{};
  char rest = 0;
  if (std::sscanf(config.dims.c_str(), "%dx%dx%d%c", &dims[0], &dims[1], &dims[2], &rest) != 3)
    usage_error("--dims must look like 2x2x1, not \"" + config.dims + "\"");
  for (const int parts : dims)
    if (parts < 1 || parts > n)
      usage_error("--dims " + config.dims + " does not fit a grid of " + n_text + " points per axis");
  if (static_cast<double>(dims[0]) * dims[1] * dims[2] != ranks)
    usage_error("--dims " + config.dims + " is not " + rank_text + " ranks");
  return dims;
}

inline void check_ranks(const Config& config, long long ranks) { decompose(config, static_cast<int>(ranks)); }

}  // namespace heat
