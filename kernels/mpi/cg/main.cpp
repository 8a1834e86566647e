// cg: preconditioned conjugate gradients. See README.md next to this file.
#include "mpi/cg/plan.hpp"
#include "mpi/cg/run.hpp"
#include "mpi/common/program.hpp"

namespace {

cx::Exit run(const cg::Config& config, const cx::World& world, double started) {
  return cg::Run(config, world, started).all();
}

}  // namespace

int main(int argc, char** argv) {
  return cx::Frame<cg::Config>("cg", run).main(argc, argv);
}
