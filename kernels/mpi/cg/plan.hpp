// The work of the iterations, from the arguments alone (milliseconds; no MPI). The run counts the same as it goes.
// Not in it: the checks, and the reductions that agree on signals (a few bytes each).
#pragma once
#include "common/work.hpp"
#include "mpi/cg/slab.hpp"
#include "mpi/cg/config.hpp"

namespace cg {

class Plan {
 public:
  explicit Plan(const Config& config) : config_(config), ranks_(static_cast<double>(config.ranks)) {}

  cx::Work all() {
    const double n = static_cast<double>(config_.n);
    const bool plain = config_.kind() == Kind::kNone || config_.kind() == Kind::kJacobi;
    const double turn = config_.kind() == Kind::kJacobi ? 5 : 4, iterations = static_cast<double>(config_.iterations);
    // Before the first iteration: the norm of the right-hand side, its preconditioning, the first direction.
    vector(n, 2, 16, true);
    precondition();
    if (!plain) vector(n, 2, 16, true);
    vector(n, turn, 40, false);
    const cx::Work first = work_;
    work_ = {};
    stencil(n, Pass::kApply);
    sums(n);
    vector(n, 4, 24, true);
    precondition();
    if (!plain) vector(n, 2, 16, true);
    vector(n, turn, 40, false);
    return {first.flops + iterations * work_.flops, first.bytes_hbm + iterations * work_.bytes_hbm,
            first.bytes_net + iterations * work_.bytes_net, first.msgs + iterations * work_.msgs};
  }

 private:
  void precondition() {
    const double n = static_cast<double>(config_.n);
    if (config_.kind() == Kind::kChebyshev) polynomial(n, config_.degree);
    if (config_.kind() == Kind::kMultigrid) cycle(n, config_.levels());
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
    vector(n / 2, 16 * 9 + 1, 8 + 64, false);
    cycle(n / 2, levels - 1);
    halo(n / 2);
    vector(n, 4 + 9.0 / 2, 17, false);
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
    const double plane = (n + 8) * (n - 1) + n;
    work_.bytes_net += 2 * (ranks_ - 1) * 8 * plane;
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

}  // namespace cg
