// Forward and backward through all layers: which kernel does which product. `Hidden` is what the activations of hidden layers are
// kept in, float or bf16; products between hidden layers are by matrix instructions where it is bf16.
#pragma once
#include <algorithm>
#include <type_traits>
#include <vector>

#include "cuda/common/runtime.hpp"
#include "cuda/surrogate/adam.cuh"
#include "cuda/surrogate/batch.cuh"
#include "cuda/surrogate/half.cuh"
#include "cuda/surrogate/plain.cuh"
#include "cuda/surrogate/thin.cuh"
#include "train/surrogate/device.hpp"

namespace surrogate {

inline unsigned blocks(std::size_t count, std::size_t each) {
  return static_cast<unsigned>((count + each - 1) / each);
}

template <typename Hidden>
class Passes {
 public:
  static constexpr bool kHalf = !std::is_same_v<Hidden, float>;

  // `parameters`, `sums` and `progress` lie on the GPU; `sums` has one place more, for the loss.
  Passes(const Task& task, const cx::gpu::Stream& stream, float* parameters, long long* sums, Progress* progress)
      : task_(task),
        stream_(stream),
        parameters_(parameters),
        sums_(sums),
        progress_(progress),
        last_(task.sizes.size() - 2),
        shape_{static_cast<unsigned>(task.rows), size(1), kHalf ? blocks(size(1), half::kBlock) * half::kBlock : size(1)},
        inputs_(task.rows * kFirst),
        wanted_(task.rows),
        outputs_(task.rows),
        slopes_(task.rows),
        activations_(last_ * task.rows * shape_.pitch),
        deltas_(activations_.size()),
        copies_(kHalf ? std::max<std::size_t>((last_ - 1) * shape_.pitch * shape_.pitch, 1) : 1) {
    for (std::size_t l = 0; l <= last_ + 1; ++l)
      offsets_.push_back(l == 0 ? 0 : offsets_[l - 1] + std::size_t{size(l - 1) + 1} * size(l));
    // What lies behind the last column is read as part of whole tiles: it must be 0.
    activations_.clear();
    deltas_.clear();
    copies_.clear();
  }

  std::size_t parameters() const { return offsets_.back(); }
  const cx::gpu::Buffer<float>& outputs() const { return outputs_; }

  // After the weights were set: their copies in bf16.
  void refresh() {
    for (std::size_t l = 0; l <= last_; ++l) {
      if (!copy(l)) continue;
      CX_LAUNCH_ON(stream_, halve, blocks(std::size_t{shape_.width} * shape_.width, kThreads), kThreads, copy(l), weights(l),
                   shape_);
      cx::gpu::launched("halve");
    }
  }

  template <typename Pick>
  void take(const Data& data, Pick pick) {
    const auto kernel = &gather_batch<Pick>;
    CX_LAUNCH_ON(stream_, kernel, blocks(shape_.rows, kThreads), kThreads, inputs_.data(), wanted_.data(), data, pick, shape_.rows);
    cx::gpu::launched("gather_batch");
  }

  void forward() {
    CX_LAUNCH_ON(stream_, forward_first<Hidden>, per_activation(), kThreads, activations(1), inputs_.data(), weights(0), bias(0),
                 shape_);
    cx::gpu::launched("forward_first");
    for (std::size_t l = 1; l < last_; ++l) between(l);
    CX_LAUNCH_ON(stream_, forward_last<Hidden>, blocks(shape_.rows, kThreads), kThreads, outputs_.data(), activations(last_),
                 weights(last_), bias(last_), shape_);
    cx::gpu::launched("forward_last");
  }

  // Adds this pass's gradient and loss to the sums; samples from `counted` on count nothing.
  void backward(unsigned counted) {
    CX_LAUNCH_ON(stream_, lose, blocks(shape_.rows, kThreads * kSamples), kThreads, sums_ + parameters(), slopes_.data(),
                 outputs_.data(), wanted_.data(), shape_.rows, counted, progress_);
    cx::gpu::launched("lose");
    for (std::size_t l = last_; l > 0; --l) {
      learn(l);
      pass_on(l);
    }
    learn(0);
  }

  // Moves all parameters by the sums, which are 0 afterwards.
  void move(double* mean, double* square) {
    CX_LAUNCH_ON(stream_, begin_step, 1, 1, progress_, sums_ + parameters(), task_.rate, task_.steps);
    cx::gpu::launched("begin_step");
    for (std::size_t l = 0; l <= last_; ++l) {
      const std::size_t at = offsets_[l];
      CX_LAUNCH_ON(stream_, adam, blocks(offsets_[l + 1] - at, kThreads), kThreads,
                   Moments{weights(l), mean + at, square + at, sums_ + at}, progress_, size(l), size(l + 1), copy(l), shape_.pitch,
                   1.0 / static_cast<double>(task_.batch));
      cx::gpu::launched("adam");
    }
  }

