// Preconditioners: z = M r. All are symmetric and positive definite, which conjugate gradients need: polynomials in A that
// are positive where A's eigenvalues are, and multigrid that smooths by the same polynomial before and after.
#pragma once
#include <array>
#include <cmath>
#include <deque>
#include <memory>
#include <vector>

#include "mpi/cg/config.hpp"
#include "mpi/cg/slab.hpp"

namespace cg {

inline constexpr double kLargest = 36;  // of A's eigenvalues 27 - (product of 1 + 2 cos) on any grid

// The smallest on a grid of n cells per axis.
inline double smallest(int n) {
  const double factor = 1 + 2 * std::cos(3.14159265358979323846 / (n + 1.0));
  return 27 - factor * factor * factor;
}

// The Chebyshev iteration for A z = r from z = 0 with `products` matrix products, for eigenvalues in [low, kLargest]; for
// smaller ones it is still positive. Y. Saad, Iterative Methods for Sparse Linear Systems, 2nd ed., algorithm 12.1.
class Chebyshev {
 public:
  Chebyshev(double low, int products)
      : centre_((kLargest + low) / 2), half_((kLargest - low) / 2), products_(products) {}

  // z = (its polynomial) r. `other` and `d` are scratch; the result is in z. With one product, neither is touched.
  void apply(Passes& passes, Field& r, Field& z, Field& other, Field& d) const {
    if (products_ == 1) {
      passes.stencil(Pass::kPolynomial, fields(r, z));
      return;
    }
    Field *from = products_ % 2 ? &other : &z, *to = products_ % 2 ? &z : &other;
    start(passes, r, d, *from);
    double rho = half_ / centre_;
    for (int product = 0; product < products_; ++product) {
      const double next = 1 / (2 * centre_ / half_ - rho);
      Passes::Fields f;
      f.u = from;
      f.f = &r;
      f.out = to;
      f.d = &d;
      f.a = next * rho;
      f.b = 2 * next / half_;
      passes.stencil(Pass::kChebyshev, f);
      rho = next;
      from = to;
      to = to == &z ? &other : &z;
    }
  }

  // z = z + (its polynomial) r, for one product.
  void add(Passes& passes, Field& r, Field& z) const { passes.stencil(Pass::kAdd, fields(r, z)); }

 private:
  // With one product: z = r / centre + d, d = rho' rho r / centre + 2 rho' / half (r - A r / centre).
  Passes::Fields fields(Field& r, Field& z) const {
    const double rho = half_ / centre_, next = 1 / (2 * centre_ / half_ - rho);
    Passes::Fields f;
    f.u = &r;
    f.out = &z;
    f.a = (1 + next * rho) / centre_ + 2 * next / half_;
    f.b = -2 * next / half_ / centre_;
    return f;
  }

  // d and the first z are r / centre.
  void start(Passes& passes, const Field& r, Field& d, Field& first) const {
    const double scale = 1 / centre_;
    const Slab& slab = passes.slab;
    for (int z = 0; z < slab.planes.size(); ++z)
      for (int y = 0; y < slab.n; ++y)
        for (int x = 0; x < slab.n; ++x) d.at(x, y, z) = first.at(x, y, z) = scale * r.at(x, y, z);
    passes.add(1, 24);
  }

  double centre_, half_;
  int products_;
};

// One V-cycle: on each grid a polynomial that damps what the next, coarser grid cannot show, before and after that grid's
// correction. Trilinear interpolation between cell centres, its transpose as restriction.
class Multigrid {
 public:
  Multigrid(const Config& config, const Slab& finest, cx::Work& work, double& comm_seconds, int ranks, int rank) {
    int unit = config.unit(), n = finest.n;
    for (int level = 0; level < config.levels(); ++level, n /= 2, unit /= 2) {
      levels_.emplace_back(Slab(n, unit, ranks, rank));
      Level& made = levels_.back();
      made.passes = std::make_unique<Passes>(made.slab, work, comm_seconds);
      made.t = Field(made.slab);
      if (level > 0) made.r = Field(made.slab), made.z = Field(made.slab), made.d = Field(made.slab);
    }
  }

  // Bytes that the grids take beyond the solver's fields.
  static double bytes(const Slab& finest) { return finest.bytes() * (1 + 4.0 / 7); }

  // Of restriction, per coarse cell: two cells of the line, 5 flops for each of four planes and 3 additions of planes, then 8.
  static constexpr Passes::PerCell kRestriction = {2 * (4 * 5 + 3) + 8, 8 + 64};

  // z = M r on the finest grid.
  void apply(Field& r, Field& z) { cycle(0, r, z); }

 private:
  struct Level {
    explicit Level(const Slab& slab_) : slab(slab_) {}
    Slab slab;
    std::unique_ptr<Passes> passes;
    Field r, z, t, d;
  };

