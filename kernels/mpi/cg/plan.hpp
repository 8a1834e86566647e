// The work of the iterations, from the arguments alone (milliseconds; no MPI). The run counts the same as it goes.
// Not in it: the checks, and the reductions that agree on signals (a few bytes each).
#pragma once
#include "common/work.hpp"
#include "mpi/cg/config.hpp"
#include "mpi/cg/learned/deflation.hpp"
#include "mpi/cg/multigrid.hpp"

namespace cg {

class Plan {
 public:
  explicit Plan(const Config& config) : config_(config), ranks_(static_cast<double>(config.ranks)) {}

  cx::Work all() {
    const double n = static_cast<double>(config_.n);
    const bool plain = config_.kind() == Kind::kNone || config_.kind() == Kind::kJacobi;
    const double turn = config_.kind() == Kind::kJacobi ? 5 : 4, iterations = static_cast<double>(config_.iterations);
    const bool learned = config_.kind() == Kind::kLearned;
    // Before the first iteration: the guess, the norm of the right-hand side, its preconditioning, the first direction.
    if (config_.guesses()) {
      coarse(n, 2, 8, 1);
      stencil(n, Pass::kResidual);
    }
    const auto direct = [&](double flops, double bytes) {
      if (learned) return coarse(n, flops, bytes, 3);
      vector(n, flops, bytes, true);
      precondition();
      if (!plain) vector(n, 2, 16, true);
      vector(n, turn, 40, false);
    };
    direct(2, learned ? 8 : 16);
    const cx::Work first = work_;
    work_ = {};
    stencil(n, Pass::kApply);
    sums(n);
    direct(4, 24);
    const auto solutions = [&](double cx::Work::*what) {
      return static_cast<double>(config_.repeat) * (first.*what + iterations * work_.*what);
    };
    return {learning_flops(config_) + solutions(&cx::Work::flops), solutions(&cx::Work::bytes_hbm),
            solutions(&cx::Work::bytes_net), solutions(&cx::Work::msgs)};
  }

 private:
  void precondition() {
    const double n = static_cast<double>(config_.n);
    if (config_.kind() == Kind::kChebyshev) polynomial(n, config_.degree);
    if (config_.kind() == Kind::kMultigrid) cycle(n, config_.levels());
  }

  // A measuring pass of so many flops and bytes beside the shares, `solve` flops per product, and the turn.
  void coarse(double n, double flops, double bytes, double solve) {
    const double m = static_cast<double>(config_.basis);
    vector(n, flops + 2 * m, bytes, false);
    vector(n, 5 + 2 * m, 40, false);
    work_.flops += 2 * n * Deflation::flops_per_plane(m, n) + solve * m * m * m;
    work_.bytes_net += 8 * (m * m + 1) * n * (ranks_ - 1);
    work_.msgs += ranks_ * (ranks_ - 1);
  }

  void polynomial(double n, long long products) {
    if (products == 1) return stencil(n, Pass::kPolynomial);
    vector(n, 1, 24, false);
    for (long long product = 0; product < products; ++product) stencil(n, Pass::kChebyshev);
  }

  void cycle(double n, int levels) {
    if (levels == 1) return n == static_cast<double>(config_.n) ? polynomial(n, 1) : polynomial(n, 12);
    stencil(n, Pass::kPolynomial);
    stencil(n, Pass::kResidual);
    halo(n);
    vector(n / 2, kRestriction.flops, kRestriction.bytes, false);
    cycle(n / 2, levels - 1);
    halo(n / 2);
    vector(n, kProlongation.flops, kProlongation.bytes, false);
    stencil(n, Pass::kResidual);
    stencil(n, Pass::kAdd);
  }

  void stencil(double n, Pass pass) {
    const Passes::PerCell cell = Passes::per_cell(pass);
    vector(n, cell.flops, cell.bytes, false);
    halo(n);
  }

  void vector(double n, double flops, double bytes, bool summed) {
    work_.flops += flops * n * n * n;
    work_.bytes_hbm += bytes * n * n * n;
    if (summed) sums(n);
  }

  // Every cut sends a plane both ways.
  void halo(double n) {
    const Layout layout = Layout::of(static_cast<std::ptrdiff_t>(n));
    work_.bytes_net += 2 * (ranks_ - 1) * 8 * static_cast<double>(layout.message());
    work_.msgs += 2 * (ranks_ - 1);
  }

  // Every rank tells every other its planes' sums.
  void sums(double n) {
    work_.bytes_net += 8 * n * (ranks_ - 1);
    work_.msgs += ranks_ * (ranks_ - 1);
  }

  const Config& config_;
  double ranks_;
  cx::Work work_;
};

inline cx::Work planned(const Config& config) { return Plan(config).all(); }

}  // namespace cg
