// Preconditioners: z = M r. All are symmetric and positive definite, which conjugate gradients need: polynomials in A that
// are positive where A's eigenvalues are, and multigrid that smooths by the same polynomial before and after.
#pragma once
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
    for (int z = 0; z < coarse.slab.planes.size(); ++z)
      for (int y = 0; y < n; ++y)
        for (int x = 0; x < n; ++x) {
          double sum = 0;
          for (int k = 0; k < 4; ++k)
            for (int j = 0; j < 4; ++j) {
              const double* from = fine.t.plane(2 * (coarse.slab.planes.begin + z) + k - 1 - shift) +
                                   (2 * y + j - 1) * fine.slab.layout.row + 2 * x - 1;
              const double line = (0.25 * from[0] + 0.75 * from[1]) + (0.75 * from[2] + 0.25 * from[3]);
              sum += kWeights[k] * kWeights[j] * line;
            }
          coarse.r.at(x, y, z) = 0.5 * sum;
        }
    coarse.passes->add(16 * 9 + 1, 8 + 64);
  }

  static void prolong(Level& fine, Field& z, Level& coarse) {
    const int shift = coarse.slab.planes.begin;
    for (int k = 0; k < fine.slab.planes.size(); ++k) {
      const int global = fine.slab.planes.begin + k;
      const double* near = coarse.z.plane(global / 2 - shift);
      const double* far = coarse.z.plane(global / 2 + (global % 2 ? 1 : -1) - shift);
      for (int y = 0; y < fine.slab.n; ++y) {
        const std::ptrdiff_t row = coarse.slab.layout.row;
        const std::ptrdiff_t one = y / 2 * row, two = (y / 2 + (y % 2 ? 1 : -1)) * row;
        const auto at = [&](std::ptrdiff_t x) {
          return 0.75 * (0.75 * near[one + x] + 0.25 * near[two + x]) + 0.25 * (0.75 * far[one + x] + 0.25 * far[two + x]);
        };
        double before = at(-1), here = at(0);
        for (int x = 0; x < coarse.slab.n; ++x) {
          const double after = at(x + 1);
          z.at(2 * x, y, k) += 0.75 * here + 0.25 * before;
          z.at(2 * x + 1, y, k) += 0.75 * here + 0.25 * after;
          before = here;
          here = after;
        }
      }
    }
    fine.passes->add(4 + 9.0 / 2, 17);
  }

  static inline const Chebyshev kSmoother{kLargest / 4, 1};
  std::deque<Level> levels_;
};

}  // namespace cg
