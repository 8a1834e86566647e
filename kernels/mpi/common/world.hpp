// Where this rank stands, and how ranks fail together: whatever one finds wrong, all of them throw.
#pragma once
#include <mpi.h>

#include <cstdio>
#include <cstdlib>
#include <string>

#include "common/memory.hpp"
#include "common/result.hpp"

namespace cx {

struct World {
  int rank = 0, ranks = 1, nodes = 1, ranks_per_node = 1;
  MPI_Comm node = MPI_COMM_NULL;

  Result result(const char* kernel) const {
    Result result;
    result.kernel = kernel;
    result.ranks = ranks;
    result.nodes = nodes;
    result.ranks_per_node = ranks_per_node;
    return result;
  }
};

// What the launcher said before MPI started: the first of these variables that is set, else null.
inline const char* launched_rank() {
  for (const char* name : {"OMPI_COMM_WORLD_RANK", "PMI_RANK", "PMIX_RANK"})
    if (const char* rank = std::getenv(name)) return rank;
  return nullptr;
}

inline const char* launched_size() {
  for (const char* name : {"OMPI_COMM_WORLD_SIZE", "PMI_SIZE"})
    if (const char* size = std::getenv(name)) return size;
  return nullptr;
}

// Collective. Throws Failure(kWrongMpi) where the launcher speaks another MPI: every process would think it is alone.
inline World survey() {
  World world;
  MPI_Comm_rank(MPI_COMM_WORLD, &world.rank);
  MPI_Comm_size(MPI_COMM_WORLD, &world.ranks);
  const char* size = launched_size();
  if (size && std::atoi(size) != world.ranks) {
    char library[MPI_MAX_LIBRARY_VERSION_STRING];
    int length = 0;
    MPI_Get_library_version(library, &length);
    const std::string name(library, static_cast<std::size_t>(length));
    throw Failure(kWrongMpi, "launched as one of " + std::string(size) + " ranks by another MPI than its own, which sees " +
                                 std::to_string(world.ranks) + ": use the launcher of " + name.substr(0, name.find(',')));
  }
  MPI_Comm_split_type(MPI_COMM_WORLD, MPI_COMM_TYPE_SHARED, world.rank, MPI_INFO_NULL, &world.node);
  int in_node = 0;
  MPI_Comm_rank(world.node, &in_node);
  MPI_Comm_size(world.node, &world.ranks_per_node);
  world.nodes = in_node == 0;
  MPI_Allreduce(MPI_IN_PLACE, &world.nodes, 1, MPI_INT, MPI_SUM, MPI_COMM_WORLD);
  MPI_Allreduce(MPI_IN_PLACE, &world.ranks_per_node, 1, MPI_INT, MPI_MAX, MPI_COMM_WORLD);
  return world;
}

// Collective: throws Failure(kTooLarge) on every rank if the ranks of one node need more bytes than it has.
inline void check_memory(const World& world, double need) {
  MPI_Allreduce(MPI_IN_PLACE, &need, 1, MPI_DOUBLE, MPI_SUM, world.node);
  struct {
    double ratio;
    int rank;
  } tightest{need / available_memory(), world.rank};
  MPI_Allreduce(MPI_IN_PLACE, &tightest, 1, MPI_DOUBLE_INT, MPI_MAXLOC, MPI_COMM_WORLD);
  if (tightest.ratio <= 1) return;
  double figures[2] = {need, available_memory()};
  MPI_Bcast(figures, 2, MPI_DOUBLE, tightest.rank, MPI_COMM_WORLD);
  throw too_large("node", figures[0], figures[1]);
}

// Runs `action` on every rank; all ranks throw the failure of the lowest rank that had one.
template <typename Action>
void together(Action action, MPI_Comm comm = MPI_COMM_WORLD) {
  int code = kOk, rank = 0;
  std::string message;
  MPI_Comm_rank(comm, &rank);
  try {
    action();
  } catch (const Failure& failure) {
    code = failure.code();
    message = failure.what();
  }
  struct {
    int ok, rank;
  } first{code == kOk, rank};
  MPI_Allreduce(MPI_IN_PLACE, &first, 1, MPI_2INT, MPI_MINLOC, comm);
  if (first.ok) return;
  MPI_Bcast(&code, 1, MPI_INT, first.rank, comm);
  int length = static_cast<int>(message.size());
  MPI_Bcast(&length, 1, MPI_INT, first.rank, comm);
  message.resize(static_cast<std::size_t>(length));
  MPI_Bcast(message.data(), length, MPI_CHAR, first.rank, comm);
  throw Failure(static_cast<Exit>(code), message);
}

// Runs `action` on rank 0; all ranks throw if it did.
template <typename Action>
void on_rank_0(const World& world, Action action) {
  together([&] {
    if (world.rank == 0) action();
  });
}

// Collective. Sums, and the slowest rank's figures.
inline Work sum(const Work& own) {
  double figures[4] = {own.flops, own.bytes_hbm, own.bytes_net, own.msgs};
  MPI_Allreduce(MPI_IN_PLACE, figures, 4, MPI_DOUBLE, MPI_SUM, MPI_COMM_WORLD);
  return {figures[0], figures[1], figures[2], figures[3]};
}

inline double slowest(double seconds) {
  MPI_Allreduce(MPI_IN_PLACE, &seconds, 1, MPI_DOUBLE, MPI_MAX, MPI_COMM_WORLD);
  return seconds;
}

}  // namespace cx
