// Preconditioned conjugate gradients, one iteration at a time. The solution is moved along the search direction only when
// the direction is turned, so that both are read once: 80 bytes per cell and iteration without a preconditioner.
#pragma once
#include <cmath>
#include <memory>

#include "common/timer.hpp"
#include "mpi/cg/learned/deflation.hpp"
#include "mpi/cg/multigrid.hpp"

namespace cg {

// A squared residual below which what it is made of, and r'z before it, is no normal number any more: nothing is left to solve.
inline constexpr double kVanished = 1e-280;

class Solver {
 public:
  // `device`: where the fields are, if not in main memory; it must outlive the solver.
  Solver(const Config& config, const cx::World& world, const Slab& slab, const Learned& learned, Device* device)
      : passes(slab, work, comm_seconds, device),
        x(slab, device),
        r(slab, device),
        p(slab, device),
        q(slab, device),
        config_(config),
        rank_(world.rank),
        kind_(config.kind()),
        chebyshev_(kLargest / 30, static_cast<int>(config.degree)) {
    if (kind_ == Kind::kChebyshev || kind_ == Kind::kMultigrid) z_ = Field(slab, device);
    if (kind_ == Kind::kChebyshev) d_ = Field(slab, device);
    if (learns(config)) deflation_ = std::make_unique<Deflation>(passes, learned, work, comm_seconds);
    if (kind_ == Kind::kMultigrid) multigrid_ = std::make_unique<Multigrid>(config, world, passes);
  }

  static double bytes(const Config& config, const Slab& slab) {
    const Kind kind = config.kind();
    const double learned = learns(config) ? Deflation::bytes(config) : 0;
    if (kind == Kind::kChebyshev) return 6 * slab.bytes() + learned;
    return (kind == Kind::kMultigrid ? 5 * slab.bytes() + Multigrid::bytes(slab) : 4 * slab.bytes()) + learned;
  }

  // On a GPU: also what the sums over planes go through, and what is learned.
  static double device_bytes(const Config& config, const Slab& slab) {
    const double square = learns(config) ? static_cast<double>(config.basis * config.basis) : 0;
    return bytes(config, slab) + 8 * (square + 1) * slab.planes.size();
  }

  // The learned first solution in x = 0, for the right-hand side in r, which becomes its residual. Uses q.
  void guess() {
    right_ = deflation_->measure(r);
    deflation_->guess();
    deflation_->turn(q, x, r, 0, 0, 0);
    Passes::Fields residual;
    residual.u = &x;
    residual.f = residual.out = &r;
    passes.stencil(Pass::kResidual, residual);
  }

  // Starts from x, with its residual in r; `guessed`: it is not x = 0.
  void begin(bool guessed) {
    iteration = 0;
    if (kind_ == Kind::kLearned) {
      rr = deflation_->measure(r);
      rz = scale() * rr + deflation_->solve(config_.wrong.is("symmetry"));
      deflation_->turn(x, p, r, 0, scale(), 0);
    } else {
      rr = passes.dot(r, r);
      Field& z = precondition(r);
      rz = z_is_r() ? scale() * rr : passes.dot(r, z);
      passes.turn(x, p, z, 0, scale(), 0);
    }
    if (!guessed) right_ = rr;
  }

  // One iteration; returns its seconds.
  double advance() {
    const double begun = cx::now();
    const bool err = rank_ == 0 && iteration == config_.iterations / 2;
    Passes::Fields product;
    product.u = &p;
    product.out = &q;
    product.drop = err && config_.wrong.is("halo");
    const double alpha = rz / passes.stencil(Pass::kApply, product), last = rz;
    if (kind_ == Kind::kLearned) {
      rr = deflation_->step(r, q, alpha);
      rz = scale() * rr + deflation_->solve(config_.wrong.is("symmetry"));
      deflation_->turn(x, p, r, alpha, scale(), rz / last);
    } else {
      rr = passes.step(r, q, alpha);
      Field& z = precondition(r);
      rz = z_is_r() ? scale() * rr : passes.dot(r, z);
      passes.turn(x, p, z, alpha, scale(), rz / last);
    }
    ++iteration;
    if (passes.device) passes.device->wait();
    const double seconds = cx::now() - begun;
    step_seconds += seconds;
    times.add(seconds);
    return seconds;
  }

  // Relative to the right-hand side, as the recurrence has it.
  double residual() const { return std::sqrt(rr / right_); }
  double right() const { return right_; }
  // Goes on where another one was.
  void restore(long long after, double rz_, double rr_, double right) {
    iteration = after;
    rz = rz_;
    rr = rr_;
    right_ = right;
  }
  bool done() const {
    return iteration == config_.iterations || residual() <= config_.tolerance || rr < kVanished;
  }

  const Config& config() const { return config_; }

  // From now on as if nothing had been learned.
  void forget() {
    if (kind_ == Kind::kLearned) kind_ = Kind::kNone;
  }

  // M r: r itself, to be scaled, or a field of its own (the learned one: in r, for the checks alone). q is scratch.
  Field& precondition(Field& of) {
    if (z_is_r()) return of;
    if (kind_ == Kind::kLearned) {
      deflation_->measure(of);
      deflation_->solve(config_.wrong.is("symmetry"));
      deflation_->turn(q, r, of, 0, scale(), 0);
      return r;
    }
    if (kind_ == Kind::kChebyshev) chebyshev_.apply(passes, of, z_, q, d_);
    else multigrid_->apply(of, z_);
    // The wrong twin: a preconditioner that is not symmetric.
    if (config_.wrong.is("symmetry") && rank_ == 0) disturb(z_, {1, 1}, 0.01, of, {2, 2});
    return z_;
  }
  // The diagonal is 26 everywhere: Jacobi's z is r, scaled while it is used.
  bool z_is_r() const { return kind_ == Kind::kNone || kind_ == Kind::kJacobi; }
  bool preconditions() const { return !z_is_r(); }
  // With the coarse correction: the largest eigenvalue beside it becomes 1, as those that it corrects.
  double scale() const {
    if (kind_ == Kind::kLearned) return 1 / kLargest;
    return kind_ == Kind::kJacobi ? 1.0 / 26 : 1.0;
  }

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
  Kind kind_;
  Chebyshev chebyshev_;
  Field z_, d_;
  std::unique_ptr<Multigrid> multigrid_;
  std::unique_ptr<Deflation> deflation_;
  double right_ = 0;
};

}  // namespace cg
