// A small network x -> m functions of one axis, trained until their span has the least energy: that of the smoothest
// functions, which conjugate gradients find last. It is told the energy alone (as in E and Yu, The Deep Ritz Method, 2018), no
// solutions and no eigenvectors.
#pragma once
#include <algorithm>
#include <cstddef>
#include <vector>

#include "mpi/cg/learned/functions.hpp"
#include "train/surrogate/adam.hpp"
#include "train/surrogate/mlp.hpp"

namespace cg {

class Trunk {
 public:
  static constexpr int kPoints = 64;  // of the axis that it learns on, whatever the grid of the run
  static constexpr double kRate = 0.02;

  Trunk(int functions, long long steps)
      : network_(sizes(functions)),
        functions_(functions),
        steps_(steps),
        adam_(network_.parameters.size(), kRate, steps),
        gradient_(network_.parameters.size()) {
    network_.initialise(1);
    // The first layer's neurons bend one beside the other along the axis, each about as wide as half a wave.
    const auto width = static_cast<std::size_t>(network_width(functions));
    const double slope = 1.5 * functions;
    for (std::size_t j = 0; j < width; ++j) {
      const double centre = (2 * static_cast<double>(j) + 1) / static_cast<double>(width) - 1;
      network_.parameters[j] = static_cast<float>(slope);
      network_.parameters[width + j] = static_cast<float>(-slope * centre);
    }
    network_.refresh();
  }

  void train() {
    for (long long step = 0; step < steps_; ++step) {
      const Functions slopes = slopes_of(evaluate(kPoints));
      std::fill(gradient_.begin(), gradient_.end(), 0.0f);
      for (int first = 0; first < kPoints; first += surrogate::kShard) {
        forward(first, kPoints);
        for (int b = 0; b < surrogate::kShard; ++b)
          for (int a = 0; a < functions_; ++a)
            network_.slope()[b * functions_ + a] =
                static_cast<float>(wall(first + b, kPoints) * slopes.at(a, first + b));
        network_.propagate(gradient_.data());
      }
      adam_.begin_step();
      for (std::size_t i = 0; i < gradient_.size(); ++i)
        network_.parameters[i] = adam_.step(i, network_.parameters[i], static_cast<double>(gradient_[i]));
      network_.refresh();
    }
  }

  // The functions at the interior points of any axis.
  Functions evaluate(int points) {
    Functions out(functions_, points);
    for (int first = 0; first < points; first += surrogate::kShard) {
      forward(first, points);
      for (int b = 0; b < surrogate::kShard && first + b < points; ++b)
        for (int a = 0; a < functions_; ++a)
          out.at(a, first + b) = wall(first + b, points) * static_cast<double>(network_.output()[b * functions_ + a]);
    }
    return out;
  }

  // Of the network's products in training, forward twice and backward once, and in one evaluation at `points`.
  static double flops(int functions, long long steps, int points) {
    const std::vector<int> layers = sizes(functions);
    const double forward = surrogate::Mlp<float>::flops(layers, false), both = surrogate::Mlp<float>::flops(layers, true);
    return static_cast<double>(steps) * kPoints * (forward + both) + points * forward;
  }

 private:
  static int network_width(int functions) { return 4 * functions; }
  static std::vector<int> sizes(int functions) { return {1, network_width(functions), functions}; }

  // The functions are 0 on both walls.
  static double position(int i, int points) { return (i + 1.0) / (points + 1.0); }
  static double wall(int i, int points) { return 4 * position(i, points) * (1 - position(i, points)); }

  void forward(int first, int points) {
    for (int b = 0; b < surrogate::kShard; ++b)
      network_.input()[b] = static_cast<float>(2 * position(first + b, points) - 1);
    network_.forward();
  }

  // The derivative of the energy, trace(Q' L Q) for F = Q R, by the values of F: 2 (L Q - Q (Q' L Q)) R^-T.
  static Functions slopes_of(Functions f) {
    Square upper;
    orthonormalise(f, &upper);
    const Functions rough = roughness(f);
    const Square energy = products(f, rough);
    const int m = f.count;
    Functions out(m, f.points);
    for (int i = 0; i < f.points; ++i)
      for (int a = m - 1; a >= 0; --a) {
        double value = rough.at(a, i);
        for (int b = 0; b < m; ++b) value -= f.at(b, i) * energy[static_cast<std::size_t>(b * m + a)];
        value *= 2;
        for (int b = a + 1; b < m; ++b) value -= out.at(b, i) * upper[static_cast<std::size_t>(a * m + b)];
        out.at(a, i) = value / upper[static_cast<std::size_t>(a * m + a)];
      }
    return out;
  }

  surrogate::Mlp<float> network_;
  int functions_;
  long long steps_;
  surrogate::Adam adam_;
  std::vector<float> gradient_;
};

}  // namespace cg
