// heat: the MPI reference workload. See README.md next to this file.
#include "mpi/common/program.hpp"
#include "mpi/heat/run.hpp"

namespace {

struct Program {
  using Config = heat::Config;
  static constexpr const char* kName = "heat";
  static cx::Args options(Config& config) { return heat::options(config); }
  static void check(const Config& config) { heat::check(config); }
  static cx::Work planned(const Config& config) {
    return heat::planned(config, heat::decompose(config, static_cast<int>(config.ranks)));
  }
  static cx::Exit run(const Config& config, double started) {
    const cx::World world = cx::survey();
    return heat::Run(config, world, started).all();
  }
};

}  // namespace

int main(int argc, char** argv) {
  return cx::Frame<Program>::main(argc, argv);
}
