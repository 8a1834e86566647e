// The training's numbers in main memory, computed by one core, shard by shard.
#pragma once
#include <algorithm>
#include <vector>

#include "train/surrogate/engine.hpp"
#include "train/surrogate/fixed.hpp"
#include "train/surrogate/samples.hpp"
#include "train/surrogate/shuffle.hpp"

namespace surrogate {

class Cpu final : public Engine {
 public:
  // `part`: the shards that are this rank's.
  Cpu(const Config& config, const Samples& samples, const Part& part)
      : config_(config),
        samples_(samples),
        part_(part),
        network_(layer_sizes(config)),
        adam_(network_.parameters.size(), config.rate, config.steps),
        gradient_(network_.parameters.size()) {}

  void set(const State& state) override {
    step_ = state.step;
    network_.parameters = state.parameters;
    network_.refresh();
    adam_ = state.adam;
  }
  State state() const override { return {step_, network_.parameters, adam_}; }

  void gradient(Sums& sums) override {
    std::fill_n(sums.begin(), gradient_.size() + 1, 0);
    for (std::size_t shard = part_.begin; shard < part_.end; ++shard) add_shard(shard, sums);
  }

  void update(const Sums& sums) override {
    const double scale = 1.0 / static_cast<double>(config_.batch);
    adam_.begin_step();
    for (std::size_t i = 0; i < gradient_.size(); ++i)
      network_.parameters[i] = adam_.step(i, network_.parameters[i], from_fixed(sums[i]) * scale);
    network_.refresh();
    ++step_;
  }

  void predict(std::size_t first, std::size_t count, float* out) override {
    for (std::size_t at = 0; at < count; at += kShard) {
      for (std::size_t b = 0; b < kShard; ++b) samples_.load(true, first + at + b, network_.input() + b * kInputs);
      network_.forward();
      std::copy_n(network_.output(), kShard, out + at);
    }
  }

 private:
  void add_shard(std::size_t shard, Sums& sums) {
    float wanted[kShard];
    const auto first = static_cast<std::size_t>(step_) * static_cast<std::size_t>(config_.batch) + shard * kShard;
    for (std::size_t b = 0; b < kShard; ++b) {
      const std::size_t index = shuffled(first + b, static_cast<std::uint64_t>(config_.seed), samples_.learned());
      wanted[b] = samples_.load(false, index, network_.input() + b * kInputs);
    }
    network_.forward();
    std::fill(gradient_.begin(), gradient_.end(), 0.0f);
    const double loss = network_.backward(wanted, gradient_.data(), config_.wrong.is("gradient"));
    for (std::size_t i = 0; i < gradient_.size(); ++i) sums[i] += to_fixed(static_cast<double>(gradient_[i]));
    sums[gradient_.size()] += to_fixed(loss);
  }

  const Config& config_;
  const Samples& samples_;
  Part part_;
  Mlp<float> network_;
  Adam adam_;
  std::vector<float> gradient_;
  long long step_ = 0;
};

}  // namespace surrogate
