// Is the backward pass the derivative of the forward pass? Asked of the very template that trains, in double precision.
#pragma once
#include <algorithm>
#include <cmath>
#include <vector>

#include "common/result.hpp"
#include "train/surrogate/samples.hpp"

namespace surrogate {

// The largest difference between analytic and central-difference derivatives along 24 random directions, relative to
// the length of the gradient. Directions rather than single weights: each touches every parameter.
inline cx::Check gradient_check(const Config& config, const Samples& samples) {
  Mlp<double> network(layer_sizes(config));
  network.initialise(static_cast<std::uint64_t>(config.seed));
  double wanted[kShard];
  for (int b = 0; b < kShard; ++b) {
    const std::size_t index = cx::scramble(static_cast<std::uint64_t>(b)) % samples.learned();
    wanted[b] = samples.load(false, index, network.input() + b * kInputs);
  }
  std::vector<double> gradient(network.parameters.size()), ignored(gradient.size());
  network.forward();
  network.backward(wanted, gradient.data(), config.wrong.is("gradient"));
  double length = 0, worst = 0;
  for (const double g : gradient) length += g * g;
  const std::vector<double> origin = network.parameters;
  for (std::uint64_t direction = 0; direction < 24; ++direction) {
    const auto sign = [&](std::size_t i) { return cx::scramble(i ^ (direction << 40)) & 1 ? 1.0 : -1.0; };
    double analytic = 0, loss[2];
    for (std::size_t i = 0; i < gradient.size(); ++i) analytic += sign(i) * gradient[i];
    constexpr double kStep = 1e-6;
    for (const int side : {0, 1}) {
      for (std::size_t i = 0; i < origin.size(); ++i)
        network.parameters[i] = origin[i] + (side ? kStep : -kStep) * sign(i);
      network.refresh();
      network.forward();
      loss[side] = network.backward(wanted, ignored.data(), false);
    }
    worst = std::max(worst, std::fabs((loss[1] - loss[0]) / (2 * kStep) - analytic));
  }
  return {"finite-difference gradient error", worst / std::sqrt(length), 1e-6};
}

}  // namespace surrogate
