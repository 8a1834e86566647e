// The GPUs of a training: each rank takes one, and rank 0 tells what they were and what they drew. With --backend cpu: nothing.
// The same as mpi/common/accelerator.hpp by the ring.
#pragma once
#include <algorithm>
#include <array>
#include <cstdio>
#include <memory>
#include <set>
#include <string>
#include <vector>

#include "common/backend.hpp"
#include "common/energy.hpp"
#include "common/gpu.hpp"
#include "common/result.hpp"
#include "train/surrogate/ring.hpp"

namespace surrogate {

class Accelerator {
 public:
  // Before the ranks meet: throws Failure(kNoDevice) on the rank that finds no GPU, and the others miss it.
  Accelerator(const cx::Backend& backend, const Place& place) : on_(backend.cuda()) {
    if (!on_) return;
    if constexpr (cx::gpu::kBuilt) facts_ = cx::gpu::choose(place.local);
    else
      throw cx::Failure(cx::kNoDevice,
                        "--backend cuda: this program was built without CUDA; kernels/build builds it with it");
    if (place.rank == 0) std::fprintf(stderr, "surrogate: --backend cuda is %s\n", cx::kNeverRun);
  }

  bool on() const { return on_; }

  // Collective, once. Throws Failure(kNoDevice) on all ranks where some would share a GPU and may not, Failure(kTooLarge) on
  // those whose GPU has less free than `need` bytes for each.
  void join(Ring& ring, bool share, double need) {
    if (!on_) return;
    take_turns(ring, share);
    const double all = need * sharers_;
    if (all > facts_.free) {
      char text[120];
      std::snprintf(text, sizeof text, "too large: one GPU would need %.1f GiB (%.0f bytes) and has %.1f GiB (%.0f bytes)",
                    all / 0x1p30, all, facts_.free / 0x1p30, facts_.free);
      throw cx::Failure(cx::kTooLarge, text);
    }
    if constexpr (cx::gpu::kBuilt)
      if (reads_) energy_ = std::make_unique<cx::EnergyWindow>(facts_.bus);
  }

  // The training begins; it waits for the energy counter.
  void begin() {
    if (energy_) energy_->begin();
  }
  void sample() {
    if (energy_) energy_->sample();
  }
  void end() {
    if (energy_) energy_->end();
  }

  // Collective: adds what is known to rank 0's result, whose times are set.
  void describe(Ring& ring, cx::Result& result) const {
    if (!on_) return;
    result.backend = "cuda";
    result.compiler = cx::gpu::kCompiler;
    result.warnings.push_back(std::string("--backend cuda is ") + cx::kNeverRun);
    if (energy_) {
      result.gpu = energy_->report;  // rank 0 always reads
      for (const std::string& warning : energy_->warnings) result.warnings.push_back(warning);
    }
    result.gpu.count = static_cast<int>(uuids_.size());
    result.gpu.name = facts_.name;
    result.gpu.uuids = uuids_;
    result.gpu.capability = facts_.capability;
    result.gpu.memory = facts_.memory;
    // Ranks that do not read add nothing; a GPU whose joules are unknown makes the sum unknown.
    auto& energy = result.gpu.energy;
    const std::array<double, 2> own{energy_ ? energy.joules : 0, energy_ ? energy.idle_w : 0};
    energy.joules = energy.idle_w = 0;
    for (const auto& [joules, idle] : gather(ring, own)) {
      energy.joules += joules;
      energy.idle_w += idle;
    }
    if (energy.window_s > 1.1 * result.seconds.roi)
      result.warnings.push_back("the joules are of saving checkpoints too");
  }

 private:
  using Text = std::array<char, 48>;

  // Who is on which GPU: the first rank on each reads its meters.
  void take_turns(Ring& ring, bool share) {
    Text own{};
    facts_.uuid.copy(own.data(), own.size() - 1);
    const std::vector<Text> all = gather(ring, own);
    std::set<std::string> seen;
    for (std::size_t rank = 0; rank < all.size(); ++rank) {
      const bool first = seen.insert(all[rank].data()).second;
      if (first) uuids_.push_back(all[rank].data());
      if (all[rank] != own) continue;
      ++sharers_;
      if (first) reads_ = static_cast<int>(rank) == ring.rank();
    }
    if (share || uuids_.size() == all.size()) return;
    throw cx::Failure(cx::kNoDevice, std::to_string(all.size()) + " ranks would share " + std::to_string(uuids_.size()) +
                                         (uuids_.size() == 1 ? " GPU" : " GPUs") +
                                         ": give each one of its own by LOCAL_RANK, or add --share-gpus");
  }

  bool on_, reads_ = false;
  int sharers_ = 0;
  cx::gpu::Facts facts_;
  std::vector<std::string> uuids_;
  std::unique_ptr<cx::EnergyWindow> energy_;
};

}  // namespace surrogate
