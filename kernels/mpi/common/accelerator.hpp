// The GPUs of a run: each rank takes one, and rank 0 tells what they were and what they drew. With --backend cpu: nothing.
#pragma once
#include <mpi.h>

#include <array>
#include <cstdio>
#include <memory>
#include <set>
#include <string>
#include <vector>

#include "common/backend.hpp"
#include "common/energy.hpp"
#include "common/gpu.hpp"
#include "mpi/common/world.hpp"

namespace cx {

class Accelerator {
 public:
  // Collective. Throws Failure(kNoDevice) on all ranks where one finds no GPU, or must share one without --share-gpus.
  Accelerator(const Backend& backend, const World& world, const char* kernel) : world_(world), on_(backend.cuda()) {
    if (!on_) return;
    together([&] { choose(); });
    take_turns(backend.share);
    if constexpr (gpu::kBuilt)
      if (reads_) energy_ = std::make_unique<EnergyWindow>(facts_.bus);
    if (world.rank == 0) std::fprintf(stderr, "%s: --backend cuda is %s\n", kernel, kNeverRun);
  }

  bool on() const { return on_; }
  const gpu::Facts& facts() const { return facts_; }

  // Collective: throws Failure(kTooLarge) if the ranks on one GPU need more bytes than it has free.
  void check_memory(double need) const {
    if (!on_) return;
    together([&] {
      const double all = need * sharers_;
      if (all <= facts_.free) return;
      char text[120];
      std::snprintf(text, sizeof text, "too large: one GPU would need %.1f GiB (%.0f bytes) and has %.1f GiB (%.0f bytes)",
                    all / 0x1p30, all, facts_.free / 0x1p30, facts_.free);
      throw Failure(kTooLarge, text);
    });
  }

  // Collective: the region of interest begins; it waits for the energy counter.
  void begin() {
    if (energy_) energy_->begin();
    if (on_) MPI_Barrier(MPI_COMM_WORLD);
  }

  void sample() {
    if (energy_) energy_->sample();
  }

  // Collective: the region of interest has ended, also on the GPU.
  void end() {
    if (on_) MPI_Barrier(MPI_COMM_WORLD);
    if (energy_) energy_->end();
  }

  // Collective: adds what is known to rank 0's result, whose times are set.
  void describe(Result& result) const {
    if (!on_) return;
    result.backend = "cuda";
    result.compiler = gpu::kCompiler;
    result.warnings.push_back(std::string("--backend cuda is ") + kNeverRun);
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
    double sums[2] = {energy_ ? energy.joules : 0, energy_ ? energy.idle_w : 0};
    MPI_Allreduce(MPI_IN_PLACE, sums, 2, MPI_DOUBLE, MPI_SUM, MPI_COMM_WORLD);
    energy.joules = sums[0];
    energy.idle_w = sums[1];
    if (energy.window_s > 1.1 * result.seconds.roi)
      result.warnings.push_back("the joules are of the checks between solutions too");
  }

 private:
  using Text = std::array<char, 48>;

  void choose() {
    if constexpr (gpu::kBuilt) {
      int in_node = 0;
      MPI_Comm_rank(world_.node, &in_node);
      facts_ = gpu::choose(in_node);
    } else {
      throw Failure(kNoDevice, "--backend cuda: this program was built without CUDA; kernels/build builds it with it");
    }
  }

  // Who is on which GPU: the first rank on each reads its meters.
  void take_turns(bool share) {
    Text own{};
    facts_.uuid.copy(own.data(), own.size() - 1);
    std::vector<Text> all(static_cast<std::size_t>(world_.ranks));
    MPI_Allgather(own.data(), sizeof(Text), MPI_BYTE, all.data(), sizeof(Text), MPI_BYTE, MPI_COMM_WORLD);
    std::set<std::string> seen;
    sharers_ = 0;
    for (std::size_t rank = 0; rank < all.size(); ++rank) {
      const bool first = seen.insert(all[rank].data()).second;
      if (first) uuids_.push_back(all[rank].data());
      if (all[rank] != own) continue;
      ++sharers_;
      if (first) reads_ = static_cast<int>(rank) == world_.rank;
    }
    if (share || uuids_.size() == all.size()) return;
    throw Failure(kNoDevice, std::to_string(all.size()) + " ranks would share " + std::to_string(uuids_.size()) +
                                 (uuids_.size() == 1 ? " GPU" : " GPUs") +
                                 ": give each rank one of its own, or add --share-gpus");
  }

  const World& world_;
  bool on_, reads_ = false;
  int sharers_ = 1;
  gpu::Facts facts_;
  std::vector<std::string> uuids_;
  std::unique_ptr<EnergyWindow> energy_;
};

}  // namespace cx
