// Which rank owns which cells: pure functions, so that --plan knows the same as the run, without MPI.
#pragma once
#include <limits>

#include "mpi/common/ranges.hpp"

namespace heat {

using cx::Box;
using cx::part;
using cx::Range;
using cx::Triple;

// Row-major ranks, x slowest, as MPI_Cart_create numbers them.
inline Triple coordinates(const Triple& dims, int rank) {
  return {rank / (dims[1] * dims[2]), rank / dims[2] % dims[1], rank % dims[2]};
}

inline Box box_of(int n, const Triple& dims, int rank) {
  const Triple at = coordinates(dims, rank);
  Box box;
  for (int axis = 0; axis < 3; ++axis) box[axis] = part(n, dims[axis], at[axis]);
  return box;
}

// The division of `ranks` into x * y * z with the least halo area, at most n along each axis; {0, 0, 0} if there is none.
// Unlike MPI_Dims_create it needs no MPI, and of equal areas it cuts z first: z faces are contiguous in memory.
inline Triple best_dims(int n, int ranks) {
  Triple best = {0, 0, 0};
  double least = std::numeric_limits<double>::infinity();
  for (int x = 1; x <= ranks && x <= n; ++x) {
    if (ranks % x) continue;
    for (int y = 1; y <= ranks / x && y <= n; ++y) {
      const int z = ranks / x / y;
      if (ranks / x % y || z > n) continue;
      const double cuts = x - 1.0 + (y - 1.0) + (z - 1.0);  // each cut plane is n * n cells, sent both ways
      if (cuts >= least) continue;
      least = cuts;
      best = {x, y, z};
    }
  }
  return best;
}

}  // namespace heat
