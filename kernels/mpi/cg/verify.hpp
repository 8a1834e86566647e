// Is the matrix symmetric, the preconditioner too, the residual true, and the solution as near as theory promises?
#pragma once
#include <mpi.h>
#include <cmath>
#include <cstdint>
#include <limits>
#include <string>
#include <vector>

#include "common/hash.hpp"
#include "common/result.hpp"
#include "mpi/cg/solver.hpp"

namespace cg {

// The solution that the right-hand side is made from.
inline Sample wanted(const Config& config) {
  return {config.solution == "rough" ? Sample::Kind::kRough : Sample::Kind::kSmooth};
}

inline double apply(Solver& solver, Field& u, Field& out) {
  Passes::Fields product;
  product.u = &u;
  product.out = &out;
  return solver.passes.stencil(Pass::kApply, product);
}

// The energy of the error of x; leaves A (wanted - x) in q. Uses p.
inline double error_energy(Solver& solver) {
  solver.passes.fill(solver.p, wanted(solver.config()), &solver.x);
  return apply(solver, solver.p, solver.q);
}

// HPCG's symmetry test before the solution, with x, p as random vectors: |x'Ay - y'Ax| relative to what rounding could make of
// it, and the same for the preconditioner, with what was learned. Uses all of the solver's fields.
inline std::vector<cx::Check> symmetry(Solver& solver, const Slab& slab, bool wrong_operator) {
  const double eps = std::numeric_limits<double>::epsilon();
  solver.passes.fill(solver.x, {Sample::Kind::kRandom, 2});
  solver.passes.fill(solver.p, {Sample::Kind::kRandom, 3});
  const double norms = std::sqrt(solver.passes.dot(solver.x, solver.x) * solver.passes.dot(solver.p, solver.p));
  apply(solver, solver.x, solver.q);
  if (wrong_operator && slab.planes.begin == 0) disturb(solver.q, {1, 1}, 1e-6, solver.x, {2, 1});
  const double xy = solver.passes.dot(solver.p, solver.q);
  apply(solver, solver.p, solver.q);
  if (wrong_operator && slab.planes.begin == 0) disturb(solver.q, {1, 1}, 1e-6, solver.p, {2, 1});
  const double yx = solver.passes.dot(solver.x, solver.q);
  std::vector<cx::Check> checks = {{"asymmetry of the matrix", std::fabs(xy - yx) / (norms * kLargest), 16 * eps}};
  if (!solver.preconditions()) return checks;
  Field& mx = solver.precondition(solver.x);
  const double size = std::sqrt(solver.passes.dot(mx, mx) * solver.passes.dot(solver.p, solver.p));
  const double pmx = solver.passes.dot(solver.p, mx);
  const double xmp = solver.passes.dot(solver.x, solver.precondition(solver.p));
  checks.push_back({"asymmetry of the preconditioner", std::fabs(pmx - xmp) / size, 64 * eps});
  return checks;
}

// After the last iteration: the residual that the recurrence has against the true one, and the error in A's norm against
// what conjugate gradients without a preconditioner promise (Saad, equation 6.128). Uses p and q. `start` is e0' A e0.
inline std::vector<cx::Check> after(Solver& solver, const Slab& slab, double start) {
  const double energy = error_energy(solver);
  // The true residual is A (wanted - x), in q.
  const double gap = solver.passes.step(solver.q, solver.r, 1);
  const double kappa = std::sqrt(kLargest / smallest(slab.n)), factor = (kappa - 1) / (kappa + 1);
  const double bound = 2 * std::pow(factor, static_cast<double>(solver.iteration));
  const double eps = std::numeric_limits<double>::epsilon();
  // Rounding grows with the iterations, and with what the matrix makes of a solution as large at most.
  const double largest = kLargest * std::sqrt(solver.passes.dot(solver.x, solver.x) / solver.right());
  const double rounding = 2 * eps * (static_cast<double>(solver.iteration) + 16) * largest;
  return {{"true residual against the recurrence's, relative to the right-hand side", std::sqrt(gap / solver.right()), rounding},
          {"error in the norm of A relative to the first", std::sqrt(energy / start), bound + rounding * kappa}};
}

// Of every cell of the solution.
inline std::string hash_of(const Solver& solver, const Slab& slab) {
  std::uint64_t hash = 0;
  std::vector<double> cells(static_cast<std::size_t>(slab.n) * static_cast<std::size_t>(slab.n));
  for (int z = 0; z < slab.planes.size(); ++z) {
    solver.x.read(z, cells.data());
    const std::uint64_t first = static_cast<std::uint64_t>(slab.planes.begin + z) * cells.size();
    for (std::size_t i = 0; i < cells.size(); ++i) hash += cx::cell_hash(first + i, cells[i]);
  }
  MPI_Allreduce(MPI_IN_PLACE, &hash, 1, MPI_UINT64_T, MPI_SUM, MPI_COMM_WORLD);
  return cx::hex(hash);
}

}  // namespace cg
