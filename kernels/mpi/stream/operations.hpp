// The five operations on one rank's part of the arrays. Stores pass the cache by: nothing is read again before it would
// have left the cache, and an ordinary store would read each line before it overwrites it.
#pragma once
#include <cstddef>

#include "common/vector.hpp"

namespace stream {

// As in BabelStream. A round multiplies a by s + s (1 + s) = 0.96: values stay in range for any number of rounds.
inline constexpr double kScalar = 0.4;

CX_VECTOR inline void copy(double* c, const double* a, std::size_t count) {
  cx::store_past_cache(c, count, [=](std::size_t i) { return a[i]; });
  cx::settle();
}

CX_VECTOR inline void mul(double* b, const double* c, double scalar, std::size_t count) {
  cx::store_past_cache(b, count, [=](std::size_t i) { return scalar * c[i]; });
  cx::settle();
}

CX_VECTOR inline void add(double* c, const double* a, const double* b, std::size_t count) {
  cx::store_past_cache(c, count, [=](std::size_t i) { return a[i] + b[i]; });
  cx::settle();
}

CX_VECTOR inline void triad(double* a, const double* b, const double* c, double scalar, std::size_t count) {
  cx::store_past_cache(a, count, [=](std::size_t i) { return b[i] + scalar * c[i]; });
  cx::settle();
}

// The sum of one block in a fixed order: sixteen partial sums, so that additions need not wait for each other.
CX_VECTOR inline double dot(const double* a, const double* b, std::size_t count) {
  double sums[16] = {};
  std::size_t i = 0;
  for (; i + 16 <= count; i += 16)
    for (std::size_t j = 0; j < 16; ++j) sums[j] += a[i + j] * b[i + j];
  for (std::size_t j = 0; i < count; ++i, ++j) sums[j] += a[i] * b[i];
  double sum = 0;
  for (const double part : sums) sum += part;
  return sum;
}

}  // namespace stream
