// The GPU of this rank among those of all, whatever way ranks have of telling each other. With --backend cpu: nothing.
#pragma once
#include <array>
#include <cstdio>
#include <memory>
#include <set>
#include <string>
#include <vector>

#include "common/backend.hpp"
#include "common/energy.hpp"
#include "common/gpu.hpp"
#include "common/memory.hpp"
#include "common/result.hpp"

namespace cx {

class Gpus {
 public:
  using Uuid = std::array<char, 48>;
  using Drawn = std::array<double, 2>;  // joules, and watts when idle

  explicit Gpus(bool on) : on_(on) {}

  bool on() const { return on_; }
  const gpu::Facts& facts() const { return facts_; }

  // Takes number `wish` of this host. Throws Failure(kNoDevice) where there is none.
  void choose(int wish) {
    if constexpr (gpu::kBuilt) facts_ = gpu::choose(wish);
    else throw Failure(kNoDevice, "--backend cuda: this program was built without CUDA; kernels/build builds it with it");
  }

  static void warn(const char* kernel) { std::fprintf(stderr, "%s: --backend cuda is %s\n", kernel, kNeverRun); }

  Uuid uuid() const {
    Uuid own{};
    facts_.uuid.copy(own.data(), own.size() - 1);
    return own;
  }

  // `all` are the ranks' own, in their order: of those on one GPU, the first reads its meters. `remedy` says how else to give
  // each rank one. Throws Failure(kNoDevice), alike on all ranks, where some would share one and may not.
  void meet(const std::vector<Uuid>& all, int rank, bool share, const char* remedy) {
    std::set<std::string> seen;
    const Uuid own = uuid();
    bool reads = false;
    for (std::size_t other = 0; other < all.size(); ++other) {
      const bool first = seen.insert(all[other].data()).second;
      if (first) uuids_.push_back(all[other].data());
      if (all[other] != own) continue;
      ++sharers_;
      if (first) reads = static_cast<int>(other) == rank;
    }
    if (!share && uuids_.size() != all.size())
      throw Failure(kNoDevice, std::to_string(all.size()) + " ranks would share " + std::to_string(uuids_.size()) +
                                   (uuids_.size() == 1 ? " GPU: " : " GPUs: ") + remedy + ", or add --share-gpus");
    if constexpr (gpu::kBuilt)
      if (reads) energy_ = std::make_unique<EnergyWindow>(facts_.bus);
  }

  // Throws Failure(kTooLarge) if the ranks on this GPU, at `need` bytes each, need more than it has free.
  void check_memory(double need) const {
    if (need * sharers_ > facts_.free) throw too_large("GPU", need * sharers_, facts_.free);
  }

  // The region of interest; beginning waits for the energy counter.
  void begin() {
    if (energy_) energy_->begin();
  }
  void sample() {
    if (energy_) energy_->sample();
  }
  void end() {
    if (energy_) energy_->end();
  }

  // Of the GPU whose meters this rank reads, if any: a sum over ranks counts each once, and is unknown where one is.
  Drawn drawn() const {
    if (!energy_) return {};
    return {energy_->report.energy.joules, energy_->report.energy.idle_w};
  }

  // Adds what is known to the result of rank 0, which reads a meter; its times are set. `all` is the sum of what was drawn, and
  // `besides` is what took joules outside of the region of interest.
  void describe(Result& result, const Drawn& all, const char* besides) const {
    result.backend = "cuda";
    result.compiler = gpu::kCompiler;
    result.warnings.push_back(std::string("--backend cuda is ") + kNeverRun);
    if (energy_) {
      result.gpu = energy_->report;
      for (const std::string& warning : energy_->warnings) result.warnings.push_back(warning);
    }
    result.gpu.count = static_cast<int>(uuids_.size());
    result.gpu.name = facts_.name;
    result.gpu.uuids = uuids_;
    result.gpu.capability = facts_.capability;
    result.gpu.memory = facts_.memory;
    result.gpu.energy.joules = all[0];
    result.gpu.energy.idle_w = all[1];
    if (result.gpu.energy.window_s > 1.1 * result.seconds.roi)
      result.warnings.push_back(std::string("the joules are of ") + besides + " too");
  }

 private:
  bool on_;
  int sharers_ = 0;
  gpu::Facts facts_;
  std::vector<std::string> uuids_;
  std::unique_ptr<EnergyWindow> energy_;
};

}  // namespace cx
