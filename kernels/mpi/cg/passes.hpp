// The loops of cg: each goes once over one plane of a slab. Compiled for each instruction set; the same bits from each.
#pragma once
#include <cstddef>

#include "mpi/cg/layout.hpp"

namespace cg {

// What a pass makes of u and A u in each cell.
enum class Pass {
  kApply,       // out = A u; returns the sum of u * out
  kResidual,    // out = f - A u
  kPolynomial,  // out = a u + b A u
  kAdd,         // out = out + a u + b A u
  kChebyshev,   // d = a d + b (f - A u); out = u + d
};

struct Operands {
  const double *u = nullptr, *f = nullptr;
  double *out = nullptr, *d = nullptr;
  double a = 0, b = 0;
};

// Functions of one axis, one row of `layout.n` values each; a multiple of 4.
struct Basis {
  const double* values = nullptr;
  std::ptrdiff_t count = 0;
};

struct Turn {
  double *x = nullptr, *p = nullptr;
  const double* r = nullptr;
  double alpha = 0, scale = 0, beta = 0;
};

// All pointers are to the first cell of the plane. A is HPCG's matrix: 26 in the diagonal, -1 for each of the up to 26
// neighbours; cells outside the grid are 0.
#define CX_CG_PASSES(suffix)                                                                                          \
  double stencil_##suffix(Pass pass, const Layout& layout, const Operands& operands);                                 \
  /* r = r - alpha q; returns the sum of r * r. */                                                                    \
  double step_##suffix(const Layout& layout, double* r, const double* q, double alpha);                               \
  /* x = x + alpha p, then p = scale z + beta p. */                                                                   \
  void turn_##suffix(const Layout& layout, double* x, double* p, const double* z, double alpha, double scale,         \
                     double beta);                                                                                    \
  double dot_##suffix(const Layout& layout, const double* a, const double* b);                                        \
  /* sums[b * count + a] = sum over the plane of r f_a(x) f_b(y). */                                                  \
  void project_##suffix(const Layout& layout, const double* r, const Basis& basis, double* sums);                     \
  /* x = x + alpha p, then p = scale r + (sum of factors[b * count + a] f_a(x) f_b(y)) + beta p. */                   \
  void turn_learned_##suffix(const Layout& layout, const Turn& turn, const Basis& basis, const double* factors);
CX_CG_PASSES(base)
CX_CG_PASSES(avx2)
#undef CX_CG_PASSES

#if defined(CX_HAS_AVX2)
inline bool avx2() {
  static const bool supported = __builtin_cpu_supports("avx2");
  return supported;
}
#define CX_CHOOSE(name, ...) return avx2() ? name##_avx2(__VA_ARGS__) : name##_base(__VA_ARGS__)
#else
#define CX_CHOOSE(name, ...) return name##_base(__VA_ARGS__)
#endif
inline double stencil(Pass pass, const Layout& layout, const Operands& operands) {
  CX_CHOOSE(stencil, pass, layout, operands);
}
inline double step(const Layout& layout, double* r, const double* q, double alpha) {
  CX_CHOOSE(step, layout, r, q, alpha);
}
inline void turn(const Layout& layout, double* x, double* p, const double* z, double alpha, double scale, double beta) {
  CX_CHOOSE(turn, layout, x, p, z, alpha, scale, beta);
}
inline double dot(const Layout& layout, const double* a, const double* b) {
  CX_CHOOSE(dot, layout, a, b);
}
inline void project(const Layout& layout, const double* r, const Basis& basis, double* sums) {
  CX_CHOOSE(project, layout, r, basis, sums);
}
inline void turn_learned(const Layout& layout, const Turn& turn, const Basis& basis, const double* factors) {
  CX_CHOOSE(turn_learned, layout, turn, basis, factors);
}
#undef CX_CHOOSE

}  // namespace cg
