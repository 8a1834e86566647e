// What the user asks of gemm, and the work of a run from its arguments alone.
#pragma once
#include <string>

#include "common/args.hpp"
#include "common/backend.hpp"
#include "common/work.hpp"
#include "common/wrong.hpp"
#include "mpi/gemm/multiply.hpp"

namespace gemm {

inline constexpr long long kMatrixUnit = 128;  // of a block of bf16

struct Config {
  long long n = 1024, rounds = 5, ranks = 1;
  std::string dtype = "fp64", path = "mma";
  cx::Backend backend;
  bool plan = false, help = false;
  cx::Wrong wrong;

  double element() const { return dtype == "fp64" ? 8 : 4; }
  bool bf16() const { return dtype == "bf16"; }
  double factor() const { return bf16() ? 2 : element(); }  // bytes of an element of A and B
};

inline cx::Args options(Config& config) {
  cx::Args args("gemm",
                "gemm: the product of two random square matrices; ranks share the rows of the first, and each has the second.\n"
                "Checks all of it by random signs, and sampled rows, against a product in higher precision.");
  args.integer("--n", config.n, kUnit, 131'072, "rows and columns; a multiple of 64");
  args.integer("--rounds", config.rounds, 1, 1'000'000, "products; the best counts");
  args.text("--dtype", config.dtype, "TYPE", "fp64 or fp32; with --backend cuda also bf16, summed in fp32");
  args.text("--path", config.path, "NAME", "of bf16: mma, wgmma (sm_90a only) or plain");
  config.backend.declare(args);
  args.flag("--plan", config.plan, "print the exact work as JSON and do nothing");
  args.integer("--ranks", config.ranks, 1, 1'000'000, "number of ranks, for --plan only");
  args.flag("--help", config.help, "this text");
  config.wrong.declare(args);  // depth | row | tile
  return args;
}

inline void usage_error(const std::string& message) {
  throw cx::Failure(cx::kUsage, message);
}

inline void check(const Config& config) {
  if (config.n % kUnit) usage_error("--n " + std::to_string(config.n) + " is not a multiple of 64");
  config.backend.check();
  if (config.path != "mma" && config.path != "wgmma" && config.path != "plain")
    usage_error("--path must be mma, wgmma or plain, not \"" + config.path + "\"");
  if (config.bf16() && config.backend.cuda()) {
    if (config.n % kMatrixUnit) usage_error("--n " + std::to_string(config.n) + " is not a multiple of 128, as bf16 needs");
    return;
  }
  if (config.dtype != "fp64" && config.dtype != "fp32")
    usage_error(config.bf16() ? "--dtype bf16 needs --backend cuda"
                              : "--dtype must be fp64 or fp32, not \"" + config.dtype + "\"");
}

// Rows are shared out in units of so many.
inline long long unit(const Config& config) {
  return config.bf16() ? kMatrixUnit : kUnit;
}

// Throws Failure(kUsage) when `ranks` cannot share the rows.
inline void check_ranks(const Config& config, long long ranks) {
  if (ranks > config.n / unit(config))
    usage_error(std::to_string(ranks) + " ranks do not fit --n " + std::to_string(config.n) + ": each takes at least " +
                std::to_string(unit(config)) + " rows");
}

// Main memory at best: each rank reads its rows and all of the second matrix, and writes its rows of the product.
inline cx::Work planned(const Config& config) {
  cx::Work work;
  const double n = static_cast<double>(config.n), rounds = static_cast<double>(config.rounds);
  work.flops = 2 * n * n * n * rounds;
  work.bytes_hbm = (config.factor() * (1 + static_cast<double>(config.ranks)) + config.element()) * n * n * rounds;
  return work;
}

}  // namespace gemm
