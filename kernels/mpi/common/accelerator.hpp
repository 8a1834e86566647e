// The GPUs of an MPI run: each rank takes one, and rank 0 tells what they were and what they drew. With --backend cpu: nothing.
#pragma once
#include <mpi.h>

#include <vector>

#include "common/gpus.hpp"
#include "mpi/common/world.hpp"

namespace cx {

class Accelerator {
 public:
  // Collective. Throws Failure(kNoDevice) on all ranks where one finds no GPU, or must share one without --share-gpus.
  Accelerator(const Backend& backend, const World& world, const char* kernel) : gpus_(backend.cuda()) {
    if (!on()) return;
    int in_node = 0;
    MPI_Comm_rank(world.node, &in_node);
    together([&] { gpus_.choose(in_node); });
    const Gpus::Uuid own = gpus_.uuid();
    std::vector<Gpus::Uuid> all(static_cast<std::size_t>(world.ranks));
    MPI_Allgather(own.data(), sizeof own, MPI_BYTE, all.data(), sizeof own, MPI_BYTE, MPI_COMM_WORLD);
    gpus_.meet(all, world.rank, backend.share, "give each rank one of its own");
    if (world.rank == 0) Gpus::warn(kernel);
  }

  bool on() const { return gpus_.on(); }
  const gpu::Facts& facts() const { return gpus_.facts(); }

  // Collective: throws Failure(kTooLarge) if the ranks on one GPU need more bytes than it has free.
  void check_memory(double need) const {
    if (on()) together([&] { gpus_.check_memory(need); });
  }

  // Collective: the region of interest begins; it waits for the energy counter.
  void begin() {
    gpus_.begin();
    if (on()) MPI_Barrier(MPI_COMM_WORLD);
  }

  void sample() { gpus_.sample(); }

  // Collective: the region of interest has ended, also on the GPU.
  void end() {
    if (on()) MPI_Barrier(MPI_COMM_WORLD);
    gpus_.end();
  }

  // Collective: adds what is known to rank 0's result, whose times are set.
  void describe(Result& result) const {
    if (!on()) return;
    Gpus::Drawn all = gpus_.drawn();
    MPI_Allreduce(MPI_IN_PLACE, all.data(), static_cast<int>(all.size()), MPI_DOUBLE, MPI_SUM, MPI_COMM_WORLD);
    gpus_.describe(result, all, "the checks between solutions");
  }

 private:
  Gpus gpus_;
};

}  // namespace cx
