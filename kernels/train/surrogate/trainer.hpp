// Data-parallel training: every rank holds all weights, takes its share of each batch's shards, and the sum of all
// shards' gradients moves the weights by the same amount everywhere.
#pragma once
#include <algorithm>
#include <cstdint>
#include <cstdio>
#include <cstring>
#include <functional>
#include <utility>
#include <vector>

#include "common/signals.hpp"
#include "common/timer.hpp"
#include "train/surrogate/checkpoint.hpp"
#include "train/surrogate/engine.hpp"
#include "train/surrogate/fixed.hpp"
#include "train/surrogate/plan.hpp"
#include "train/surrogate/samples.hpp"

namespace surrogate {

class Trainer {
 public:
  Trainer(const Config& config, const Samples& samples, Ring& ring, Checkpoint& checkpoint, Engine& engine)
      : config_(config),
        samples_(samples),
        ring_(ring),
        checkpoint_(checkpoint),
        engine_(engine),
        parameters_(parameter_count(layer_sizes(config))),
        sums_(parameters_ + 2) {}

  // Collective: goes back to where the checkpoint that there may be was saved.
  void resume() {
    std::string saved = checkpoint_.resume();
    if (saved.empty()) return;
    cx::Reader in(std::move(saved), "the state of the training");
    State state = engine_.state();
    first_step = step_ = state.step = in.get<long long>();
    loss_ = in.get<double>();
    before = in.get<cx::Work>();
    state.adam.restore(in);
    const std::size_t bytes = parameters_ * sizeof(float);
    std::memcpy(state.parameters.data(), in.take(bytes), bytes);
    engine_.set(state);
    if (ring_.rank() == 0)
      std::printf("surrogate: resumed after step %lld of %lld\n", step_, config_.steps), std::fflush(stdout);
  }

  // Throws Failure(kStopped) on all ranks after the same step. Calls `between` after each, or each few of them.
  void train(const std::function<void()>& between) {
    const double started = cx::now();
    while (step_ < config_.steps) {
      const double begun = cx::now();
      const long long made = learn();
      step_ += made;
      const double each = (cx::now() - begun) / static_cast<double>(made);
      for (long long i = 0; i < made; ++i) times.add(each);
      between();
      if (ring_.rank() == 0 && step_ % tenth() == 0)
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
    const Part part = ring_.part(count);
    std::vector<float> outputs(part.size() * kShard);
    engine_.predict(part.begin * kShard, outputs.size(), outputs.data());
    float ignored[kInputs];
    for (std::size_t shard = 0; shard < part.size(); ++shard) {
      double squares = 0;
      for (std::size_t i = shard * kShard; i < (shard + 1) * kShard; ++i) {
        const float wanted = samples_.load(true, part.begin * kShard + i, ignored);
        const double error = static_cast<double>(outputs[i]) - static_cast<double>(wanted);
        squares += error * error;
      }
      // Shared out before adding: the sum over any number of shards stays in range.
      sums[0] += to_fixed(squares / static_cast<double>(count * kShard));
    }
    ring_.allreduce(sums);
    return std::sqrt(from_fixed(sums[0]));
  }

  cx::Work work;    // counted, this rank's in this attempt; what it sent is in the ring's
  cx::Work before;  // of all ranks in earlier attempts
  long long first_step = 0;  // of this attempt
  cx::StepTimes times;
  double seconds = 0, comm_seconds = 0, io_seconds = 0;

 private:
  // Steps between two reports.
  long long tenth() const { return std::max(config_.steps / 10, 1LL); }

  // Steps that may be made before somebody wants to see the state.
  long long most() const {
    long long steps = std::min(config_.steps - step_, tenth() - step_ % tenth());
    const long long every = config_.checkpoints.every;
    if (checkpoint_.enabled() && every > 0) steps = std::min(steps, every - step_ % every);
    return steps;
  }

  // One step, or a few. Returns how many.
  long long learn() {
    const bool alone = ring_.ranks() == 1;
    const long long made = alone ? engine_.advance(most(), sums_) : 1;
    if (!alone) engine_.gradient(sums_);
    // Wishes ride along: all ranks save and stop after the same step.
    sums_.back() = (cx::stop_asked() ? 1 : 0) + (cx::take_save_asked() ? kSave : 0);
    if (!alone) {
      reduce();
      engine_.update(sums_);
    }
    loss_ = from_fixed(sums_[parameters_]) * (1.0 / static_cast<double>(config_.batch));
    const auto shards = static_cast<std::size_t>(config_.shards());
    const auto samples = static_cast<double>(made) * static_cast<double>(ring_.part(shards).size()) * config_.shard();
    work.flops += samples * Mlp<float>::flops(layer_sizes(config_), true);
    work.bytes_hbm += samples * kSampleBytes;
    if (ring_.rank() == 0) work.bytes_hbm += static_cast<double>(made) * update_bytes(config_);
    return made;
  }

  void reduce() {
    // The wrong twin forgets to reduce once, as a missing barrier would: the replicas drift apart.
    const bool forget = config_.wrong.is("allreduce") && step_ == config_.steps / 2;
    Sums own;
    if (forget) own = sums_;
    ring_.allreduce(sums_);
    if (forget) sums_ = own;
  }

  // Ranks that were asked to stop, and to save, as the last step's sum has it.
  std::int64_t stop_wishes() const { return sums_.back() % kSave; }
  std::int64_t save_wishes() const { return sums_.back() / kSave; }

  // Collective. A rank that stops does not wait for rank 0's files: it may have seconds left only.
  void save(bool stopping) {
    const double saving = cx::now();
    const cx::Work counted = all_work();
    const auto write = [&] {
      const State state = engine_.state();
      cx::Writer out(kStateBytes * parameters_ + 256);
      out.put(step_).put(loss_).put(counted);
      state.adam.save(out);
      out.block(state.parameters.data(), state.parameters.size() * sizeof(float));
      checkpoint_.save(step_, out.bytes());
    };
    if (!stopping) on_rank_0(ring_, write);
    else if (ring_.rank() == 0) write();
    io_seconds += cx::now() - saving;
  }

  static constexpr std::int64_t kSave = 1 << 20;  // more than there are ranks
  static constexpr std::size_t kStateBytes = 20;  // of each parameter, with its moments, in a checkpoint

  const Config& config_;
  const Samples& samples_;
  Ring& ring_;
  Checkpoint& checkpoint_;
  Engine& engine_;
  std::size_t parameters_;
  Sums sums_;  // gradients, loss, wishes
  double loss_ = 0;
  long long step_ = 0;  // steps done
};

}  // namespace surrogate
