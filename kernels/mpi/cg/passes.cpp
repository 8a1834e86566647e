// Compiled once for each instruction set: CX_SET is what the names of its functions end in.
#include "mpi/cg/passes.hpp"

#include "common/lanes.hpp"

#define CX_JOIN(name, suffix) name##_##suffix
#define CX_EXPAND(name, suffix) CX_JOIN(name, suffix)
#define CX_NAME(name) CX_EXPAND(name, CX_SET)

namespace cg {
namespace {

using cx::Lanes;
constexpr auto kStep = static_cast<std::ptrdiff_t>(cx::kLanes);
constexpr std::ptrdiff_t kLine = Layout::kLine;

// Eight running sums, one for each place in a cache line, however wide the vectors are: the same bits on every machine.
struct Sums {
  Lanes parts[kLine / kStep] = {};
  CX_INLINE double total() const {
    double sum = 0;
    for (const Lanes& part : parts)
      for (std::ptrdiff_t lane = 0; lane < kStep; ++lane) sum += part[lane];
    return sum;
  }
};

// The nine cells of column x around row `u`: sums along y within each plane, then over the planes.
struct Columns {
  const double *below, *here, *above;
  std::ptrdiff_t row;
  CX_INLINE Lanes sum(std::ptrdiff_t x) const {
    const auto three = [&](const double* at) { return (cx::load(at + x - row) + cx::load(at + x)) + cx::load(at + x + row); };
    return (three(below) + three(here)) + three(above);
  }
};

template <Pass kPass>
CX_INLINE void cell(const Operands& o, std::ptrdiff_t at, Lanes u, Lanes product, bool past, Lanes& sum) {
  const Lanes a = cx::all(o.a), b = cx::all(o.b);
  Lanes value = product;
  if (kPass == Pass::kApply) sum += u * product;
  if (kPass == Pass::kResidual) value = cx::load(o.f + at) - product;
  if (kPass == Pass::kPolynomial) value = a * u + b * product;
  if (kPass == Pass::kAdd) value = cx::load(o.out + at) + (a * u + b * product);
  if (kPass == Pass::kChebyshev) {
    const Lanes d = a * cx::load(o.d + at) + b * (cx::load(o.f + at) - product);
    cx::store(o.d + at, d);
    value = u + d;
  }
  if (kPass != Pass::kAdd && past) cx::stream(o.out + at, value);
  else cx::store(o.out + at, value);
}

// A u = 27 u - (sum of the 3 x 3 x 3 cells around): column sums are shared by three cells in registers.
template <Pass kPass, bool kPast>
CX_INLINE void row(const Layout& layout, const Operands& o, std::ptrdiff_t y, Sums& sums) {
  const double* here = o.u + y * layout.row;
  const Columns columns = {here - layout.plane, here, here + layout.plane, layout.row};
  // Only the plane above comes from memory, in short stretches that no hardware foresees.
  const double* ahead = columns.above + 3 * layout.row;
  const Lanes centre = cx::all(27.0);
  Lanes west = {}, middle = columns.sum(0);
  for (std::ptrdiff_t x = 0; x < layout.n;) {
    if (kPast) __builtin_prefetch(ahead + x);
#pragma GCC unroll 4
    for (std::ptrdiff_t part = 0; part < kLine / kStep; ++part, x += kStep) {
      const Lanes east = columns.sum(x + kStep), u = cx::load(here + x);
      const Lanes box = (cx::from_before(west, middle) + middle) + cx::from_after(middle, east);
      cell<kPass>(o, y * layout.row + x, u, centre * u - box, kPast, sums.parts[part]);
      west = middle;
      middle = east;
    }
  }
}

template <Pass kPass>
CX_INLINE double plane(const Layout& layout, const Operands& operands) {
  Sums sums;
  for (std::ptrdiff_t y = 0; y < layout.n; ++y)
    if (layout.past_cache) row<kPass, true>(layout, operands, y, sums);
    else row<kPass, false>(layout, operands, y, sums);
  if (layout.past_cache) cx::fence();
  return sums.total();
}

// Calls action(offset, part) for each vector of the plane.
template <typename Action>
CX_INLINE void each(const Layout& layout, Action action) {
  for (std::ptrdiff_t y = 0; y < layout.n; ++y)
    for (std::ptrdiff_t x = 0; x < layout.n; x += kLine)
#pragma GCC unroll 4
      for (std::ptrdiff_t part = 0; part < kLine / kStep; ++part) action(y * layout.row + x + part * kStep, part);
}

}  // namespace

double CX_NAME(stencil)(Pass pass, const Layout& layout, const Operands& operands) {
  switch (pass) {
    case Pass::kApply: return plane<Pass::kApply>(layout, operands);
    case Pass::kResidual: return plane<Pass::kResidual>(layout, operands);
    case Pass::kPolynomial: return plane<Pass::kPolynomial>(layout, operands);
    case Pass::kAdd: return plane<Pass::kAdd>(layout, operands);
    case Pass::kChebyshev: return plane<Pass::kChebyshev>(layout, operands);
  }
  return 0;
}

double CX_NAME(step)(const Layout& layout, double* r, const double* q, double alpha) {
  const Lanes factor = cx::all(alpha);
  Sums sums;
  each(layout, [&](std::ptrdiff_t at, std::ptrdiff_t part) {
    const Lanes value = cx::load(r + at) - factor * cx::load(q + at);
    cx::store(r + at, value);
    sums.parts[part] += value * value;
  });
  return sums.total();
}

void CX_NAME(turn)(const Layout& layout, double* x, double* p, const double* z, double alpha, double scale, double beta) {
  const Lanes along = cx::all(alpha), factor = cx::all(scale), keep = cx::all(beta);
  each(layout, [&](std::ptrdiff_t at, std::ptrdiff_t) {
    const Lanes old = cx::load(p + at);
    cx::store(x + at, cx::load(x + at) + along * old);
    cx::store(p + at, factor * cx::load(z + at) + keep * old);
  });
}

double CX_NAME(dot)(const Layout& layout, const double* a, const double* b) {
  Sums sums;
  each(layout, [&](std::ptrdiff_t at, std::ptrdiff_t part) { sums.parts[part] += cx::load(a + at) * cx::load(b + at); });
  return sums.total();
}

// Four functions at a time, so that their sums stay in registers; the row stays in the first-level cache.
void CX_NAME(project)(const Layout& layout, const double* r, const Basis& basis, double* sums) {
  const std::ptrdiff_t n = layout.n, m = basis.count;
  for (std::ptrdiff_t i = 0; i < m * m; ++i) sums[i] = 0;
  for (std::ptrdiff_t y = 0; y < n; ++y)
    for (std::ptrdiff_t first = 0; first < m; first += 4) {
      Sums shares[4];
      const double* functions = basis.values + first * n;
      for (std::ptrdiff_t x = 0; x < n; x += kLine)
#pragma GCC unroll 4
        for (std::ptrdiff_t part = 0; part < kLine / kStep; ++part) {
          const std::ptrdiff_t at = x + part * kStep;
          const Lanes value = cx::load(r + y * layout.row + at);
#pragma GCC unroll 4
          for (std::ptrdiff_t a = 0; a < 4; ++a) shares[a].parts[part] += value * cx::load(functions + a * n + at);
        }
      const double on_row[4] = {shares[0].total(), shares[1].total(), shares[2].total(), shares[3].total()};
      for (std::ptrdiff_t b = 0; b < m; ++b)
        for (std::ptrdiff_t a = 0; a < 4; ++a) sums[b * m + first + a] += on_row[a] * basis.values[b * n + y];
    }
}

void CX_NAME(turn_learned)(const Layout& layout, const Turn& turn, const Basis& basis, const double* factors) {
  const Lanes along = cx::all(turn.alpha), factor = cx::all(turn.scale), keep = cx::all(turn.beta);
  const std::ptrdiff_t n = layout.n, m = basis.count;
  double on_row[32];
  for (std::ptrdiff_t y = 0; y < n; ++y) {
    for (std::ptrdiff_t a = 0; a < m; ++a) on_row[a] = 0;
    for (std::ptrdiff_t b = 0; b < m; ++b)
      for (std::ptrdiff_t a = 0; a < m; ++a) on_row[a] += factors[b * m + a] * basis.values[b * n + y];
    for (std::ptrdiff_t x = 0; x < n; x += kLine) {
      const std::ptrdiff_t at = y * layout.row + x;
      Lanes value[kLine / kStep];
#pragma GCC unroll 4
      for (std::ptrdiff_t part = 0; part < kLine / kStep; ++part) value[part] = factor * cx::load(turn.r + at + part * kStep);
      for (std::ptrdiff_t a = 0; a < m; ++a)
#pragma GCC unroll 4
        for (std::ptrdiff_t part = 0; part < kLine / kStep; ++part)
          value[part] += cx::all(on_row[a]) * cx::load(basis.values + a * n + x + part * kStep);
#pragma GCC unroll 4
      for (std::ptrdiff_t part = 0; part < kLine / kStep; ++part) {
        double *p = turn.p + at + part * kStep, *to = turn.x + at + part * kStep;
        const Lanes old = cx::load(p);
        cx::store(to, cx::load(to) + along * old);
        cx::store(p, value[part] + keep * old);
      }
    }
  }
}

}  // namespace cg
