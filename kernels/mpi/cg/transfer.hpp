// Between a grid and the next, coarser one: trilinear interpolation P between cell centres, and its transpose.
#pragma once
#include <array>
#include <cstddef>
#include <vector>

#include "mpi/cg/parallel.hpp"

namespace cg {

// Of restriction, per coarse cell: two cells of the line, 5 flops for each of four planes and 3 additions of planes, then 8.
inline constexpr Passes::PerCell kRestriction = {2 * (4 * 5 + 3) + 8, 8 + 64};
// Of interpolation, per fine cell.
inline constexpr Passes::PerCell kProlongation = {4 + 9.0 / 2, 17};

// A fine cell's two coarse cells along one axis: the one that it lies in, with 3/4, and the nearer neighbour, with 1/4.
inline constexpr double kWeights[4] = {0.25, 0.75, 0.75, 0.25};  // of the fine cells 2 k - 1 to 2 k + 2 in coarse cell k

namespace detail {

// line = line + weight (the four rows from `from` on, weighted); `first`: line was 0.
inline void add_rows(double* __restrict line, const double* from, std::ptrdiff_t row, int cells, double weight, bool first) {
  const double *one = from, *two = one + row, *three = two + row, *four = three + row;
  const double outer = weight * kWeights[0], inner = weight * kWeights[1];
  for (int x = 0; x < cells; ++x) {
    const double sum = outer * (one[x] + four[x]) + inner * (two[x] + three[x]);
    line[x] = first ? sum : line[x] + sum;
  }
}

// line = the two rows of the near plane and the two of the far one, weighted.
inline void mix_rows(double* __restrict line, const std::array<const double*, 4>& rows, int cells) {
  const double *one = rows[0], *two = rows[1], *three = rows[2], *four = rows[3];
  for (int x = 0; x < cells; ++x)
    line[x] = 0.75 * (0.75 * one[x] + 0.25 * two[x]) + 0.25 * (0.75 * three[x] + 0.25 * four[x]);
}

}  // namespace detail

// r = transpose(P) t / 2: the coarse grid has the same stencil, whose entries should be four times as large for
// twice the spacing, against eight fine cells that are summed up.
inline void restrict_to(Passes& coarse, Field& r, const Passes& fine, const Field& t) {
  coarse.add(kRestriction.flops, kRestriction.bytes);
  if (coarse.device) return coarse.device->restrict_to(r.id(), t.id());
  const int n = coarse.slab.n, shift = fine.slab.planes.begin;
  const std::ptrdiff_t row = fine.slab.layout.row;
  // Along y and z first, into a line of fine cells from -1 to 2 n: loops over contiguous cells.
  std::vector<double> line(static_cast<std::size_t>(2 * n + 2));
  for (int z = 0; z < coarse.slab.planes.size(); ++z)
    for (int y = 0; y < n; ++y) {
      for (int k = 0; k < 4; ++k) {
        const double* plane = t.plane(2 * (coarse.slab.planes.begin + z) + k - 1 - shift) + 2 * y * row - 1;
        detail::add_rows(line.data(), plane - row, row, 2 * n + 2, kWeights[k], k == 0);
      }
      double* out = r.plane(z) + y * coarse.slab.layout.row;
      for (int x = 0; x < n; ++x) {
        const double* from = &line[static_cast<std::size_t>(2 * x)];
        out[x] = 0.5 * ((0.25 * from[0] + 0.75 * from[1]) + (0.75 * from[2] + 0.25 * from[3]));
      }
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
      double* out = z.plane(k) + y * fine.slab.layout.row;
      for (int x = 0; x < cells; ++x) {
        const double* at = &line[static_cast<std::size_t>(x)];
        out[2 * x] += 0.75 * at[1] + 0.25 * at[0];
        out[2 * x + 1] += 0.75 * at[1] + 0.25 * at[2];
      }
    }
  }
}

}  // namespace cg