 private:
  unsigned size(std::size_t l) const { return static_cast<unsigned>(task_.sizes[l]); }
  float* weights(std::size_t l) const { return parameters_ + offsets_[l]; }
  float* bias(std::size_t l) const { return weights(l) + std::size_t{size(l)} * size(l + 1); }
  long long* sums(std::size_t l) const { return sums_ + offsets_[l]; }
  Hidden* activations(std::size_t l) const { return activations_.data() + (l - 1) * shape_.rows * shape_.pitch; }
  Hidden* deltas(std::size_t l) const { return deltas_.data() + (l - 1) * shape_.rows * shape_.pitch; }
  // Null where a layer has none.
  cx::Bf16* copy(std::size_t l) const {
    return kHalf && l > 0 && l < last_ ? copies_.data() + (l - 1) * shape_.pitch * shape_.pitch : nullptr;
  }

  unsigned per_activation() const { return blocks(std::size_t{shape_.rows} * shape_.width, kThreads); }
  // Blocks for each of `threads`, times those that share the samples.
  dim3 shared(unsigned threads) const {
    return dim3(blocks(threads, kThreads), 1, std::clamp(shape_.rows / kSamples / 4, 1u, 64u));
  }
  // Blocks for the product of a layer between, with so many rows; `parts` share the samples.
  dim3 tiles(unsigned rows, unsigned parts = 1) const {
    const unsigned side = kHalf ? half::kBlock : plain::kTile;
    return dim3(blocks(shape_.width, side), blocks(rows, side), parts);
  }

  void between(std::size_t l) {
    if constexpr (kHalf)
      CX_LAUNCH_ON(stream_, half::forward, tiles(shape_.rows), kThreads, activations(l + 1), activations(l), copy(l), bias(l),
                   shape_);
    else
      CX_LAUNCH_ON(stream_, plain::forward, tiles(shape_.rows), kThreads, activations(l + 1), activations(l), weights(l), bias(l),
                   shape_);
    cx::gpu::launched("forward");
  }

  // Derivatives by the activations that went into layer `l`, from those by what came out.
  void pass_on(std::size_t l) {
    if (l == last_)
      CX_LAUNCH_ON(stream_, backward_last<Hidden>, per_activation(), kThreads, deltas(l), slopes_.data(), weights(l),
                   activations(l), shape_, task_.forgetful);
    else if constexpr (kHalf)
      CX_LAUNCH_ON(stream_, half::backward, tiles(shape_.rows), kThreads, deltas(l), deltas(l + 1), copy(l), activations(l),
                   shape_, task_.forgetful);
    else
      CX_LAUNCH_ON(stream_, plain::backward, tiles(shape_.rows), kThreads, deltas(l), deltas(l + 1), weights(l), activations(l),
                   shape_, task_.forgetful);
    cx::gpu::launched("backward");
  }

  void learn(std::size_t l) {
    if (l == last_)
      CX_LAUNCH_ON(stream_, learn_last<Hidden>, shared(shape_.width + 1), kThreads, sums(l), activations(l), slopes_.data(), shape_,
                   progress_);
    else if (l == 0)
      CX_LAUNCH_ON(stream_, learn_first<Hidden>, shared(shape_.width), kThreads, sums(l), inputs_.data(), deltas(1), shape_,
                   progress_);
    else
      learn_between(l);
    cx::gpu::launched("learn");
  }

  void learn_between(std::size_t l) {
    const unsigned across = tiles(shape_.width).x, shard = static_cast<unsigned>(task_.shard);
    const dim3 grid = tiles(shape_.width, std::min(shape_.rows / shard, blocks(kEnough, across * across)));
    if constexpr (kHalf)
      CX_LAUNCH_ON(stream_, half::learn, grid, kThreads, sums(l), activations(l), deltas(l + 1), shape_, shard, progress_);
    else
      CX_LAUNCH_ON(stream_, plain::learn, grid, kThreads, sums(l), activations(l), deltas(l + 1), shape_, progress_);
    cx::gpu::launched("learn");
    CX_LAUNCH_ON(stream_, learn_bias<Hidden>, shared(shape_.width), kThreads, sums(l) + (bias(l) - weights(l)), deltas(l + 1),
                 shape_, progress_);
  }

  static constexpr std::size_t kEnough = 264;  // blocks: two for each processor of a large GPU

  const Task& task_;
  const cx::gpu::Stream& stream_;
  float* parameters_;
  long long* sums_;
  Progress* progress_;
  std::size_t last_;  // the layer that gives the output
  Shape shape_;
  std::vector<std::size_t> offsets_;  // where each layer's parameters begin, and how many there are
  cx::gpu::Buffer<float> inputs_, wanted_, outputs_, slopes_;
  cx::gpu::Buffer<Hidden> activations_, deltas_;  // of the hidden layers; the loss's derivatives by them
  cx::gpu::Buffer<cx::Bf16> copies_;              // of the weights between hidden layers
};

}  // namespace surrogate
