// One rank's planes of a grid. Ranks own slabs along z: their halos are whole planes, contiguous in memory, and every plane's
// sum is one rank's, so that sums over planes are the same bits for every number of ranks.
#pragma once
#include <mpi.h>
#include <cstddef>
#include <vector>

#include "mpi/cg/passes.hpp"
#include "mpi/common/ranges.hpp"

namespace cg {

struct Slab {
  int n = 0;  // cells along each axis
  cx::Range planes;
  Layout layout;
  int below = MPI_PROC_NULL, above = MPI_PROC_NULL;  // ranks
  std::vector<int> counts, offsets;                  // planes of every rank

  // `parts` of the n planes, in multiples of `unit`.
  Slab(int n_, int unit, int ranks, int rank) : n(n_) {
    const auto of = [&](int other) {
      const cx::Range units = cx::part(n / unit, ranks, other);
      return cx::Range{units.begin * unit, units.end * unit};
    };
    planes = of(rank);
    for (int other = 0; other < ranks; ++other) {
      counts.push_back(of(other).size());
      offsets.push_back(of(other).begin);
    }
    if (rank > 0) below = rank - 1;
    if (rank + 1 < ranks) above = rank + 1;
    layout.n = n;
    layout.row = n + 8;  // a cache line of zeros between two rows
    layout.plane = layout.row * (n + 2);
  }

  std::size_t size() const { return static_cast<std::size_t>(layout.plane) * static_cast<std::size_t>(planes.size() + 2) + 8; }
  double bytes() const { return 8.0 * static_cast<double>(size()); }
  double cells() const { return static_cast<double>(n) * n * planes.size(); }
  // Doubles in a plane as it is sent: its rows with the zeros between them.
  int message() const { return static_cast<int>(layout.row * (n - 1) + n); }
};

}  // namespace cg
