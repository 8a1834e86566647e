// Passes without the matrix. Those that have sums go as those with it do; the others have a block for each row.
#pragma once
#include "cuda/cg/walk.cuh"
#include "mpi/cg/samples.hpp"

namespace cg::gpu {

// Pointers are to the first cell of the slab's plane 0.
template <typename Tile>
struct Pair {
  double one[Tile::kLines], other[Tile::kLines];
};

// The sum of term(offset, one, other) over each plane.
template <typename Tile, typename Term>
CX_DEVICE void sum_up(const Layout& layout, const Part& part, double* sums, const double* one, const double* other, Term term) {
  const int n = static_cast<int>(layout.n), planes = own<Tile>(part);
  const auto load = [&](const Place& place) {
    Pair<Tile> pair{};
    if (column() < 0 || place.x + column() >= n) return pair;
    CX_UNROLL
    for (int line = 0; line < Tile::kLines; ++line) {
      if (line / Tile::kRows >= planes) continue;
      const std::ptrdiff_t at = offset<Tile>(layout, part, place, line);
      pair.one[line] = one[at];
      pair.other[line] = other[at];
    }
    return pair;
  };
  const auto keep = [](const Place&, const Pair<Tile>& pair) { return pair; };
  walk<Tile, true>(layout, part, sums, load, keep, [&](const Place& place, int line, const Pair<Tile>& held) {
    return term(offset<Tile>(layout, part, place, line), held.one[line], held.other[line]);
  });
}

template <typename Tile>
CX_GLOBAL void CX_BOUNDS(Tile::kWide + kHelpers, 2) dot(Layout layout, Part part, double* sums, const double* a, const double* b) {
  sum_up<Tile>(layout, part, sums, a, b, [](std::ptrdiff_t, double one, double other) { return one * other; });
}

// r = r - alpha q, and the sums of r * r.
template <typename Tile>
CX_GLOBAL void CX_BOUNDS(Tile::kWide + kHelpers, 2) step(Layout layout, Part part, double* sums, double* r, const double* q, double alpha) {
  sum_up<Tile>(layout, part, sums, r, q, [&](std::ptrdiff_t at, double one, double other) {
    const double value = one - alpha * other;
    r[at] = value;
    return value * value;
  });
}

// action(offset) for the cells of one row. Blocks: (rows, planes).
template <typename Action>
CX_DEVICE void each_of_row(const Layout& layout, Action action) {
  const std::ptrdiff_t row = blockIdx.y * layout.plane + blockIdx.x * layout.row;
  for (unsigned x = threadIdx.x; x < layout.n; x += blockDim.x) action(row + x);
}

// out = sample - less, or the sample alone; `first`: the global number of plane 0.
CX_GLOBAL void fill(Layout layout, double* out, Sample sample, int first, const double* less) {
  const auto n = static_cast<std::uint64_t>(layout.n);
  const std::uint64_t row = ((static_cast<std::uint64_t>(first) + blockIdx.y) * n + blockIdx.x) * n;
  const std::ptrdiff_t begin = blockIdx.y * layout.plane + blockIdx.x * layout.row;
  each_of_row(layout, [&](std::ptrdiff_t at) {
    const double value = sample.at(row + static_cast<std::uint64_t>(at - begin), n);
    out[at] = less ? value - less[at] : value;
  });
}

// x = x + alpha p, then p = scale z + beta p.
CX_GLOBAL void turn(Layout layout, Turn by) {
  each_of_row(layout, [&](std::ptrdiff_t at) {
    const double old = by.p[at];
    by.x[at] = by.x[at] + by.alpha * old;
    by.p[at] = by.scale * by.r[at] + by.beta * old;
  });
}

// one = other = by r.
CX_GLOBAL void scale(Layout layout, const double* r, double by, double* one, double* other) {
  each_of_row(layout, [&](std::ptrdiff_t at) { one[at] = other[at] = by * r[at]; });
}

}  // namespace cg::gpu
