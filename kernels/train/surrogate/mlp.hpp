// A multilayer perceptron with tanh, forward and backward on one shard. Templated on the number type: training runs in
// float, the finite-difference check of the same code in double. Inner loops run along contiguous neurons and never sum
// across vector lanes, so the order of every sum is what the source says, at any vector width.
#pragma once
#include <cstddef>
#include <cstdint>
#include <vector>

#include "common/hash.hpp"
#include "train/surrogate/config.hpp"
#include "train/surrogate/tanh.hpp"

namespace surrogate {

inline constexpr int kInputs = 5;  // of surrogate's own: x, y, z, t, diffusivity

// {5, width, …, width, 1}
inline std::vector<int> layer_sizes(const Config& config) {
  std::vector<int> sizes(static_cast<std::size_t>(config.depth) + 2, static_cast<int>(config.width));
  sizes.front() = kInputs;
  sizes.back() = 1;
  return sizes;
}

template <typename Real>
class Mlp {
 public:
  explicit Mlp(std::vector<int> sizes) : sizes_(std::move(sizes)) {
    std::size_t count = 0;
    for (std::size_t l = 0; l + 1 < sizes_.size(); ++l) {
      offsets_.push_back(count);
      count += (size(l) + 1) * size(l + 1);
      transposed_.emplace_back(size(l) * size(l + 1));
    }
    parameters.resize(count);
    for (std::size_t l = 0; l < sizes_.size(); ++l) {
      activations_.emplace_back(kShard * size(l));
      deltas_.emplace_back(kShard * size(l));
    }
  }

  // Weights of one layer are [input][output], then one bias per output.
  std::vector<Real> parameters;

  // Uniform in ±sqrt(3 / inputs), from a hash: the same on every rank and machine.
  void initialise(std::uint64_t seed) {
    for (std::size_t l = 0; l < offsets_.size(); ++l) {
      const double limit = std::sqrt(3.0 / sizes_[l]);
      for (std::size_t i = 0; i < size(l) * size(l + 1); ++i) {
        const double unit = static_cast<double>(cx::scramble(cx::scramble(seed) ^ (offsets_[l] + i)) >> 11) * 0x1p-53;
        parameters[offsets_[l] + i] = static_cast<Real>(limit * (2 * unit - 1));
      }
    }
    refresh();
  }

  // To be called after `parameters` changed: the backward pass reads the weights transposed.
  void refresh() {
    for (std::size_t l = 0; l < offsets_.size(); ++l)
      for (std::size_t i = 0; i < size(l); ++i)
        for (std::size_t o = 0; o < size(l + 1); ++o) transposed_[l][o * size(l) + i] = weights(l)[i * size(l + 1) + o];
  }

  Real* input() { return activations_.front().data(); }              // [kShard][kInputs]
  const Real* output() const { return activations_.back().data(); }  // [kShard][outputs]
  Real* slope() { return deltas_.back().data(); }                    // [kShard][outputs]

  void forward() {
    const std::size_t last = offsets_.size() - 1;
    for (std::size_t l = 0; l <= last; ++l) {
      const std::size_t out = size(l + 1);
      multiply(activations_[l].data(), weights(l), bias(l), activations_[l + 1].data(), size(l), out);
      if (l != last)
        for (Real& a : activations_[l + 1]) a = tanh_of(a);
    }
  }

  // For one output: adds the gradient of sum of (output - wanted)^2 / 2 over the shard to `gradient`; returns that sum.
  // `broken` forgets the derivative of tanh: the wrong twin that the finite-difference check must catch.
  double backward(const Real* wanted, Real* gradient, bool broken) {
    for (int b = 0; b < kShard; ++b) slope()[b] = output()[b] - wanted[b];
    propagate(gradient, broken);
    return loss(wanted);
  }

  // The sum of (output - wanted)^2 / 2 over the shard, for one output.
  double loss(const Real* wanted) const {
    double sum = 0;
    for (int b = 0; b < kShard; ++b) {
      const auto error = static_cast<double>(output()[b] - wanted[b]);
      sum += 0.5 * error * error;
    }
    return sum;
  }

