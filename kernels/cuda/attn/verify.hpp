// Is it attention? The weights of every row add up to 1, and some rows are those of softmax in double precision.
#pragma once
#include <mpi.h>
#include <algorithm>
#include <cmath>
#include <cstddef>
#include <cstdint>
#include <cstring>
#include <limits>
#include <vector>

#include "common/result.hpp"
#include "cuda/attn/config.hpp"
#include "mpi/common/ranges.hpp"

namespace attn {

using Values = std::vector<std::uint16_t>;  // bf16: the upper halves of floats

inline float to_float(std::uint16_t value) {
  const std::uint32_t bits = std::uint32_t{value} << 16;
  float out;
  std::memcpy(&out, &bits, 4);
  return out;
}

// One of a head's columns of values holds ones alone, so that what comes out there is the sum of a row's weights.
inline constexpr std::uint16_t kOne = 0x3f80;
inline std::size_t column_of_ones(std::size_t head) { return head % kWidth; }

// One rank's heads, from number `first` on, one after another.
struct Heads {
  const Values &q, &k, &v;
  const std::vector<float>& out;
  std::size_t first, count, length;
};

// max() would pass over a NaN.
inline double larger(double worst, double error) {
  return std::isnan(error) ? std::numeric_limits<double>::infinity() : std::max(worst, error);
}

// Of each of the 64 places that a query can have in its block, so of every warp and lane, a row; heads and blocks from the first to
// the last, each in an order of its own.
inline constexpr std::size_t kSamples = kUnit;
inline std::size_t sampled_row(std::size_t sample, std::size_t heads, std::size_t length) {
  const std::size_t turned = sample % 8 * 8 + sample / 8;
  return cx::spread(sample, kSamples, heads) * length + cx::spread(turned, kSamples, length / kUnit) * kUnit + sample;
}

// A row by softmax in double precision; and of each sum, the root of its squared terms.
struct Row {
  std::vector<double> values, sizes;
};
inline Row exact(const Heads& of, std::size_t row) {
  const std::size_t head = row / of.length * of.length;
  std::vector<double> weights(of.length);
  Row out{std::vector<double>(kWidth), std::vector<double>(kWidth)};
  const auto at = [](const Values& values, std::size_t i, std::size_t j) {
    return static_cast<double>(to_float(values[i * kWidth + j]));
  };
  for (std::size_t key = 0; key < of.length; ++key) {
    for (std::size_t j = 0; j < kWidth; ++j) weights[key] += at(of.q, row, j) * at(of.k, head + key, j);
    weights[key] /= std::sqrt(static_cast<double>(kWidth));
  }
  const double most = *std::max_element(weights.begin(), weights.end());
  double sum = 0;
  for (double& weight : weights) sum += weight = std::exp(weight - most);
  for (std::size_t key = 0; key < of.length; ++key)
    for (std::size_t j = 0; j < kWidth; ++j) {
      const double term = weights[key] / sum * at(of.v, head + key, j);
      out.values[j] += term;
      out.sizes[j] += term * term;
    }
  for (double& size : out.sizes) size = std::sqrt(size);
  return out;
}

// The largest error in sampled rows, relative to their terms. Each weight is rounded to 8 bits, by at most 2^-8 of it: the errors of
// the terms add up at random, to a few thousandths of the root of the squared terms. A tile of keys left out, of 8192, is a tenth.
inline double error_of_samples(const Heads& of) {
  double worst = 0;
  for (std::size_t sample = 0; sample < kSamples; ++sample) {
    const std::size_t row = sampled_row(sample, of.count, of.length), ones = column_of_ones(of.first + row / of.length);
    const Row wanted = exact(of, row);
    for (std::size_t j = 0; j < kWidth; ++j)
      if (j != ones)
        worst = larger(worst, std::fabs(static_cast<double>(of.out[row * kWidth + j]) - wanted.values[j]) / wanted.sizes[j]);
  }
  return worst;
}

// The largest difference from 1 of the weights of any row, added up.
inline double error_of_sums(const Heads& of) {
  double worst = 0;
  for (std::size_t row = 0; row < of.count * of.length; ++row) {
    const float sum = of.out[row * kWidth + column_of_ones(of.first + row / of.length)];
    worst = larger(worst, std::fabs(static_cast<double>(sum) - 1));
  }
  return worst;
}

// Collective.
inline std::vector<cx::Check> verify(const Heads& of) {
  double worst[2] = {error_of_samples(of), error_of_sums(of)};
  MPI_Allreduce(MPI_IN_PLACE, worst, 2, MPI_DOUBLE, MPI_MAX, MPI_COMM_WORLD);
  // Weights are rounded to 8 bits before they are multiplied, not where they are summed up to divide by; and matrix instructions
  // cut off each of their sums of 16 terms, by at most 2^-23.
  const double rounding = 0x1p-8 + static_cast<double>(of.length) / 16 * 0x1p-23;
  return {{"largest error in sampled rows against softmax in double precision, relative to its terms", worst[0], 0x1p-6},
          {"largest difference from 1 of a row's weights, added up", worst[1], rounding}};
}

}  // namespace attn
