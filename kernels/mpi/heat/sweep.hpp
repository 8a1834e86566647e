// The stencil on a box of cells: the loop that takes nearly all the time.
#pragma once
#include <cstddef>

namespace heat {

struct Sweep {
  std::ptrdiff_t row = 0, layer = 0;  // doubles from a cell to its neighbours along y and z
  std::ptrdiff_t width = 0;           // cells along x
  int rows = 0, layers = 0;
  double courant = 0;
  bool past_cache = false;  // store so: the result leaves the cache before it is read again
};

// The same arithmetic in the same order for every cell, in vectors of two or four.
void sweep_base(const Sweep& sweep, double* out, const double* in);
void sweep_avx2(const Sweep& sweep, double* out, const double* in);

inline void sweep(const Sweep& s, double* out, const double* in) {
#if defined(CX_HAS_AVX2)
  static const bool avx2 = __builtin_cpu_supports("avx2");
  if (avx2) return sweep_avx2(s, out, in);
#endif
  sweep_base(s, out, in);
}

}  // namespace heat