  void cycle(std::size_t at, Field& r, Field& z) {
    Level& level = levels_[at];
    if (at + 1 == levels_.size()) {
      if (at == 0) kSmoother.apply(*level.passes, r, z, level.t, level.t);
      else Chebyshev(smallest(level.slab.n), 12).apply(*level.passes, r, z, level.t, level.d);
      return;
    }
    Level& coarse = levels_[at + 1];
    kSmoother.apply(*level.passes, r, z, level.t, level.t);
    residual(level, r, z);
    level.passes->exchange(level.t);
    restrict_to(coarse, level);
    cycle(at + 1, coarse.r, coarse.z);
    coarse.passes->exchange(coarse.z);
    prolong(level, z, coarse);
    residual(level, r, z);
    kSmoother.add(*level.passes, level.t, z);
  }

  static void residual(Level& level, const Field& r, Field& z) {
    Passes::Fields f;
    f.u = &z;
    f.f = &r;
    f.out = &level.t;
    level.passes->stencil(Pass::kResidual, f);
  }

  // A fine cell's two coarse cells along one axis: the one that it lies in, with 3/4, and the nearer neighbour, with 1/4.
  static constexpr double kWeights[4] = {0.25, 0.75, 0.75, 0.25};  // of the fine cells 2 k - 1 to 2 k + 2 in coarse cell k

  // coarse r = transpose(P) t / 2: the coarse grid has the same stencil, whose entries should be four times as large for
  // twice the spacing, against eight fine cells that are summed up.
  static void restrict_to(Level& coarse, Level& fine) {
    const int n = coarse.slab.n, shift = fine.slab.planes.begin;
    const std::ptrdiff_t row = fine.slab.layout.row;
    // Along y and z first, into a line of fine cells from -1 to 2 n: loops over contiguous cells.
    std::vector<double> line(static_cast<std::size_t>(2 * n + 2));
    for (int z = 0; z < coarse.slab.planes.size(); ++z)
      for (int y = 0; y < n; ++y) {
        for (int k = 0; k < 4; ++k) {
          const double* plane = fine.t.plane(2 * (coarse.slab.planes.begin + z) + k - 1 - shift) + 2 * y * row - 1;
          add_rows(line.data(), plane - row, row, 2 * n + 2, kWeights[k], k == 0);
        }
        double* out = coarse.r.plane(z) + y * coarse.slab.layout.row;
        for (int x = 0; x < n; ++x) {
          const double* from = &line[static_cast<std::size_t>(2 * x)];
          out[x] = 0.5 * ((0.25 * from[0] + 0.75 * from[1]) + (0.75 * from[2] + 0.25 * from[3]));
        }
      }
    coarse.passes->add(kRestriction.flops, kRestriction.bytes);
  }

  // line = line + weight (the four rows from `from` on, weighted); `first`: line was 0.
  static void add_rows(double* __restrict line, const double* from, std::ptrdiff_t row, int cells, double weight, bool first) {
    const double *one = from, *two = one + row, *three = two + row, *four = three + row;
    const double outer = weight * kWeights[0], inner = weight * kWeights[1];
    for (int x = 0; x < cells; ++x) {
      const double sum = outer * (one[x] + four[x]) + inner * (two[x] + three[x]);
      line[x] = first ? sum : line[x] + sum;
    }
  }

  static void prolong(Level& fine, Field& z, Level& coarse) {
    std::vector<double> line(static_cast<std::size_t>(coarse.slab.n + 2));  // of coarse cells from -1 to n
    const int shift = coarse.slab.planes.begin;
    for (int k = 0; k < fine.slab.planes.size(); ++k) {
      const int global = fine.slab.planes.begin + k;
      const double* near = coarse.z.plane(global / 2 - shift);
      const double* far = coarse.z.plane(global / 2 + (global % 2 ? 1 : -1) - shift);
      for (int y = 0; y < fine.slab.n; ++y) {
        const std::ptrdiff_t row = coarse.slab.layout.row;
        const std::ptrdiff_t one = y / 2 * row - 1, two = (y / 2 + (y % 2 ? 1 : -1)) * row - 1;
        const int cells = coarse.slab.n;
        mix_rows(line.data(), {near + one, near + two, far + one, far + two}, cells + 2);
        double* out = z.plane(k) + y * fine.slab.layout.row;
        for (int x = 0; x < cells; ++x) {
          const double* at = &line[static_cast<std::size_t>(x)];
          out[2 * x] += 0.75 * at[1] + 0.25 * at[0];
          out[2 * x + 1] += 0.75 * at[1] + 0.25 * at[2];
        }
      }
    }
    fine.passes->add(4 + 9.0 / 2, 17);
  }

  // line = the two rows of the near plane and the two of the far one, weighted.
  static void mix_rows(double* __restrict line, const std::array<const double*, 4>& rows, int cells) {
    const double *one = rows[0], *two = rows[1], *three = rows[2], *four = rows[3];
    for (int x = 0; x < cells; ++x)
      line[x] = 0.75 * (0.75 * one[x] + 0.25 * two[x]) + 0.25 * (0.75 * three[x] + 0.25 * four[x]);
  }

  static inline const Chebyshev kSmoother{kLargest / 4, 1};
  std::deque<Level> levels_;
};

}  // namespace cg
