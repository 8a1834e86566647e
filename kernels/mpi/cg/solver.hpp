// Preconditioned conjugate gradients, one iteration at a time. The solution is moved along the search direction only when
// the direction is turned, so that both are read once: 80 bytes per cell and iteration without a preconditioner.
#pragma once
#include <cmath>
#include <memory>

#include "common/timer.hpp"
#include "mpi/cg/precondition.hpp"

namespace cg {

class Solver {
 public:
  Solver(const Config& config, const Slab& slab, int ranks, int rank)
      : passes(slab, work, comm_seconds),
        x(slab),
        r(slab),
        p(slab),
        q(slab),
        config_(config),
        rank_(rank),
        chebyshev_(kLargest / 30, static_cast<int>(config.degree)) {
    const Kind kind = config.kind();
    if (kind == Kind::kChebyshev || kind == Kind::kMultigrid) z_ = Field(slab);
    if (kind == Kind::kChebyshev) d_ = Field(slab);
    if (kind == Kind::kMultigrid) multigrid_ = std::make_unique<Multigrid>(config, slab, work, comm_seconds, ranks, rank);
  }

  static double bytes(const Config& config, const Slab& slab) {
    const Kind kind = config.kind();
    if (kind == Kind::kChebyshev) return 6 * slab.bytes();
    return kind == Kind::kMultigrid ? 5 * slab.bytes() + Multigrid::bytes(slab) : 4 * slab.bytes();
  }

  // Starts from x = 0 with the right-hand side in r.
  void begin() {
    rr = passes.dot(r, r);
    right_ = rr;
    Field& z = precondition(r);
    rz = z_is_r() ? scale() * rr : passes.dot(r, z);
    passes.turn(x, p, z, 0, scale(), 0);
    iteration = 0;
  }

  // One iteration; returns its seconds.
  double advance() {
    const double begun = cx::now();
    const bool err = rank_ == 0 && iteration == config_.iterations / 2;
    Passes::Fields product;
    product.u = &p;
    product.out = &q;
    product.drop = err && config_.wrong.is("halo");
    const double alpha = rz / passes.stencil(Pass::kApply, product);
    rr = passes.step(r, q, alpha);
    Field& z = precondition(r);
    const double next = z_is_r() ? scale() * rr : passes.dot(r, z);
    passes.turn(x, p, z, alpha, scale(), next / rz);
    rz = next;
    ++iteration;
    const double seconds = cx::now() - begun;
    step_seconds += seconds;
    times.add(seconds);
    return seconds;
  }

  // Relative to the right-hand side, as the recurrence has it.
  double residual() const { return std::sqrt(rr / right_); }
  double right() const { return right_; }
  void restore(double right) { right_ = right; }
  bool done() const {
    return iteration == config_.iterations || residual() <= config_.tolerance || rr == 0;
  }

  // M r: r itself, to be scaled, or a field of its own. q is scratch.
  Field& precondition(Field& of) {
    const Kind kind = config_.kind();
    if (z_is_r()) return of;
    if (kind == Kind::kChebyshev) chebyshev_.apply(passes, of, z_, q, d_);
    else multigrid_->apply(of, z_);
    // The wrong twin: a preconditioner that is not symmetric.
    if (config_.wrong.is("symmetry") && rank_ == 0) z_.at(1, 1, 0) += 0.01 * of.at(2, 2, 0);
    return z_;
  }
  // The diagonal is 26 everywhere: Jacobi's z is r, scaled while it is used.
  bool z_is_r() const { return config_.kind() == Kind::kNone || config_.kind() == Kind::kJacobi; }
  double scale() const { return config_.kind() == Kind::kJacobi ? 1.0 / 26 : 1.0; }

  cx::Work work;  // counted, this rank's
  double comm_seconds = 0, step_seconds = 0;
  cx::StepTimes times;
  Passes passes;
  Field x, r, p, q;
  double rz = 0, rr = 0;
  long long iteration = 0;

 private:
  const Config& config_;
  int rank_;
  Chebyshev chebyshev_;
  Field z_, d_;
  std::unique_ptr<Multigrid> multigrid_;
  double right_ = 0;
};

}  // namespace cg
