// heat: the MPI reference workload. See README.md next to this file.
#include "mpi/common/program.hpp"
#include "mpi/heat/run.hpp"

namespace {

cx::Exit run(const heat::Config& config, const cx::World& world, double started) {
  return heat::Run(config, world, started).all();
}

}  // namespace

int main(int argc, char** argv) {
  return cx::Frame<heat::Config>("heat", run).main(argc, argv);
}
