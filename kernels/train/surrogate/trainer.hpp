// Data-parallel training: every rank holds all weights, takes its share of each batch's shards, and the sum of all
// shards' gradients moves the weights by the same amount everywhere.
#pragma once
#include <cstdint>
#include <cstdio>
#include <vector>

#include "common/signals.hpp"
#include "common/timer.hpp"
#include "train/surrogate/adam.hpp"
#include "train/surrogate/checkpoint.hpp"
#include "train/surrogate/fixed.hpp"
#include "train/surrogate/plan.hpp"
#include "train/surrogate/ring.hpp"
#include "train/surrogate/samples.hpp"

namespace surrogate {

class Trainer {
 public:
  Trainer(const Config& config, const Samples& samples, Ring& ring, Checkpoint& checkpoint)
      : network(layer_sizes(config)),
        config_(config),
        samples_(samples),
        ring_(ring),
        checkpoint_(checkpoint),
        adam_(network.parameters.size(), config.rate, config.steps),
        gradient_(network.parameters.size()),
        sums_(gradient_.size() + 2) {
    network.initialise(static_cast<std::uint64_t>(config.seed));
  }

  // Collective: goes back to where the checkpoint that there may be was saved.
  void resume() {
    const std::string saved = checkpoint_.resume();
    if (saved.empty()) return;
    cx::Reader state(saved, "the state of the training");
    first_step = step_ = state.get<long long>();
    loss_ = state.get<double>();
    before = state.get<cx::Work>();
    adam_.restore(state);
    const std::size_t bytes = network.parameters.size() * sizeof(float);
    std::memcpy(network.parameters.data(), state.take(bytes), bytes);
    network.refresh();
    if (ring_.rank() == 0)
      std::printf("surrogate: resumed after step %lld of %lld\n", step_, config_.steps), std::fflush(stdout);
  }

  // Throws Failure(kStopped) on all ranks after the same step.
  void train() {
    const double started = cx::now();
    while (step_ < config_.steps) {
      const double begun = cx::now();
      learn(step_);
      ++step_;
      times.add(cx::now() - begun);
      if (ring_.rank() == 0 && step_ % std::max(config_.steps / 10, 1LL) == 0)
        std::printf("surrogate: step %lld of %lld, loss %.3e\n", step_, config_.steps, loss_), std::fflush(stdout);
      const bool stop = stop_wishes() > 0;
      if (checkpoint_.enabled() && (stop || save_wishes() > 0 || checkpoint_.due(step_))) save(stop);
      if (stop)
        throw cx::Failure(cx::kStopped, "stopped by SIGTERM after step " + std::to_string(step_) + " of " +
                                            std::to_string(config_.steps));
    }
    seconds = cx::now() - started - io_seconds;
    comm_seconds = ring_.seconds;
  }

  // Collective: counted over all ranks and all attempts.
  cx::Work all_work() {
    Sums sums;
    for (const double count : {work.flops, work.bytes_hbm, ring_.work.bytes_net, ring_.work.msgs})
      sums.push_back(static_cast<std::int64_t>(count));  // below 2^53 each: exact
    ring_.allreduce_aside(sums);
    const auto total = [&](std::size_t i) { return static_cast<double>(sums[i]); };
    return {before.flops + total(0), before.bytes_hbm + total(1), before.bytes_net + total(2), before.msgs + total(3)};
  }

  // Root mean square error on the held-out fields, relative to the spread of the data. Collective.
  double validate() {
    Sums sums(1);
    const std::size_t count = samples_.held() / kShard;  // whole shards: at most 15 samples are left out
    float wanted[kShard];
    for (std::size_t shard = first(count); shard < first(count, 1); ++shard) {
      load(true, [&](int b) { return shard * kShard + static_cast<std::size_t>(b); }, wanted);
      network.forward();
      double squares = 0;
      for (int b = 0; b < kShard; ++b) {
        const double error = static_cast<double>(network.output()[b]) - static_cast<double>(wanted[b]);
        squares += error * error;
      }
      // Shared out before adding: the sum over any number of shards stays in range.
      sums[0] += to_fixed(squares / static_cast<double>(count * kShard));
    }
    ring_.allreduce(sums);
    return std::sqrt(from_fixed(sums[0]));
  }

