// The work of a run, from its arguments alone (milliseconds; no MPI). The run counts the same as it goes.
// Not in it: the reductions that check the solution and agree on SIGTERM (a few bytes each).
#pragma once
#include "common/work.hpp"
#include "mpi/heat/config.hpp"
#include "mpi/heat/samples.hpp"

namespace heat {

inline constexpr double kFlopsPerCell = 8;   // 2 multiplications, 6 additions
inline constexpr double kBytesPerCell = 16;  // one double read, one written; neighbours come from cache

inline cx::Work planned(const Config& config) {
  const int n = static_cast<int>(config.n), ranks = static_cast<int>(config.ranks);
  const Triple dims = decompose(config, ranks);
  const double solves = static_cast<double>(config.alphas.size()) * static_cast<double>(config.repeat);
  const double steps = solves * static_cast<double>(config.steps), size = n;
  cx::Work work;
  work.flops = kFlopsPerCell * size * size * size * steps;
  work.bytes_hbm = kBytesPerCell * size * size * size * steps;
  const Triple cuts = {dims[0] - 1, dims[1] - 1, dims[2] - 1};
  // Along one axis every cut plane of n * n cells is sent in both directions, in as many pieces as ranks touch it.
  work.bytes_net = steps * 8 * 2 * size * size * (cuts[0] + cuts[1] + cuts[2]);
  work.msgs = steps * 2 *
              (static_cast<double>(cuts[0]) * dims[1] * dims[2] + static_cast<double>(cuts[1]) * dims[0] * dims[2] +
               static_cast<double>(cuts[2]) * dims[0] * dims[1]);
  if (config.output.empty()) return work;
  const double records = solves * static_cast<double>(config.snapshots);
  for (int rank = 1; rank < ranks; ++rank) {
    const std::size_t samples = count(samples_of(box_of(n, dims, rank), static_cast<int>(config.stride)));
    work.bytes_net += records * 4 * static_cast<double>(samples);
    work.msgs += samples ? records : 0;
  }
  return work;
}

}  // namespace heat
