// The GPUs of a training: each rank takes one, and rank 0 tells what they were and what they drew. With --backend cpu: nothing.
#pragma once
#include "common/gpus.hpp"
#include "train/surrogate/ring.hpp"

namespace surrogate {

class Accelerator : public cx::Gpus {
 public:
  // Before the ranks meet: throws Failure(kNoDevice) on the rank that finds no GPU, and the others miss it.
  Accelerator(const cx::Backend& backend, const Place& place) : Gpus(backend.cuda()) {
    if (!on()) return;
    choose(place.local);
    if (place.rank == 0) warn("surrogate");
  }

  // Collective, once. Throws Failure(kNoDevice) on all ranks where some would share a GPU and may not, Failure(kTooLarge) on
  // those whose GPU has less free than `need` bytes for each.
  void join(Ring& ring, bool share, double need) {
    if (!on()) return;
    meet(gather(ring, uuid()), ring.rank(), share, "give each one of its own by LOCAL_RANK");
    check_memory(need);
  }

  // Collective: adds what is known to rank 0's result, whose times are set.
  void describe(Ring& ring, cx::Result& result) const {
    if (!on()) return;
    Drawn all{};
    for (const auto& [joules, idle] : gather(ring, drawn())) {
      all[0] += joules;
      all[1] += idle;
    }
    Gpus::describe(result, all, "saving checkpoints");
  }
};

}  // namespace surrogate
