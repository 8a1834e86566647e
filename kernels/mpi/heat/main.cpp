// heat: the MPI reference workload. See README.md next to this file.
#include <mpi.h>

#include <cstdio>
#include <cstdlib>
#include <new>

#include "mpi/heat/run.hpp"

namespace heat {
namespace {

// The rank before MPI_Init, as the launcher tells it; null without a launcher.
const char* launched_as() {
  for (const char* name : {"OMPI_COMM_WORLD_RANK", "PMI_RANK", "PMIX_RANK"})
    if (const char* rank = std::getenv(name)) return rank;
  return nullptr;
}

bool speaks() {
  const char* rank = launched_as();
  return !rank || std::atoi(rank) == 0;
}

// The first rank to leave with an error ends the others, so they leave together, after rank 0 has spoken.
int refuse(const cx::Failure& failure, int& argc, char**& argv) {
  if (launched_as()) MPI_Init(&argc, &argv);
  if (speaks()) std::fprintf(stderr, "heat: %s\n", failure.what());
  if (launched_as()) MPI_Finalize();
  return failure.code();
}

int run_with_mpi(const Config& config, double started) {
  int code = cx::kOk;
  int rank = 0;
  MPI_Comm_rank(MPI_COMM_WORLD, &rank);
  try {
    code = Run(config, started).all();
  } catch (const cx::Failure& failure) {
    // Such failures are agreed on by all ranks, so leaving in order hangs nobody.
    if (rank == 0) std::fprintf(stderr, "heat: %s\n", failure.what());
    code = failure.code();
  } catch (const std::bad_alloc&) {
    std::fprintf(stderr, "heat: out of memory on rank %d\n", rank);
    MPI_Abort(MPI_COMM_WORLD, cx::kTooLarge);  // this rank alone knows: the others wait in a collective
  }
  MPI_Finalize();
  return code;
}

}  // namespace
}  // namespace heat

int main(int argc, char** argv) {
  const double started = cx::now();
  heat::Config config;
  try {
    cx::Args args = heat::options(config);
    args.parse(argc, argv);
    if (config.help) return heat::speaks() ? std::puts(args.help().c_str()), 0 : 0;
    heat::check(config);
    if (config.plan) {
      cx::Json json;
      json.object();
      heat::planned(config, heat::decompose(config, static_cast<int>(config.ranks))).write(json);
      if (heat::speaks()) std::puts(json.end().str().c_str());
      return cx::kOk;
    }
  } catch (const cx::Failure& failure) {
    return heat::refuse(failure, argc, argv);
  }
  cx::watch_sigterm();
  MPI_Init(&argc, &argv);
  return heat::run_with_mpi(config, started);
}
