// A small network that says by how much the matrix stretches a product of three functions of one axis, from how rough each of
// them is. It learns that from a sample problem on a small grid, and is asked for the grid of the run: the initial guess.
#pragma once
#include <algorithm>
#include <array>
#include <cmath>
#include <cstddef>
#include <vector>

#include "mpi/cg/learned/functions.hpp"
#include "mpi/cg/random.hpp"
#include "train/surrogate/adam.hpp"
#include "train/surrogate/mlp.hpp"

namespace cg {

class Gains {
 public:
  static constexpr double kRate = 0.01;

  // `learning` is in steps of the trunk, which cost four times as much.
  explicit Gains(long long learning) : network_(kLayers), steps_(4 * learning) { network_.initialise(2); }

  // The small grid's points per axis for so many functions.
  static int grid(int functions) { return 4 * functions; }

  // `f` on the small grid, and the roughness of each.
  void train(const Functions& f, const std::vector<double>& rough) {
    scale_ = *std::max_element(rough.begin(), rough.end());
    std::vector<double> wanted = observe(f);
    for (std::size_t at = 0; at < wanted.size(); ++at) wanted[at] = std::log(wanted[at] / sum(rough, at));
    mean_ = 0;
    for (const double value : wanted) mean_ += value / static_cast<double>(wanted.size());
    surrogate::Adam adam(network_.parameters.size(), kRate, steps_);
    std::vector<float> gradient(network_.parameters.size());
    for (long long step = 0; step < steps_; ++step) {
      float batch[surrogate::kShard];
      for (int b = 0; b < surrogate::kShard; ++b) {
        const std::size_t at = cx::scramble(static_cast<std::uint64_t>(step * surrogate::kShard + b)) % wanted.size();
        put(b, rough, at);
        batch[b] = static_cast<float>(wanted[at] - mean_);
      }
      network_.forward();
      std::fill(gradient.begin(), gradient.end(), 0.0f);
      network_.backward(batch, gradient.data(), false);
      adam.begin_step();
      for (std::size_t i = 0; i < gradient.size(); ++i)
        network_.parameters[i] = adam.step(i, network_.parameters[i], static_cast<double>(gradient[i]) / surrogate::kShard);
      network_.refresh();
    }
  }

  // 1 / stretch for each product of three functions as rough as that: what a right-hand side's share is multiplied by.
  std::vector<double> of(const std::vector<double>& rough) {
    const std::size_t m = rough.size(), count = m * m * m;
    std::vector<double> gains(count);
    for (std::size_t first = 0; first < count; first += surrogate::kShard) {
      const std::size_t end = std::min(count, first + surrogate::kShard);
      for (std::size_t at = first; at < end; ++at) put(static_cast<int>(at - first), rough, at);
      network_.forward();
      for (std::size_t at = first; at < end; ++at)
        gains[at] = std::exp(-mean_ - static_cast<double>(network_.output()[at - first])) / sum(rough, at);
    }
    return gains;
  }

  // Of the sample problem and of the network's products.
  static double flops(int functions, long long learning) {
    const double n = grid(functions), m = functions;
    const double matrix = 8 * n * n * n, shares = 2 * (m * n * n * n + m * m * n * n + m * m * m * n);
    return matrix + 2 * shares + 4.0 * static_cast<double>(learning) * surrogate::kShard * network_flops(true) +
           m * m * m * network_flops(false);
  }

 private:
  static inline const std::vector<int> kLayers = {3, 16, 16, 1};
  static double network_flops(bool both) { return surrogate::Mlp<float>::flops(kLayers, both); }
  static std::size_t idx(int i) { return static_cast<std::size_t>(i); }

  // The functions of product `at`, [c][b][a].
  static std::array<std::size_t, 3> of_product(std::size_t at, std::size_t m) { return {at % m, at / m % m, at / m / m}; }

  static double sum(const std::vector<double>& rough, std::size_t at) {
    double all = 0;
    for (const std::size_t a : of_product(at, rough.size())) all += rough[a];
    return all;
  }

  void put(int b, const std::vector<double>& rough, std::size_t at) {
    float* input = network_.input() + 3 * b;
    for (const std::size_t a : of_product(at, rough.size())) *input++ = static_cast<float>(2 * rough[a] / scale_ - 1);
  }

  // By how much each product is stretched: a right-hand side's share against its solution's, where the solution is a random
  // sum of all products.
  static std::vector<double> observe(const Functions& f) {
    std::vector<double> solution(idx(f.count) * idx(f.count) * idx(f.count));
    for (std::size_t at = 0; at < solution.size(); ++at) solution[at] = 0.5 + random_cell(at, 16);
    const auto value = [&](std::size_t a, std::size_t i) { return f.at(static_cast<int>(a), static_cast<int>(i)); };
    const std::vector<double> field = contract(solution, idx(f.count), idx(f.points), value);
    std::vector<double> shares = contract(matrix(field, f.points), idx(f.points), idx(f.count),
                                          [&](std::size_t i, std::size_t a) { return value(a, i); });
    for (std::size_t at = 0; at < shares.size(); ++at) shares[at] /= solution[at];
    return shares;
  }

  // A u on a grid of n^3 points: 27 u less the sum over the box around, one axis after another.
  static std::vector<double> matrix(const std::vector<double>& u, int n) {
    std::vector<double> box = u, next(u.size());
    for (std::size_t stride = 1, axis = 0; axis < 3; ++axis, stride *= idx(n)) {
      for (std::size_t i = 0; i < u.size(); ++i) {
        const std::size_t along = i / stride % idx(n);
        next[i] = (along > 0 ? box[i - stride] : 0.0) + box[i] + (along + 1 < idx(n) ? box[i + stride] : 0.0);
      }
      box.swap(next);
    }
    for (std::size_t i = 0; i < u.size(); ++i) box[i] = 27 * u[i] - box[i];
    return box;
  }

  // A cube of numbers, each axis of `from` ones made `to` by the matrix value(from, to): the fastest axis is summed up and becomes
  // the slowest, three times.
  template <typename Value>
  static std::vector<double> contract(std::vector<double> cube, std::size_t from, std::size_t to, Value value) {
    for (int axis = 0; axis < 3; ++axis) {
      const std::size_t lines = cube.size() / from;
      std::vector<double> out(to * lines);
      for (std::size_t line = 0; line < lines; ++line)
        for (std::size_t j = 0; j < to; ++j)
          for (std::size_t i = 0; i < from; ++i) out[j * lines + line] += value(i, j) * cube[line * from + i];
      cube.swap(out);
    }
    return cube;
  }

  surrogate::Mlp<float> network_;
  long long steps_;
  double scale_ = 1, mean_ = 0;
};

}  // namespace cg
