// What the user asks of cg, checked as far as it can be before MPI starts.
#pragma once
#include <algorithm>
#include <string>

#include "common/args.hpp"
#include "common/backend.hpp"
#include "common/checkpoints.hpp"
#include "common/wrong.hpp"

namespace cg {

enum class Kind { kNone, kJacobi, kChebyshev, kMultigrid, kLearned };

struct Config {
  long long n = 64, iterations = 50, repeat = 1, degree = 3, basis = 8, learning = 500, ranks = 1;
  double tolerance = 0;
  std::string preconditioner = "none", guess = "zero", solution = "rough";
  cx::Backend backend;
  cx::CheckpointOptions checkpoints;
  cx::Wrong wrong;
  bool roofline = false, plan = false, help = false;

  Kind kind() const {
    if (preconditioner == "jacobi") return Kind::kJacobi;
    if (preconditioner == "chebyshev") return Kind::kChebyshev;
    if (preconditioner == "learned") return Kind::kLearned;
    return preconditioner == "multigrid" ? Kind::kMultigrid : Kind::kNone;
  }
  bool guesses() const { return guess == "learned"; }
  // Grids of multigrid, each half as fine as the one before: at most four, as in HPCG, and rows of whole cache lines.
  int levels() const {
    int levels = 1;
    for (long long size = n; kind() == Kind::kMultigrid && levels < 4 && size % 16 == 0; size /= 2) ++levels;
    return levels;
  }
  // Ranks own planes in such multiples, so that each owns planes of every grid.
  int unit() const { return 1 << (levels() - 1); }
};

inline cx::Args options(Config& config) {
  cx::Args args("cg",
                "cg: conjugate gradients on the 27-point Poisson matrix of HPCG, matrix-free, slabs of planes by MPI.\n"
                "Checks symmetry, the true residual, and the error against the solution that it was made from.");
  args.integer("--n", config.n, 8, 4096, "grid points per axis; a multiple of 8");
  args.text("--preconditioner", config.preconditioner, "NAME", "none, jacobi, chebyshev, multigrid or learned");
  args.integer("--iterations", config.iterations, 1, 1'000'000, "iterations; at most so many with --tolerance");
  args.positive("--tolerance", config.tolerance, "stop when the residual is so small relative to the right-hand side; 0: never");
  args.integer("--repeat", config.repeat, 1, 1'000'000, "solve so many times, for long measurements");
  args.integer("--degree", config.degree, 1, 16, "products with the matrix in the preconditioner chebyshev");
  args.text("--solution", config.solution, "NAME", "that the right-hand side is made from: rough or smooth");
  args.text("--guess", config.guess, "NAME", "the first solution: zero or learned");
  args.integer("--basis", config.basis, 4, 32, "learned functions per axis; a multiple of 4, at most half of --n");
  args.integer("--learning", config.learning, 1, 1'000'000, "steps of training for what is learned");
  config.backend.declare(args);
  config.checkpoints.declare(args);
  args.flag("--roofline", config.roofline, "time stream's triad between the iterations too, and report the share of it");
  args.flag("--plan", config.plan, "print the exact work as JSON and do nothing; not with --tolerance");
  args.integer("--ranks", config.ranks, 1, 1'000'000, "number of ranks, for --plan only");
  args.flag("--help", config.help, "this text");
  config.wrong.declare(args);  // halo | symmetry | operator
  return args;
}

// Whether something is learned before the solution.
inline bool learns(const Config& config) {
  return config.kind() == Kind::kLearned || config.guesses();
}

inline void usage_error(const std::string& message) {
  throw cx::Failure(cx::kUsage, message);
}

// Throws Failure(kUsage) for what is wrong whatever the number of ranks.
inline void check(const Config& config) {
  if (config.n % 8) usage_error("--n " + std::to_string(config.n) + " is not a multiple of 8");
  if (config.preconditioner != "none" && config.preconditioner != "jacobi" && config.preconditioner != "chebyshev" &&
      config.preconditioner != "multigrid" && config.preconditioner != "learned")
    usage_error("--preconditioner must be none, jacobi, chebyshev, multigrid or learned, not \"" + config.preconditioner + "\"");
  if (config.solution != "rough" && config.solution != "smooth")
    usage_error("--solution must be rough or smooth, not \"" + config.solution + "\"");
  if (config.guess != "zero" && config.guess != "learned")
    usage_error("--guess must be zero or learned, not \"" + config.guess + "\"");
  if (config.basis % 4 || (learns(config) && config.basis > config.n / 2))
    usage_error("--basis " + std::to_string(config.basis) + " must be a multiple of 4 and at most half of --n " +
                std::to_string(config.n));
  config.backend.check();
  if (config.plan && config.tolerance > 0)
    usage_error("--plan needs --iterations without --tolerance: how many a tolerance takes is known after the run only");
}

// Throws Failure(kUsage) when `ranks` cannot share the planes.
inline void check_ranks(const Config& config, long long ranks) {
  if (ranks > config.n / config.unit())
    usage_error(std::to_string(ranks) + " ranks do not fit --n " + std::to_string(config.n) + ": each takes at least " +
                std::to_string(config.unit()) + " of its planes");
}

}  // namespace cg
