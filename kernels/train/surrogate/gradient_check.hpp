// Is the backward pass the derivative of the forward pass? On the CPU asked of the very template that trains, in double
// precision; of a GPU's gradient, how far it is from the differences in double precision.
#pragma once
#include <algorithm>
#include <cmath>
#include <vector>

#include "common/result.hpp"
#include "train/surrogate/fixed.hpp"
#include "train/surrogate/ring.hpp"
#include "train/surrogate/samples.hpp"
#include "train/surrogate/shuffle.hpp"

namespace surrogate {

// The network as it begins, in double precision, and a shard of samples.
class GradientCheck {
 public:
  GradientCheck(const Config& config, const Samples& samples)
      : config_(config), samples_(samples), network_(layer_sizes(config)) {
    network_.initialise(static_cast<std::uint64_t>(config.seed));
  }

  // Of the CPU's backward pass.
  cx::Check of_template() {
    for (int b = 0; b < kShard; ++b) load(b, cx::scramble(static_cast<std::uint64_t>(b)) % samples_.learned());
    std::vector<double> gradient(network_.parameters.size());
    network_.forward();
    network_.backward(wanted_, gradient.data(), config_.wrong.is("gradient"));
    return against(gradient, 1e-6);
  }

  // Of sums that a GPU made of the first shard of `part` in the first batch. Rounding of floats, and of bf16 at every layer.
  cx::Check of_sums(const Sums& sums, const Part& part) {
    const std::size_t first = part.begin * static_cast<std::size_t>(config_.shard());
    for (std::size_t b = 0; b < kShard; ++b)
      load(b, shuffled(first + b, static_cast<std::uint64_t>(config_.seed), samples_.learned()));
    std::vector<double> gradient(network_.parameters.size());
    for (std::size_t i = 0; i < gradient.size(); ++i) gradient[i] = from_fixed(sums[i]);
    return against(gradient, config_.half() ? 0.03 : 1e-5);
  }

 private:
  void load(std::size_t b, std::size_t index) {
    wanted_[b] = samples_.load(false, index, network_.input() + b * kInputs);
  }

  // The largest difference between analytic and central-difference derivatives along random directions, relative to the
  // length of the gradient. Directions rather than single weights: each touches every parameter. There are 24 of them, and
  // of the largest networks fewer: they are to be trained, not checked for minutes.
  cx::Check against(const std::vector<double>& gradient, double tolerance) {
    double length = 0, worst = 0;
    for (const double g : gradient) length += g * g;
    const std::vector<double> origin = network_.parameters;
    const std::uint64_t directions = std::clamp<std::uint64_t>((24 << 20) / gradient.size(), 4, 24);
    for (std::uint64_t direction = 0; direction < directions; ++direction) {
      const auto sign = [&](std::size_t i) { return cx::scramble(i ^ (direction << 40)) & 1 ? 1.0 : -1.0; };
      double analytic = 0, loss[2];
      for (std::size_t i = 0; i < gradient.size(); ++i) analytic += sign(i) * gradient[i];
      constexpr double kStep = 1e-6;
      for (const int side : {0, 1}) {
        for (std::size_t i = 0; i < origin.size(); ++i)
          network_.parameters[i] = origin[i] + (side ? kStep : -kStep) * sign(i);
        network_.forward();
        loss[side] = network_.loss(wanted_);
      }
      worst = std::max(worst, std::fabs((loss[1] - loss[0]) / (2 * kStep) - analytic));
    }
    network_.parameters = origin;
    return {"finite-difference gradient error", worst / std::sqrt(length), tolerance};
  }

  const Config& config_;
  const Samples& samples_;
  Mlp<double> network_;
  double wanted_[kShard];
};

}  // namespace surrogate
