// Compiled once for each instruction set: CX_SWEEP is the name of the function that comes out.
#include "mpi/heat/sweep.hpp"

#include <cstdint>

#include "common/lanes.hpp"

namespace heat {
namespace {

using cx::Lanes;
constexpr auto kStep = static_cast<std::ptrdiff_t>(cx::kLanes);

// new = (1 - 6 c) old + c (sum of the six neighbours). The order of the additions is the same for every cell: the bits do not
// depend on how the grid is divided, nor on the width of the vectors.
template <typename T>
CX_INLINE T cell(T centre, T courant, T here, T west, T east, T south, T north, T below, T above) {
  return centre * here + courant * (((west + east) + (south + north)) + (below + above));
}

struct Row {
  const double* here;
  double* out;
};

CX_INLINE void single(const Sweep& s, double centre, Row r, std::ptrdiff_t x) {
  const double* u = r.here + x;
  r.out[x] = cell(centre, s.courant, u[0], u[-1], u[1], u[-s.row], u[s.row], u[-s.layer], u[s.layer]);
}

// Whole cache lines from `x` to `end`. Two of the neighbours are shuffled out of registers: loads across cache lines cost double.
template <bool kPast>
CX_INLINE void vectors(const Sweep& s, Row r, std::ptrdiff_t x, std::ptrdiff_t end) {
  const Lanes centre = cx::all(1.0 - 6.0 * s.courant), courant = cx::all(s.courant);
  const double *south = r.here - s.row, *north = r.here + s.row, *below = r.here - s.layer, *above = r.here + s.layer;
  // Of all that a row reads, only the layer above comes from memory, in short stretches that no hardware foresees. Less far
  // ahead it comes too late; farther, it drives the rows around out of the first-level cache.
  const double* ahead = above + 320;
  Lanes west = cx::load(r.here + x - kStep), here = cx::load(r.here + x);
  while (x < end) {
    if (kPast) __builtin_prefetch(ahead + x);
#pragma GCC unroll 4
    for (std::ptrdiff_t line = 0; line < 8; line += kStep, x += kStep) {
      const Lanes east = cx::load(r.here + x + kStep);
      const Lanes value =
          cell(centre, courant, here, cx::from_before(west, here), cx::from_after(here, east), cx::load(south + x),
               cx::load(north + x), cx::load(below + x), cx::load(above + x));
      if (kPast) cx::stream(r.out + x, value);
      else cx::store(r.out + x, value);
      west = here;
      here = east;
    }
  }
}

}  // namespace

void CX_SWEEP(const Sweep& s, double* out, const double* in) {
  const double centre = 1.0 - 6.0 * s.courant;
  for (int z = 0; z < s.layers; ++z)
    for (int y = 0; y < s.rows; ++y) {
      const std::ptrdiff_t first = z * s.layer + y * s.row;
      const Row row = {in + first, out + first};
      // Whole cache lines by vectors; the cells before and after them one by one.
      std::ptrdiff_t x = 0;
      for (; x < s.width && reinterpret_cast<std::uintptr_t>(row.out + x) % 64 != 0; ++x) single(s, centre, row, x);
      const std::ptrdiff_t end = x + (s.width - x) / 8 * 8;
      if (s.past_cache) vectors<true>(s, row, x, end);
      else vectors<false>(s, row, x, end);
      for (x = end; x < s.width; ++x) single(s, centre, row, x);
    }
  if (s.past_cache) cx::fence();
}

}  // namespace heat
