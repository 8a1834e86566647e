// Where this rank stands, and how ranks fail together: whatever one finds wrong, all of them throw.
#pragma once
#include <mpi.h>

#include <cstdio>
#include <string>

#include "common/memory.hpp"
#include "mpi/heat/block.hpp"
#include "mpi/heat/snapshot.hpp"

namespace heat {

struct World {
  int rank = 0, ranks = 1, nodes = 1, ranks_per_node = 1;
  MPI_Comm node = MPI_COMM_NULL;
};

inline World survey() {
  World world;
  MPI_Comm_rank(MPI_COMM_WORLD, &world.rank);
  MPI_Comm_size(MPI_COMM_WORLD, &world.ranks);
  MPI_Comm_split_type(MPI_COMM_WORLD, MPI_COMM_TYPE_SHARED, world.rank, MPI_INFO_NULL, &world.node);
  int in_node = 0;
  MPI_Comm_rank(world.node, &in_node);
  MPI_Comm_size(world.node, &world.ranks_per_node);
  world.nodes = in_node == 0;
  MPI_Allreduce(MPI_IN_PLACE, &world.nodes, 1, MPI_INT, MPI_SUM, MPI_COMM_WORLD);
  MPI_Allreduce(MPI_IN_PLACE, &world.ranks_per_node, 1, MPI_INT, MPI_MAX, MPI_COMM_WORLD);
  return world;
}

// Collective: throws on every rank if the ranks of one node need more than it has.
inline void check_memory(const Config& config, const World& world, const Box& box) {
  double need = Block::bytes(box);
  if (world.rank == 0 && !config.output.empty()) need += Recorder::bytes(config);
  MPI_Allreduce(MPI_IN_PLACE, &need, 1, MPI_DOUBLE, MPI_SUM, world.node);
  struct {
    double ratio;
    int rank;
  } tightest{need / cx::available_memory(), world.rank};
  MPI_Allreduce(MPI_IN_PLACE, &tightest, 1, MPI_DOUBLE_INT, MPI_MAXLOC, MPI_COMM_WORLD);
  if (tightest.ratio <= 1) return;
  double figures[2] = {need, cx::available_memory()};
  MPI_Bcast(figures, 2, MPI_DOUBLE, tightest.rank, MPI_COMM_WORLD);
  char text[120];
  std::snprintf(text, sizeof text, "too large: one node would need %.1f GiB and has %.1f GiB", figures[0] / 0x1p30,
                figures[1] / 0x1p30);
  throw cx::Failure(cx::kTooLarge, text);
}

// Runs `action` on rank 0; all ranks throw if it did.
template <typename Action>
void on_rank_0(const World& world, Action action) {
  int code = cx::kOk;
  std::string message;
  if (world.rank == 0) {
    try {
      action();
    } catch (const cx::Failure& failure) {
      code = failure.code();
      message = failure.what();
    }
  }
  MPI_Bcast(&code, 1, MPI_INT, 0, MPI_COMM_WORLD);
  if (code != cx::kOk) throw cx::Failure(static_cast<cx::Exit>(code), message);
}

}  // namespace heat