  // Adds the gradient of any loss to `gradient`, given in slope() its derivatives by the outputs that forward() made.
  void propagate(Real* gradient, bool broken = false) {
    for (std::size_t l = offsets_.size(); l-- > 0;) {
      accumulate(activations_[l].data(), deltas_[l + 1].data(), gradient + offsets_[l], size(l), size(l + 1));
      if (l == 0) break;
      multiply(deltas_[l + 1].data(), transposed_[l].data(), nullptr, deltas_[l].data(), size(l + 1), size(l));
      if (broken) continue;
      for (std::size_t i = 0; i < deltas_[l].size(); ++i) deltas_[l][i] *= 1 - activations_[l][i] * activations_[l][i];
    }
  }

  // Multiplications and additions of the matrix products for one sample, forward alone or forward and backward.
  static double flops(const std::vector<int>& sizes, bool backward) {
    double total = 0;
    for (std::size_t l = 0; l + 1 < sizes.size(); ++l) {
      const double product = 2.0 * sizes[l] * sizes[l + 1];
      total += product * (backward ? (l == 0 ? 2 : 3) : 1);  // nobody needs the gradient of the inputs
    }
    return total;
  }

 private:
  std::size_t size(std::size_t layer) const { return static_cast<std::size_t>(sizes_[layer]); }
  const Real* weights(std::size_t l) const { return &parameters[offsets_[l]]; }
  const Real* bias(std::size_t l) const { return weights(l) + size(l) * size(l + 1); }

  // out[b][:] = bias + sum over i of in[b][i] matrix[i][:], four samples at a time so that a matrix row is loaded once.
  static void multiply(const Real* in, const Real* matrix, const Real* bias, Real* out, std::size_t ins,
                       std::size_t outs) {
    static_assert(kShard % 4 == 0);
    for (std::size_t b = 0; b < kShard; b += 4) {
      Real* __restrict o0 = out + b * outs;
      Real* __restrict o1 = o0 + outs;
      Real* __restrict o2 = o1 + outs;
      Real* __restrict o3 = o2 + outs;
      for (std::size_t o = 0; o < outs; ++o) o0[o] = o1[o] = o2[o] = o3[o] = bias ? bias[o] : Real(0);
      for (std::size_t i = 0; i < ins; ++i) {
        const Real* __restrict row = matrix + i * outs;
        const Real a0 = in[b * ins + i], a1 = in[(b + 1) * ins + i], a2 = in[(b + 2) * ins + i],
                   a3 = in[(b + 3) * ins + i];
        for (std::size_t o = 0; o < outs; ++o) {
          o0[o] += a0 * row[o];
          o1[o] += a1 * row[o];
          o2[o] += a2 * row[o];
          o3[o] += a3 * row[o];
        }
      }
    }
  }

  // gradient[i][:] += sum over the shard of in[b][i] delta[b][:]; the row after the last input is the bias.
  static void accumulate(const Real* in, const Real* delta, Real* gradient, std::size_t ins, std::size_t outs) {
    for (std::size_t i = 0; i <= ins; ++i) {
      Real* __restrict row = gradient + i * outs;
      for (std::size_t b = 0; b < kShard; b += 4) {
        const Real* __restrict d = delta + b * outs;
        const auto factor = [&](std::size_t k) { return i < ins ? in[(b + k) * ins + i] : Real(1); };
        const Real a0 = factor(0), a1 = factor(1), a2 = factor(2), a3 = factor(3);
        for (std::size_t o = 0; o < outs; ++o)
          row[o] += (a0 * d[o] + a1 * d[outs + o]) + (a2 * d[2 * outs + o] + a3 * d[3 * outs + o]);
      }
    }
  }

  std::vector<int> sizes_;
  std::vector<std::size_t> offsets_;
  std::vector<std::vector<Real>> transposed_, activations_, deltas_;
};

}  // namespace surrogate
