// Is the solution right, and is it the same for every number of ranks?
#pragma once
#include <mpi.h>
#include <algorithm>
#include <cmath>
#include <cstdint>
#include <limits>
#include <string>

#include "common/hash.hpp"
#include "common/result.hpp"
#include "mpi/heat/solver.hpp"

namespace heat {

struct Verification {
  cx::Check check;
  std::string hash;  // of every cell's bits, whatever the decomposition
};

// Collective. Compares with the exact solution of the scheme after config.steps steps, relative to its largest value.
inline Verification verify(Solver& solver, const Config& config, const Box& box, double alpha, MPI_Comm comm) {
  solver.exact.set_step(config.courant(alpha), static_cast<double>(config.steps));
  double worst[2] = {0, 0};  // error, size
  std::uint64_t hash = 0;
  const Block& block = solver.fetch();
  const Triple n = block.size();
  for (int z = 0; z < n[2]; ++z)
    for (int y = 0; y < n[1]; ++y)
      for (int x = 0; x < n[0]; ++x) {
        const double value = block.at(x, y, z), wanted = solver.exact.at(x, y, z);
        const double error = std::fabs(value - wanted);
        // max() would pass over a NaN.
        worst[0] = std::isnan(error) ? std::numeric_limits<double>::infinity() : std::max(worst[0], error);
        worst[1] = std::max(worst[1], std::fabs(wanted));
        const auto global = [&](int axis, int i) { return static_cast<std::uint64_t>(box[axis].begin + i); };
        const auto size = static_cast<std::uint64_t>(config.n);
        hash += cx::cell_hash((global(2, z) * size + global(1, y)) * size + global(0, x), value);
      }
  MPI_Allreduce(MPI_IN_PLACE, worst, 2, MPI_DOUBLE, MPI_MAX, comm);
  MPI_Allreduce(MPI_IN_PLACE, &hash, 1, MPI_UINT64_T, MPI_SUM, comm);
  // Rounding: half a unit in the last place per operation and step, on values that decay with the solution.
  const double tolerance = 4 * std::numeric_limits<double>::epsilon() * (static_cast<double>(config.steps) + 16);
  return {{"max error relative to the exact discrete solution", worst[0] / worst[1], tolerance}, cx::hex(hash)};
}

}  // namespace heat
