// What trains: the weights and the optimizer's state, and who computes with them. The CPU (cpu.hpp) or a GPU (device.hpp).
#pragma once
#include <cstddef>
#include <cstdint>
#include <vector>

#include "train/surrogate/adam.hpp"
#include "train/surrogate/ring.hpp"

namespace surrogate {

// What a step leaves behind.
struct State {
  long long step = 0;  // steps done
  std::vector<float> parameters;
  Adam adam;
};

class Engine {
 public:
  virtual ~Engine() = default;

  virtual void set(const State& state) = 0;
  virtual State state() const = 0;

  // This rank's part of the sums of the next step: of every parameter's gradient, and then of the loss. What follows in `sums`
  // stays. Throws Failure(kDiverged).
  virtual void gradient(Sums& sums) = 0;

  // Makes that step by the sums over all ranks.
  virtual void update(const Sums& sums) = 0;

  // For one rank alone: at least one whole step and at most `most`, the last of which sets `sums`' loss. Returns how many.
  virtual long long advance([[maybe_unused]] long long most, Sums& sums) {
    gradient(sums);
    update(sums);
    return 1;
  }

  // What it makes of `count` held-out samples from `first` on; `count` is a multiple of kShard.
  virtual void predict(std::size_t first, std::size_t count, float* out) = 0;
};

}  // namespace surrogate
