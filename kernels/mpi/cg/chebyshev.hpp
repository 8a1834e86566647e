// Polynomials in A that are positive where A's eigenvalues are: symmetric and positive definite, which conjugate gradients need of
// a preconditioner z = M r.
#pragma once
#include <cmath>

#include "mpi/cg/parallel.hpp"

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
    passes.scale(r, 1 / centre_, d, *from);
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

  double centre_, half_;
  int products_;
};

}  // namespace cg
