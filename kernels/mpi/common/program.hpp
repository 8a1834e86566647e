// The frame of every MPI program here: arguments, --help, --plan, MPI's start and end, and one voice for failures.
#pragma once
#include <mpi.h>

#include <cstdio>
#include <cstdlib>
#include <new>

#include "common/args.hpp"
#include "common/signals.hpp"
#include "common/timer.hpp"
#include "mpi/common/world.hpp"

namespace cx {

inline bool speaks() {
  const char* rank = launched_rank();
  return !rank || std::atoi(rank) == 0;
}

// `Program` has: Config (with plan, help and ranks), kName, options(Config&), check(Config), planned(Config) and
// run(Config, started), which is collective and whose failures are agreed on by all ranks.
template <typename Program>
class Frame {
 public:
  static int main(int argc, char** argv) {
    const double started = now();
    typename Program::Config config;
    try {
      Args args = Program::options(config);
      args.parse(argc, argv);
      if (config.help) return speaks() ? std::puts(args.help().c_str()), kOk : kOk;
      Program::check(config);
      if (config.plan) return plan(config);
    } catch (const Failure& failure) {
      return refuse(failure, argc, argv);
    }
    watch_signals();
    MPI_Init(&argc, &argv);
    return run(config, started);
  }

 private:
  using Config = typename Program::Config;

  static Exit plan(const Config& config) {
    Json json;
    json.object();
    Program::planned(config).write(json);
    if (speaks()) std::puts(json.end().str().c_str());
    return kOk;
  }

  // The first rank to leave with an error ends the others, so they leave together, after rank 0 has spoken.
  static int refuse(const Failure& failure, int& argc, char**& argv) {
    if (launched_rank()) MPI_Init(&argc, &argv);
    if (speaks()) std::fprintf(stderr, "%s: %s\n", Program::kName, failure.what());
    if (launched_rank()) MPI_Finalize();
    return failure.code();
  }

  static int run(const Config& config, double started) {
    int code = kOk, rank = 0;
    MPI_Comm_rank(MPI_COMM_WORLD, &rank);
    try {
      code = Program::run(config, started);
    } catch (const LoneFailure& failure) {
      std::fprintf(stderr, "%s: rank %d: %s\n", Program::kName, rank, failure.what());
      MPI_Abort(MPI_COMM_WORLD, failure.code());
    } catch (const Failure& failure) {
      if (speaks() && rank == 0) std::fprintf(stderr, "%s: %s\n", Program::kName, failure.what());
      code = failure.code();
    } catch (const std::bad_alloc&) {
      std::fprintf(stderr, "%s: out of memory on rank %d\n", Program::kName, rank);
      MPI_Abort(MPI_COMM_WORLD, kTooLarge);  // this rank alone knows: the others wait in a collective
    }
    MPI_Finalize();
    return code;
  }
};

}  // namespace cx
