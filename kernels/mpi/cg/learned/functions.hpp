// Functions of one axis as a matrix: made orthonormal, and turned so that the one-dimensional part of the operator is diagonal.
#pragma once
#include <algorithm>
#include <cmath>
#include <cstddef>
#include <vector>

#include "common/failure.hpp"

namespace cg {

// `count` functions at `points` interior points of one axis: function a at point i is at(a, i).
struct Functions {
  int count = 0, points = 0;
  std::vector<double> values;

  Functions() = default;
  Functions(int count_, int points_)
      : count(count_), points(points_), values(static_cast<std::size_t>(count_) * static_cast<std::size_t>(points_)) {}
  double* of(int a) { return values.data() + static_cast<std::ptrdiff_t>(a) * points; }
  const double* of(int a) const { return values.data() + static_cast<std::ptrdiff_t>(a) * points; }
  double& at(int a, int i) { return of(a)[i]; }
  double at(int a, int i) const { return of(a)[i]; }
};

// A small square matrix, by rows.
using Square = std::vector<double>;

inline double inner(const double* a, const double* b, int points) {
  double sum = 0;
  for (int i = 0; i < points; ++i) sum += a[i] * b[i];
  return sum;
}

// Gram-Schmidt, each function twice. `upper`, if wanted, becomes R of F = Q R. Throws Failure(kDiverged) where functions depend
// on each other.
inline void orthonormalise(Functions& f, Square* upper = nullptr) {
  const int m = f.count;
  if (upper) upper->assign(static_cast<std::size_t>(m * m), 0.0);
  for (int a = 0; a < m; ++a) {
    const double before = std::sqrt(inner(f.of(a), f.of(a), f.points));
    for (int pass = 0; pass < 2; ++pass)
      for (int b = 0; b < a; ++b) {
        const double share = inner(f.of(b), f.of(a), f.points);
        if (upper) (*upper)[static_cast<std::size_t>(b * m + a)] += share;
        for (int i = 0; i < f.points; ++i) f.at(a, i) -= share * f.at(b, i);
      }
    const double size = std::sqrt(inner(f.of(a), f.of(a), f.points));
    if (!(size > 1e-9 * before)) throw cx::Failure(cx::kDiverged, "the learned functions depend on each other");
    if (upper) (*upper)[static_cast<std::size_t>(a * m + a)] = size;
    for (int i = 0; i < f.points; ++i) f.at(a, i) /= size;
  }
}

// How rough each function is: 2 f(i) - f(i - 1) - f(i + 1), which is 0 beyond both ends.
inline Functions roughness(const Functions& f) {
  Functions out(f.count, f.points);
  for (int a = 0; a < f.count; ++a)
    for (int i = 0; i < f.points; ++i)
      out.at(a, i) = 2 * f.at(a, i) - (i > 0 ? f.at(a, i - 1) : 0.0) - (i + 1 < f.points ? f.at(a, i + 1) : 0.0);
  return out;
}

// transpose(F) G.
inline Square products(const Functions& f, const Functions& g) {
  Square out(static_cast<std::size_t>(f.count * g.count));
  for (int a = 0; a < f.count; ++a)
    for (int b = 0; b < g.count; ++b) out[static_cast<std::size_t>(a * g.count + b)] = inner(f.of(a), g.of(b), f.points);
  return out;
}

// Rayleigh and Ritz: turns orthonormal functions within their span until `roughness` is diagonal between them, by Jacobi's
// rotations (Golub and Van Loan, Matrix Computations, 4th ed., section 8.5). Returns the diagonal.
inline std::vector<double> turn_to_ritz(Functions& f) {
  const int m = f.count;
  Square s = products(f, roughness(f));
  const auto at = [&](int a, int b) -> double& { return s[static_cast<std::size_t>(a * m + b)]; };
  const auto rotate = [&](int p, int q) {
    if (at(p, q) == 0) return;
    const double tau = (at(q, q) - at(p, p)) / (2 * at(p, q));
    const double t = (tau >= 0 ? 1 : -1) / (std::fabs(tau) + std::sqrt(1 + tau * tau));
    const double c = 1 / std::sqrt(1 + t * t), d = t * c;
    const auto mix = [&](double& x, double& y) {
      const double old = x;
      x = c * old - d * y;
      y = d * old + c * y;
    };
    for (int k = 0; k < m; ++k) mix(at(k, p), at(k, q));
    for (int k = 0; k < m; ++k) mix(at(p, k), at(q, k));
    for (int i = 0; i < f.points; ++i) mix(f.at(p, i), f.at(q, i));
  };
  for (int sweep = 0; sweep < 12; ++sweep)  // quadratic convergence: six are enough
    for (int p = 0; p < m; ++p)
      for (int q = p + 1; q < m; ++q) rotate(p, q);
  std::vector<double> diagonal;
  for (int a = 0; a < m; ++a) diagonal.push_back(at(a, a));
  return diagonal;
}

}  // namespace cg
