// Multigrid as a preconditioner: symmetric and positive definite, since it smooths by the same polynomial before and after.
#pragma once
#include <deque>
#include <memory>

#include "mpi/cg/chebyshev.hpp"
#include "mpi/cg/config.hpp"
#include "mpi/cg/transfer.hpp"
#include "mpi/common/world.hpp"

namespace cg {

// One V-cycle: on each grid a polynomial that damps what the next, coarser grid cannot show, before and after that grid's
// correction. Trilinear interpolation between cell centres, its transpose as restriction.
class Multigrid {
 public:
  Multigrid(const Config& config, const cx::World& world, const Passes& finest) {
    int unit = config.unit(), n = finest.slab.n;
    for (int level = 0; level < config.levels(); ++level, n /= 2, unit /= 2) {
      levels_.emplace_back(Slab(n, unit, world.ranks, world.rank));
      Level& made = levels_.back();
      made.passes = std::make_unique<Passes>(made.slab, finest);
      for (Field* field : {&made.t, &made.r, &made.z, &made.d})
        if (level > 0 || field == &made.t) *field = Field(made.slab, finest.device);
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
    restrict_to(*coarse.passes, coarse.r, *level.passes, level.t);
    cycle(at + 1, coarse.r, coarse.z);
    coarse.passes->exchange(coarse.z);
    prolong(*level.passes, z, *coarse.passes, coarse.z);
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

  static inline const Chebyshev kSmoother{kLargest / 4, 1};
  std::deque<Level> levels_;
};

}  // namespace cg
