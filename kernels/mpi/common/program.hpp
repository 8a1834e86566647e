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

// `Config` holds help, plan and ranks. Beside it, in its namespace, stand options(Config&), check(const Config&),
// check_ranks(const Config&, ranks), which all throw Failure(kUsage), and planned(const Config&).
template <typename Config>
class Frame {
 public:
  // Collective: the work itself; on failure all ranks throw the same.
  using Run = Exit (*)(const Config& config, const World& world, double started);

  Frame(const char* name, Run work) : name_(name), run_(work) {}

  int main(int argc, char** argv) const {
    const double started = now();
    Config config;
    try {
      Args args = options(config);
      args.parse(argc, argv);
      if (config.help) return speaks() ? std::puts(args.help().c_str()), kOk : kOk;
      check(config);
      if (config.plan) return plan(config);
    } catch (const Failure& failure) {
      return refuse(failure, argc, argv);
    }
    watch_signals();
    MPI_Init(&argc, &argv);
    return run(config, started);
  }

 private:
  static Exit plan(const Config& config) {
    check_ranks(config, config.ranks);
    Json json;
    json.object();
    planned(config).write(json);
    if (speaks()) std::puts(json.end().str().c_str());
    return kOk;
  }

  // The first rank to leave with an error ends the others, so they leave together, after rank 0 has spoken.
  int refuse(const Failure& failure, int& argc, char**& argv) const {
    if (launched_rank()) MPI_Init(&argc, &argv);
    if (speaks()) std::fprintf(stderr, "%s: %s\n", name_, failure.what());
    if (launched_rank()) MPI_Finalize();
    return failure.code();
  }

  int run(const Config& config, double started) const {
    int code = kOk, rank = 0;
    MPI_Comm_rank(MPI_COMM_WORLD, &rank);
    try {
      const World world = survey();
      check_ranks(config, world.ranks);
      on_rank_0(world, [] { TerminationLog().check(); });
      code = run_(config, world, started);
    } catch (const LoneFailure& failure) {
      std::fprintf(stderr, "%s: rank %d: %s\n", name_, rank, failure.what());
      MPI_Abort(MPI_COMM_WORLD, failure.code());
    } catch (const Failure& failure) {
      if (speaks() && rank == 0) std::fprintf(stderr, "%s: %s\n", name_, failure.what());
      code = failure.code();
    } catch (const std::bad_alloc&) {
      std::fprintf(stderr, "%s: out of memory on rank %d\n", name_, rank);
      MPI_Abort(MPI_COMM_WORLD, kTooLarge);  // this rank alone knows: the others wait in a collective
    }
    MPI_Finalize();
    return code;
  }

  const char* name_;
  Run run_;
};

}  // namespace cx
