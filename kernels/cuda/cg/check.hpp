// cg's kernels against plain loops, for shim_check.cpp: the very bits, since sums are in the same order. Rows are longer than a block
// is wide, and planes no multiple of those of a block.
#pragma once
#include <tuple>
#include <utility>
#include <vector>

#include "cuda/cg/learned.cuh"
#include "cuda/cg/stencil.cuh"
#include "cuda/cg/transfer.cuh"
#include "cuda/cg/vector.cuh"
#include "cuda/check.hpp"

namespace check::cg {

using ::cg::Layout, ::cg::Operands, ::cg::Pass, ::cg::Sample, ::cg::Turn;
namespace gpu = ::cg::gpu;

// Cells with zeros around, as cg's fields have them. A seed of 0: zeros.
struct Field {
  Layout layout;
  int planes;
  std::vector<double> values;

  Field(int n, int planes_, std::size_t seed)
      : layout(Layout::of(n)), planes(planes_), values(layout.size(planes_)) {
    for (int z = seed ? -1 : planes + 1; z <= planes; ++z)
      each_of(z, [&](std::ptrdiff_t at) { first()[at] = random(static_cast<std::size_t>(at + layout.plane), seed); });
  }
  double* first() { return values.data() + layout.offset(0); }
  template <typename Action>
  void each_of(int z, Action action) const {
    layout.each_cell([&](std::ptrdiff_t, std::ptrdiff_t at) { action(z * layout.plane + at); });
  }
  template <typename Action>
  void each(Action action) const {
    for (int z = 0; z < planes; ++z) each_of(z, action);
  }
  // Of each plane, in the CPU's order; term(offset).
  template <typename Term>
  std::vector<double> sums(Term term) const {
    std::vector<double> all;
    for (int z = 0; z < planes; ++z) {
      double parts[8] = {}, sum = 0;
      each_of(z, [&](std::ptrdiff_t at) { parts[(at - z * layout.plane) % layout.row % 8] += term(at); });
      for (const double part : parts) sum += part;
      all.push_back(sum);
    }
    return all;
  }
};

inline constexpr int kSize = 40, kPlanes = 3;
// Whole rows, and parts of one.
using OnePlane = gpu::Tile<1, 2, 64>;
using PartOfPlane = gpu::Tile<1, 1, 32>;
using TwoPlanes = gpu::Tile<2, 1, 32>;
using FourPlanes = gpu::Tile<4, 1, 32>;
template <typename Tile>
dim3 block() {
  return dim3(Tile::kWide + gpu::kHelpers);
}
inline const gpu::Part kAll = {0, kPlanes, kSize};

inline void walk() {
  Field a(kSize, kPlanes, 1), b(kSize, kPlanes, 2), wanted = a;
  std::vector<double> sums(kPlanes);
  const auto check_dot = [&](auto tile) {
    const auto dot = gpu::dot<decltype(tile)>;
    CX_LAUNCH(dot, (kPlanes + tile.kPlanes - 1) / tile.kPlanes, block<decltype(tile)>(), a.layout, kAll, sums.data(), a.first(),
              b.first());
    compare("cg_dot", sums, a.sums([&](std::ptrdiff_t at) { return a.first()[at] * b.first()[at]; }), 0);
  };
  check_dot(OnePlane());
  check_dot(PartOfPlane());
  check_dot(TwoPlanes());
  a.each([&](std::ptrdiff_t at) { wanted.first()[at] = a.first()[at] - 0.3 * b.first()[at]; });
  const auto step = gpu::step<FourPlanes>;
  CX_LAUNCH(step, 1, block<FourPlanes>(), a.layout, kAll, sums.data(), a.first(), b.first(), 0.3);
  compare("cg_step", a.values, wanted.values, 0);
  compare("cg_step_sums", sums, a.sums([&](std::ptrdiff_t at) { return a.first()[at] * a.first()[at]; }), 0);
}

inline double product(const double* u, const Layout& layout) {
  double columns[3];
  for (int x = -1; x <= 1; ++x) {
    const auto three = [&](const double* at) { return (at[-layout.row] + at[0]) + at[layout.row]; };
    columns[x + 1] = (three(u + x - layout.plane) + three(u + x)) + three(u + x + layout.plane);
  }
  return 27.0 * u[0] - ((columns[0] + columns[1]) + columns[2]);
}

// wanted(offset, A u) -> what becomes of out and, for Chebyshev, of d.
template <Pass kPass, typename Tile, typename Wanted>
void pass(const char* name, unsigned stretches, Wanted wanted) {
  Field u(kSize, kPlanes, 1), f(kSize, kPlanes, 2), out(kSize, kPlanes, 3), d(kSize, kPlanes, 4);
  Field wanted_out = out, wanted_d = d;
  const auto before = std::make_pair(out, d);
  u.each([&](std::ptrdiff_t at) {
    std::tie(wanted_out.first()[at], wanted_d.first()[at]) =
        wanted(product(u.first() + at, u.layout), u.first()[at], f.first()[at], out.first()[at], d.first()[at]);
  });
  std::vector<double> sums(kPlanes);
  const auto kernel = gpu::stencil<kPass, Tile>;
  const gpu::Part part = {0, kPlanes, static_cast<int>((kSize + stretches - 1) / stretches)};
  CX_LAUNCH(kernel, dim3((kPlanes + Tile::kPlanes - 1) / Tile::kPlanes, stretches), block<Tile>(), u.layout,
            (Operands{u.first(), f.first(), out.first(), d.first(), 0.2, 0.7}), part, sums.data());
  compare(name, out.values, wanted_out.values, 0);
  if (kPass == Pass::kChebyshev) compare("cg_chebyshev_d", d.values, wanted_d.values, 0);
  if (kPass == Pass::kApply)
    compare("cg_apply_sums", sums, u.sums([&](std::ptrdiff_t at) { return u.first()[at] * out.first()[at]; }), 0);
}

inline void stencil() {
  using Both = std::pair<double, double>;
  const auto apply = [](double au, double, double, double, double d) { return Both(au, d); };
  pass<Pass::kApply, OnePlane>("cg_apply", 1, apply);
  pass<Pass::kApply, TwoPlanes>("cg_apply", 1, apply);
  pass<Pass::kApply, FourPlanes>("cg_apply", 1, apply);
  pass<Pass::kResidual, TwoPlanes>("cg_residual", 3,
                                   [](double au, double, double f, double, double d) { return Both(f - au, d); });
  pass<Pass::kPolynomial, TwoPlanes>("cg_polynomial", 2,
                                     [](double au, double u, double, double, double d) { return Both(0.2 * u + 0.7 * au, d); });
  pass<Pass::kAdd, TwoPlanes>("cg_add", 2, [](double au, double u, double, double out, double d) {
    return Both(out + (0.2 * u + 0.7 * au), d);
  });
  pass<Pass::kChebyshev, TwoPlanes>("cg_chebyshev", 1, [](double au, double u, double f, double, double d) {
    const double next = 0.2 * d + 0.7 * (f - au);
    return Both(u + next, next);
  });
}

inline void vector() {
  Field x(kSize, kPlanes, 1), p(kSize, kPlanes, 2), z(kSize, kPlanes, 3), wanted_x = x, wanted_p = p;
  x.each([&](std::ptrdiff_t at) {
    wanted_x.first()[at] = x.first()[at] + 0.3 * p.first()[at];
    wanted_p.first()[at] = 0.5 * z.first()[at] + 0.7 * p.first()[at];
  });
  CX_LAUNCH(gpu::turn, dim3(kSize, kPlanes), 32, x.layout, (Turn{x.first(), p.first(), z.first(), 0.3, 0.5, 0.7}));
  compare("cg_turn_x", x.values, wanted_x.values, 0);
  compare("cg_turn_p", p.values, wanted_p.values, 0);
  x.each([&](std::ptrdiff_t at) { wanted_x.first()[at] = wanted_p.first()[at] = 0.3 * z.first()[at]; });
  CX_LAUNCH(gpu::scale, dim3(kSize, kPlanes), 32, x.layout, z.first(), 0.3, x.first(), p.first());
  compare("cg_scale", x.values, wanted_x.values, 0);
  compare("cg_scale_other", p.values, wanted_p.values, 0);
  const Sample sample{Sample::Kind::kSmooth};
  for (int plane = 0; plane < kPlanes; ++plane)
    x.each_of(plane, [&, index = std::uint64_t{kSize} * kSize * (5 + static_cast<unsigned>(plane))](std::ptrdiff_t at) mutable {
      wanted_x.first()[at] = sample.at(index++, kSize) - z.first()[at];
    });
  CX_LAUNCH(gpu::fill, dim3(kSize, kPlanes), 32, x.layout, x.first(), sample, 5, z.first());
  compare("cg_fill", x.values, wanted_x.values, 0);
}

// The other way than the kernels: what each cell gives to each.
inline double weight(int fine, int coarse) {
  return fine / 2 == coarse ? 0.75 : (fine % 2 ? fine / 2 + 1 : fine / 2 - 1) == coarse ? 0.25 : 0.0;
}

inline void transfer() {
  const int n = 8;
  Field fine(2 * n, 2 * kPlanes, 1), coarse(n, kPlanes, 2), got(n, kPlanes, 0), sum(n, kPlanes, 0), added = fine, wanted = fine;
  const auto all = [&](auto action) {  // action(offset of the fine cell, offset of the coarse one, weight)
    for (int z = -1; z <= 2 * kPlanes; ++z)
      for (int c = -1; c <= kPlanes; ++c)
        fine.each_of(0, [&](std::ptrdiff_t at) {
          const int y = static_cast<int>(at / fine.layout.row), x = static_cast<int>(at % fine.layout.row);
          coarse.each_of(0, [&](std::ptrdiff_t other) {
            const int b = static_cast<int>(other / coarse.layout.row), a = static_cast<int>(other % coarse.layout.row);
            const double by = weight(z + 2, c + 1) * weight(y, b) * weight(x, a);
            if (by > 0) action(z * fine.layout.plane + at, c * coarse.layout.plane + other, by);
          });
        });
  };
  all([&](std::ptrdiff_t at, std::ptrdiff_t other, double by) {
    if (other >= 0 && other < kPlanes * coarse.layout.plane) sum.first()[other] += 0.5 * by * fine.first()[at];
    if (at >= 0 && at < 2 * kPlanes * fine.layout.plane) wanted.first()[at] += by * coarse.first()[other];
  });
  CX_LAUNCH(gpu::restrict_to, dim3(n, kPlanes), 32, coarse.layout, got.first(), fine.layout, fine.first());
  compare("cg_restrict_to", got.values, sum.values, 1e-14);
  CX_LAUNCH(gpu::prolong, dim3(2 * n, 2 * kPlanes), 32, fine.layout, added.first(), coarse.layout, coarse.first());
  compare("cg_prolong", added.values, wanted.values, 1e-14);
}

inline void learned() {
  const int m = 4, first = 5;
  Field r(kSize, kPlanes, 1), q(kSize, kPlanes, 2), stepped = r;
  const std::vector<double> values = numbers<double>(m * kSize, 3), factors = numbers<double>(m * m * m, 4);
  const auto f = [&](int function, std::ptrdiff_t i) { return values[static_cast<std::size_t>(function * kSize + i)]; };
  const gpu::Learned basis = {values.data(), m, first};
  const auto measured = [&](Field& of) {
    std::vector<double> all;
    const std::vector<double> squares = of.sums([&](std::ptrdiff_t at) { return of.first()[at] * of.first()[at]; });
    for (int z = 0; z < kPlanes; ++z) {
      all.push_back(squares[static_cast<std::size_t>(z)]);
      for (int number = 0; number < m * m; ++number) {
        double sum = 0;
        for (int y = 0; y < kSize; ++y) {
          double parts[8] = {}, on_row = 0;
          for (int x = 0; x < kSize; ++x)
            parts[x % 8] += of.first()[z * of.layout.plane + y * of.layout.row + x] * f(number % m, x);
          for (const double part : parts) on_row += part;
          sum += on_row * f(number / m, y);
        }
        all.push_back(sum);
      }
    }
    return all;
  };
  std::vector<double> got(kPlanes * (m * m + 1));
  const double* none = nullptr;
  CX_LAUNCH(gpu::measure, kPlanes, block<TwoPlanes>(), r.layout, basis, r.first(), none, 0.0, got.data());
  compare("cg_measure", got, measured(r), 0);
  r.each([&](std::ptrdiff_t at) { stepped.first()[at] = r.first()[at] - 0.3 * q.first()[at]; });
  CX_LAUNCH(gpu::measure, kPlanes, block<TwoPlanes>(), r.layout, basis, r.first(), q.first(), 0.3, got.data());
  compare("cg_step_and_measure", r.values, stepped.values, 0);
  compare("cg_step_and_measure_sums", got, measured(r), 0);

  std::vector<double> on_planes(kPlanes * m * m), wanted_on(on_planes.size());
  for (int z = 0; z < kPlanes; ++z)
    for (int c = 0; c < m; ++c)
      for (int i = 0; i < m * m; ++i)
        wanted_on[static_cast<std::size_t>(z * m * m + i)] += f(c, first + z) * factors[static_cast<std::size_t>(c * m * m + i)];
  CX_LAUNCH(gpu::on_planes, kPlanes, 32, kSize, basis, factors.data(), on_planes.data());
  compare("cg_on_planes", on_planes, wanted_on, 0);

  Field x(kSize, kPlanes, 6), p(kSize, kPlanes, 7), wanted_x = x, wanted_p = p;
  x.each([&](std::ptrdiff_t at) {
    const std::ptrdiff_t z = at / x.layout.plane, y = at % x.layout.plane / x.layout.row, i = at % x.layout.row;
    double value = 0.5 * r.first()[at];
    for (int a = 0; a < m; ++a) {
      double on_row = 0;
      for (int b = 0; b < m; ++b) on_row += wanted_on[static_cast<std::size_t>(z * m * m + b * m + a)] * f(b, y);
      value += on_row * f(a, i);
    }
    wanted_x.first()[at] = x.first()[at] + 0.3 * p.first()[at];
    wanted_p.first()[at] = value + 0.7 * p.first()[at];
  });
  CX_LAUNCH(gpu::turn_learned, dim3(kSize, kPlanes), 32, x.layout, (Turn{x.first(), p.first(), r.first(), 0.3, 0.5, 0.7}), basis,
            on_planes.data());
  compare("cg_turn_learned_x", x.values, wanted_x.values, 0);
  compare("cg_turn_learned_p", p.values, wanted_p.values, 0);
}

}  // namespace check::cg
