// What a residual has of the learned products, and sums of them, in the CPU's order (passes.cpp, deflation.hpp).
#pragma once
#include "cuda/cg/walk.cuh"

namespace cg::gpu {

inline constexpr int kMostFunctions = 32;  // as --basis has

// Functions of one axis by rows of n values, and the global number of the slab's plane 0.
struct Learned {
  const double* values;
  int count, first;
};

CX_DEVICE double value_of(const Learned& learned, int n, int function, std::ptrdiff_t i) {
  return learned.values[function * std::ptrdiff_t{n} + i];
}

// Of each plane, 1 + count^2 numbers: r'r, then the sums of r f_a(x) f_b(y) at [b][a]. Where `q` is given, r = r - alpha q first.
// Blocks: one for each plane, of the helpers and 8 count threads or more, up to 256. Of these each has a cell; then a running sum of a
// function along the row; and where a row has ended, some of the numbers.
CX_GLOBAL void measure(Layout layout, Learned learned, double* r, const double* q, double alpha, double* out) {
  CX_SHARED double cells[2][kParts * kMostFunctions], on_row[kParts * kMostFunctions], squares[kParts];
  constexpr int kEach = kMostFunctions / kParts;  // of count^2 numbers, for 8 count threads
  const int n = static_cast<int>(layout.n), m = learned.count, tx = column(), z = static_cast<int>(blockIdx.x);
  const int across = (n + width() - 1) / width(), function = tx / kParts, lane = static_cast<int>(threadIdx.x);
  double square = 0, along = 0, numbers[kEach] = {};
  for (int y = 0; y < n; ++y) {
    for (int part = 0; part < across; ++part) {
      double* const here = cells[(y * across + part) % 2];
      const int x = part * width(), count = least(width(), n - x);
      if (tx >= 0 && tx < count) {
        const std::ptrdiff_t at = z * layout.plane + y * layout.row + x + tx;
        double value = r[at];
        if (q) r[at] = value = value - alpha * q[at];
        here[tx] = value;
      }
      CX_BARRIER(22);
      if (lane < kParts)
        for (int i = lane; i < count; i += kParts) square += here[i] * here[i];
      if (tx >= 0 && function < m)
        for (int i = tx % kParts; i < count; i += kParts) along += here[i] * value_of(learned, n, function, x + i);
    }
    if (tx >= 0 && function < m) on_row[tx] = along;
    along = 0;
    CX_BARRIER(23);
    CX_UNROLL
    for (int i = 0; i < kEach; ++i) {
      const int number = i * width() + tx;
      if (tx < 0 || number >= m * m) continue;
      numbers[i] += total(on_row + number % m * kParts) * value_of(learned, n, number / m, y);
    }
  }
  if (lane < kParts) squares[lane] = square;
  CX_BARRIER(24);
  out += z * (std::ptrdiff_t{m} * m + 1);
  if (lane == 0) out[0] = total(squares);
  CX_UNROLL
  for (int i = 0; i < kEach; ++i)
    if (tx >= 0 && i * width() + tx < m * m) out[1 + i * width() + tx] = numbers[i];
}

// What the factors [c][b][a] of f_a(x) f_b(y) f_c(z) come to on each plane, at [b][a]. Blocks: one for each plane.
CX_GLOBAL void on_planes(int n, Learned learned, const double* factors, double* out) {
  const int m = learned.count, z = static_cast<int>(blockIdx.x);
  for (int i = static_cast<int>(threadIdx.x); i < m * m; i += static_cast<int>(blockDim.x)) {
    double sum = 0;
    for (int c = 0; c < m; ++c) sum += value_of(learned, n, c, learned.first + z) * factors[c * m * m + i];
    out[std::ptrdiff_t{z} * m * m + i] = sum;
  }
}

// x = x + alpha p, then p = scale r + (what on_planes made of the factors) + beta p. Blocks: (rows, planes), of at least
// kMostFunctions threads.
CX_GLOBAL void turn_learned(Layout layout, Turn by, Learned learned, const double* factors) {
  CX_SHARED double on_row[kMostFunctions];
  const int n = static_cast<int>(layout.n), m = learned.count, y = static_cast<int>(blockIdx.x);
  const int a = static_cast<int>(threadIdx.x);
  if (a < m) {
    double sum = 0;
    for (int b = 0; b < m; ++b)
      sum += factors[blockIdx.y * std::ptrdiff_t{m} * m + b * m + a] * value_of(learned, n, b, y);
    on_row[a] = sum;
  }
  CX_BARRIER(25);
  for (int x = a; x < n; x += static_cast<int>(blockDim.x)) {
    const std::ptrdiff_t at = blockIdx.y * layout.plane + y * layout.row + x;
    double value = by.scale * by.r[at];
    for (int i = 0; i < m; ++i) value += on_row[i] * value_of(learned, n, i, x);
    const double old = by.p[at];
    by.x[at] = by.x[at] + by.alpha * old;
    by.p[at] = value + by.beta * old;
  }
}

}  // namespace cg::gpu