  Mlp<float> network;
  cx::Work work;    // counted, this rank's in this attempt; what it sent is in the ring's
  cx::Work before;  // of all ranks in earlier attempts
  long long first_step = 0;  // of this attempt
  cx::StepTimes times;
  double seconds = 0, comm_seconds = 0, io_seconds = 0;

 private:
  // Of `count` shards this rank takes first(count) to first(count, 1).
  std::size_t first(std::size_t count, int offset = 0) const {
    return count * static_cast<std::size_t>(ring_.rank() + offset) / static_cast<std::size_t>(ring_.ranks());
  }

  template <typename Index>
  void load(bool held_out, Index index, float* wanted) {
    for (int b = 0; b < kShard; ++b) wanted[b] = samples_.load(held_out, index(b), network.input() + b * kInputs);
  }

  void learn(long long step) {
    std::fill(sums_.begin(), sums_.end(), 0);
    const auto shards = static_cast<std::size_t>(config_.shards());
    for (std::size_t shard = first(shards); shard < first(shards, 1); ++shard) add_shard(step, shard);
    // Wishes ride along: all ranks save and stop after the same step.
    sums_.back() = (cx::stop_asked() ? 1 : 0) + (cx::take_save_asked() ? kSave : 0);
    // The wrong twin forgets to reduce once, as a missing barrier would: the replicas drift apart.
    const bool forget = config_.wrong.is("allreduce") && step == config_.steps / 2;
    Sums own;
    if (forget) own = sums_;
    ring_.allreduce(sums_);
    if (forget) sums_ = own;
    const double scale = 1.0 / static_cast<double>(config_.batch);
    adam_.begin_step();
    for (std::size_t i = 0; i < gradient_.size(); ++i)
      network.parameters[i] = adam_.step(i, network.parameters[i], from_fixed(sums_[i]) * scale);
    network.refresh();
    loss_ = from_fixed(sums_[gradient_.size()]) * scale;
    // Every replica updates its own weights: gradient, two moments and weights, each read and written once.
    if (ring_.rank() == 0) work.bytes_hbm += update_bytes(gradient_.size());
  }

  // Ranks that were asked to stop, and to save, as the last step's sum has it.
  std::int64_t stop_wishes() const { return sums_.back() % kSave; }
  std::int64_t save_wishes() const { return sums_.back() / kSave; }

  // Collective. A rank that stops does not wait for rank 0's files: it may have seconds left only.
  void save(bool stopping) {
    const double saving = cx::now();
    const cx::Work counted = all_work();
    const auto write = [&] {
      cx::Writer state;
      state.put(step_).put(loss_).put(counted);
      adam_.save(state);
      state.block(network.parameters.data(), network.parameters.size() * sizeof(float));
      checkpoint_.save(step_, state.bytes());
    };
    if (!stopping) on_rank_0(ring_, write);
    else if (ring_.rank() == 0) write();
    io_seconds += cx::now() - saving;
  }

  void add_shard(long long step, std::size_t shard) {
    float wanted[kShard];
    // Which samples: a hash of step and place, so that no rank needs to know what another took.
    const auto pick = [&](int b) {
      const auto at = static_cast<std::uint64_t>(step) * static_cast<std::uint64_t>(config_.batch) + shard * kShard +
                      static_cast<std::uint64_t>(b);
      return static_cast<std::size_t>(cx::scramble(at ^ cx::scramble(static_cast<std::uint64_t>(config_.seed) + 1)) %
                                      samples_.learned());
    };
    load(false, pick, wanted);
    network.forward();
    std::fill(gradient_.begin(), gradient_.end(), 0.0f);
    const double loss = network.backward(wanted, gradient_.data(), config_.wrong.is("gradient"));
    for (std::size_t i = 0; i < gradient_.size(); ++i) sums_[i] += to_fixed(gradient_[i]);
    sums_[gradient_.size()] += to_fixed(loss);
    work.flops += kShard * Mlp<float>::flops(layer_sizes(config_), true);
    work.bytes_hbm += kShard * kSampleBytes;
  }

  const Config& config_;
  const Samples& samples_;
  static constexpr std::int64_t kSave = 1 << 20;  // more than there are ranks

  Ring& ring_;
  Checkpoint& checkpoint_;
  Adam adam_;
  std::vector<float> gradient_;
  Sums sums_;  // gradients, loss, wishes
  double loss_ = 0;
  long long step_ = 0;  // steps done
};

}  // namespace surrogate
