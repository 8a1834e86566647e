// What the user asks of gemm, and the work of a run from its arguments alone.
#pragma once
#include <string>

#include "common/args.hpp"
#include "common/work.hpp"
#include "common/wrong.hpp"
#include "mpi/gemm/multiply.hpp"

namespace gemm {

struct Config {
  long long n = 1024, rounds = 5, ranks = 1;
  std::string dtype = "fp64";
  bool plan = false, help = false;
  cx::Wrong wrong;

  double element() const { return dtype == "fp32" ? 4 : 8; }
};

inline cx::Args options(Config& config) {
  cx::Args args("gemm",
                "gemm: the product of two random square matrices; ranks share the rows of the first, and each has the second.\n"
                "Checks whole rows against a product in higher precision.");
  args.integer("--n", config.n, kUnit, 131'072, "rows and columns; a multiple of 64");
  args.integer("--rounds", config.rounds, 1, 1'000'000, "products; the best counts");
  args.text("--dtype", config.dtype, "TYPE", "fp64 or fp32");
  args.flag("--plan", config.plan, "print the exact work as JSON and do nothing");
  args.integer("--ranks", config.ranks, 1, 1'000'000, "number of ranks, for --plan only");
  args.flag("--help", config.help, "this text");
  config.wrong.declare(args);  // depth | row
  return args;
}

inline void usage_error(const std::string& message) {
  throw cx::Failure(cx::kUsage, message);
}

inline void check(const Config& config) {
  if (config.n % kUnit) usage_error("--n " + std::to_string(config.n) + " is not a multiple of 64");
  if (config.dtype != "fp64" && config.dtype != "fp32") usage_error("--dtype must be fp64 or fp32, not \"" + config.dtype + "\"");
}

// Throws Failure(kUsage) when `ranks` cannot share the rows.
inline void check_ranks(const Config& config, long long ranks) {
  if (ranks > config.n / kUnit)
    usage_error(std::to_string(ranks) + " ranks do not fit --n " + std::to_string(config.n) + ": each takes at least 64 rows");
}

// Main memory at best: each rank reads its rows and all of the second matrix, and writes its rows of the product.
inline cx::Work planned(const Config& config) {
  check_ranks(config, config.ranks);
  cx::Work work;
  const double n = static_cast<double>(config.n), rounds = static_cast<double>(config.rounds);
  work.flops = 2 * n * n * n * rounds;
  work.bytes_hbm = config.element() * n * n * (2 + static_cast<double>(config.ranks)) * rounds;
  return work;
}

}  // namespace gemm
