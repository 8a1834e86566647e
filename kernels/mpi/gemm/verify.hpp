// Is the product right? Every element at once by random signs, and some rows element by element.
#pragma once
#include <mpi.h>
#include <algorithm>
#include <cmath>
#include <limits>
#include <type_traits>
#include <vector>

#include "common/hash.hpp"
#include "common/result.hpp"
#include "mpi/common/ranges.hpp"

namespace gemm {

// One rank's rows of C = A B, in whole units; row-major, n wide.
template <typename Real>
struct Product {
  const std::vector<Real>&a, &b, &c;
  std::size_t rows, n, unit;
};

// Wider than what it checks; the product of two floats is exact in it.
template <typename Real>
using Wide = std::conditional_t<std::is_same_v<Real, double>, long double, double>;

// max() would pass over a NaN.
inline double larger(double worst, double error) {
  return std::isnan(error) ? std::numeric_limits<double>::infinity() : std::max(worst, error);
}

inline constexpr std::size_t kSampledRows = 8;

// Of a unit's eight tiles of rows one row each, no two at the same place of eight: on a GPU the tiles are those of warps, and the
// places of eight those of lanes. The units are from this rank's first to its last.
inline std::size_t sampled_row(std::size_t sample, std::size_t rows, std::size_t unit) {
  const std::size_t tile = unit / kSampledRows;
  return cx::spread(sample, kSampledRows, rows / unit) * unit + tile * sample + 9 * sample % tile;
}

// The largest error of an element in sampled rows.
template <typename Real>
double error_of_samples(const Product<Real>& of) {
  const std::size_t n = of.n;
  std::vector<Wide<Real>> wanted(kSampledRows * n);
  const auto row = [&](std::size_t sample) { return sampled_row(sample, of.rows, of.unit); };
  for (std::size_t k = 0; k < n; ++k)
    for (std::size_t sample = 0; sample < kSampledRows; ++sample) {
      const auto left = static_cast<Wide<Real>>(of.a[row(sample) * n + k]);
      for (std::size_t j = 0; j < n; ++j) wanted[sample * n + j] += left * static_cast<Wide<Real>>(of.b[k * n + j]);
    }
  double worst = 0;
  for (std::size_t sample = 0; sample < kSampledRows; ++sample)
    for (std::size_t j = 0; j < n; ++j) {
      const auto right = wanted[sample * n + j];
      worst = larger(worst, std::fabs(static_cast<double>(static_cast<Wide<Real>>(of.c[row(sample) * n + j]) - right)));
    }
  return worst;
}

// C x against A (B x) for a vector x of random signs (Freivalds, 1977): the largest error of a row, over the root of n. That is
// what its elements err by if they do so independently; and a wrong element is seen wherever it is.
template <typename Real>
double error_of_all(const Product<Real>& of) {
  const std::size_t n = of.n;
  std::vector<Wide<Real>> signs(n);
  for (std::size_t j = 0; j < n; ++j) signs[j] = cx::scramble(j) & 1 ? 1 : -1;
  const auto product = [n](const Real* row, const std::vector<Wide<Real>>& x) {
    Wide<Real> sum = 0;
    for (std::size_t j = 0; j < n; ++j) sum += static_cast<Wide<Real>>(row[j]) * x[j];
    return sum;
  };
  std::vector<Wide<Real>> turned(n);
  for (std::size_t k = 0; k < n; ++k) turned[k] = product(&of.b[k * n], signs);
  double worst = 0;
  for (std::size_t i = 0; i < of.rows; ++i)
    worst = larger(worst, std::fabs(static_cast<double>(product(&of.c[i * n], signs) - product(&of.a[i * n], turned))));
  return worst / std::sqrt(static_cast<double>(n));
}

// Collective. `cut`: by instructions that cut off where others round.
template <typename Real>
std::vector<cx::Check> verify(const Product<Real>& of, bool cut) {
  double worst[2] = {error_of_samples(of), error_of_all(of)};
  MPI_Allreduce(MPI_IN_PLACE, worst, 2, MPI_DOUBLE, MPI_MAX, MPI_COMM_WORLD);
  // Rounding of a sum of n terms below 1 in size walks at random: about eps n / 3 at its end.
  const double eps = static_cast<double>(std::numeric_limits<Real>::epsilon());
  const double tolerance = (cut ? 8 : 2) * eps * static_cast<double>(of.n);
  return {{"largest error of an element in sampled rows", worst[0], tolerance},
          {"largest error of a row by random signs, over the root of its length", worst[1], tolerance}};
}

}  // namespace gemm
