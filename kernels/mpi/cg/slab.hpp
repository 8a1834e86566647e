// One rank's planes of a grid. Ranks own slabs along z: their halos are whole planes, contiguous in memory, and every plane's
// sum is one rank's, so that sums over planes are the same bits for every number of ranks.
#pragma once
#include <mpi.h>
#include <cstddef>
#include <vector>

#include "common/arrays.hpp"
#include "mpi/cg/layout.hpp"
#include "mpi/common/ranges.hpp"

namespace cg {

struct Slab {
  int n = 0;  // cells along each axis
  cx::Range planes;
  Layout layout;
  int below = MPI_PROC_NULL, above = MPI_PROC_NULL;  // ranks
  std::vector<int> counts, offsets;                  // planes of every rank

  // `parts` of the n planes, in multiples of `unit`.
  Slab(int n_, int unit, int ranks, int rank) : n(n_), layout(Layout::of(n_)) {
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
    layout.past_cache = 4 * bytes() > cx::last_level_cache();  // about as many fields as are used in turns
  }

  double bytes() const { return 8.0 * static_cast<double>(layout.size(planes.size())); }
  double cells() const { return static_cast<double>(n) * n * planes.size(); }
  bool lowest() const { return below == MPI_PROC_NULL; }
  bool highest() const { return above == MPI_PROC_NULL; }
};

}  // namespace cg
