// Between a grid and the next, coarser one: trilinear interpolation P between cell centres, and its transpose.
#pragma once
#include <array>
#include <cstddef>
#include <vector>

#include "common/vector.hpp"
#include "mpi/cg/parallel.hpp"

namespace cg {

// Of restriction, per coarse cell: for each of two fine planes two cells of a line, 5 flops each, and 7 along it; then 8.
inline constexpr Passes::PerCell kRestriction = {2 * (2 * 5 + 7) + 8, 8 + 64};
// Of interpolation, per fine cell.
inline constexpr Passes::PerCell kProlongation = {4 + 9.0 / 2, 17};

// A fine cell's two coarse cells along one axis: the one that it lies in, with 3/4, and the nearer neighbour, with 1/4.
inline constexpr double kWeights[4] = {0.25, 0.75, 0.75, 0.25};  // of the fine cells 2 k - 1 to 2 k + 2 in coarse cell k

namespace detail {

// line = the four rows from `from` on, weighted.
CX_VECTOR inline void weigh_rows(double* __restrict line, const double* __restrict from, std::ptrdiff_t row, int cells) {
  const auto weighed = [=](int x) {
    return kWeights[0] * (from[x] + from[3 * row + x]) + kWeights[1] * (from[row + x] + from[2 * row + x]);
  };
  int x = 0;
  for (; x + 8 <= cells; x += 8) {
    // The two rows that the next line has beyond these: such short stretches no hardware foresees.
    __builtin_prefetch(from + 4 * row + x);
    __builtin_prefetch(from + 5 * row + x);
    for (int i = x; i < x + 8; ++i) line[i] = weighed(i);
  }
  for (; x < cells; ++x) line[x] = weighed(x);
}

// Of a line that begins with fine cell -1.
CX_VECTOR inline void weigh_cells(double* __restrict out, const double* __restrict line, int cells) {
  for (int x = 0; x < cells; ++x) {
    const double* from = line + 2 * x;
    out[x] = (kWeights[0] * from[0] + kWeights[1] * from[1]) + (kWeights[2] * from[2] + kWeights[3] * from[3]);
  }
}

// Half of four planes' rows, weighted.
CX_VECTOR inline void weigh_planes(double* __restrict out, const std::array<const double*, 4>& rows, int cells) {
  const double *one = rows[0], *two = rows[1], *three = rows[2], *four = rows[3];
  for (int x = 0; x < cells; ++x)
    out[x] = 0.5 * ((kWeights[0] * one[x] + kWeights[1] * two[x]) + (kWeights[2] * three[x] + kWeights[3] * four[x]));
}

// line = the two rows of the near plane and the two of the far one, weighted.
CX_VECTOR inline void mix_rows(double* __restrict line, const std::array<const double*, 4>& rows, int cells) {
  const double *one = rows[0], *two = rows[1], *three = rows[2], *four = rows[3];
  for (int x = 0; x < cells; ++x)
    line[x] = 0.75 * (0.75 * one[x] + 0.25 * two[x]) + 0.25 * (0.75 * three[x] + 0.25 * four[x]);
}

// Adds a line that begins with coarse cell -1 to twice as many fine cells.
CX_VECTOR inline void add_cells(double* __restrict out, const double* __restrict line, int cells) {
  for (int x = 0; x < cells; ++x) {
    const double near = 0.75 * line[x + 1];
    out[2 * x] += near + 0.25 * line[x];
    out[2 * x + 1] += near + 0.25 * line[x + 2];
  }
}

}  // namespace detail

// r = transpose(P) t / 2: the coarse grid has the same stencil, whose entries should be four times as large for
// twice the spacing, against eight fine cells that are summed up.
inline void restrict_to(Passes& coarse, Field& r, const Passes& fine, const Field& t) {
  coarse.add(kRestriction.flops, kRestriction.bytes);
  if (coarse.device) return coarse.device->restrict_to(r.id(), t.id());
  const int n = coarse.slab.n, planes = coarse.slab.planes.size();
  const int first = 2 * coarse.slab.planes.begin - 1 - fine.slab.planes.begin;
  const std::ptrdiff_t row = fine.slab.layout.row;
  // Within each fine plane first, which is read once: what becomes of it stays in the cache until four of them make a plane.
  const auto area = static_cast<std::size_t>(n) * static_cast<std::size_t>(n);
  std::vector<double> kept(4 * area), line(static_cast<std::size_t>(2 * n + 2));
  const auto part = [&](int plane, int y) { return kept.data() + static_cast<std::size_t>(plane % 4) * area + y * n; };
  for (int plane = 0; plane < 2 * planes + 2; ++plane) {
    for (int y = 0; y < n; ++y) {
      detail::weigh_rows(line.data(), t.plane(first + plane) + (2 * y - 1) * row - 1, row, 2 * n + 2);
      detail::weigh_cells(part(plane, y), line.data(), n);
    }
    if (plane < 3 || plane % 2 == 0) continue;
    for (int y = 0; y < n; ++y)
      detail::weigh_planes(r.plane((plane - 3) / 2) + y * coarse.slab.layout.row,
                           {part(plane - 3, y), part(plane - 2, y), part(plane - 1, y), part(plane, y)}, n);
  }
}

// z = z + P coarse z.
inline void prolong(Passes& fine, Field& z, const Passes& coarse, const Field& correction) {
  fine.add(kProlongation.flops, kProlongation.bytes);
  if (fine.device) return fine.device->prolong(z.id(), correction.id());
  std::vector<double> line(static_cast<std::size_t>(coarse.slab.n + 2));  // of coarse cells from -1 to n
  const int shift = coarse.slab.planes.begin;
  for (int k = 0; k < fine.slab.planes.size(); ++k) {
    const int global = fine.slab.planes.begin + k;
    const double* near = correction.plane(global / 2 - shift);
    const double* far = correction.plane(global / 2 + (global % 2 ? 1 : -1) - shift);
    for (int y = 0; y < fine.slab.n; ++y) {
      const std::ptrdiff_t row = coarse.slab.layout.row;
      const std::ptrdiff_t one = y / 2 * row - 1, two = (y / 2 + (y % 2 ? 1 : -1)) * row - 1;
      const int cells = coarse.slab.n;
      detail::mix_rows(line.data(), {near + one, near + two, far + one, far + two}, cells + 2);
      detail::add_cells(z.plane(k) + y * fine.slab.layout.row, line.data(), cells);
    }
  }
}

}  // namespace cg
