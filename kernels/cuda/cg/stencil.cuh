// Passes with the matrix. A column sum, of nine cells around a row, is made once and shared with its neighbours' threads; what it
// is made of comes from the cache, but for the next row of the planes.
#pragma once
#include "cuda/cg/walk.cuh"

namespace cg::gpu {

// What the column sums of one place in the rows are made of: a row and a plane more on each side.
template <typename Tile>
struct Column {
  double cells[Tile::kPlanes + 2][Tile::kRows + 2];

  // `u` points to its cell in the first row of the lowest plane; `planes` of them are there.
  CX_DEVICE void load(const double* u, const Layout& layout, int planes) {
    CX_UNROLL
    for (int plane = 0; plane < Tile::kPlanes + 2; ++plane)
      CX_UNROLL
      for (int row = 0; row < Tile::kRows + 2; ++row)
        cells[plane][row] = u[least(plane - 1, planes) * layout.plane + (row - 1) * layout.row];
  }
  // In the CPU's order.
  CX_DEVICE double sum(int plane, int row) const {
    const auto three = [&](int i) { return (cells[i][row] + cells[i][row + 1]) + cells[i][row + 2]; };
    return (three(plane) + three(plane + 1)) + three(plane + 2);
  }
};

// The cells themselves.
template <typename Tile>
struct Centre {
  double cells[Tile::kLines];
};

// What a pass makes of a cell and of its product with the matrix. Returns the term of the sum.
template <Pass kPass>
CX_DEVICE double cell(const Operands& o, std::ptrdiff_t at, double u, double product) {
  double value = product;
  if (kPass == Pass::kResidual) value = o.f[at] - product;
  if (kPass == Pass::kPolynomial) value = o.a * u + o.b * product;
  if (kPass == Pass::kAdd) value = o.out[at] + (o.a * u + o.b * product);
  if (kPass == Pass::kChebyshev) {
    const double d = o.a * o.d[at] + o.b * (o.f[at] - product);
    o.d[at] = d;
    value = u + d;
  }
  o.out[at] = value;
  return u * product;
}

// All pointers of `o` are to the first cell of the slab's plane 0. Blocks of up to Tile::kWide threads and the helpers.
template <Pass kPass, typename Tile>
CX_GLOBAL void CX_BOUNDS(Tile::kWide + kHelpers, 2) stencil(Layout layout, Operands o, Part part, double* sums) {
  CX_SHARED double columns[2][Tile::kLines][Tile::kWide + 2];
  const int n = static_cast<int>(layout.n), z = lowest<Tile>(part), planes = own<Tile>(part);
  // A helper has the column before those of the threads, or the one after them.
  const int lane = static_cast<int>(threadIdx.x), tx = lane == 0 ? -1 : lane == 1 ? width() : column();
  const auto has = [&](const Place& place) { return (lane < 2 || lane >= kHelpers) && place.x + tx <= n; };
  const auto load = [&](const Place& place) {
    Column<Tile> column{};
    if (has(place)) column.load(o.u + (z * layout.plane + place.y * layout.row + place.x + tx), layout, planes);
    return column;
  };
  const auto keep = [&](const Place& place, const Column<Tile>& column) {
    Centre<Tile> centre{};
    if (!has(place)) return centre;
    CX_UNROLL
    for (int line = 0; line < Tile::kLines; ++line) {
      const int plane = line / Tile::kRows, row = line % Tile::kRows;
      columns[place.odd][line][tx + 1] = column.sum(plane, row);
      centre.cells[line] = column.cells[plane + 1][row + 1];
    }
    return centre;
  };
  const auto make = [&](const Place& place, int line, const Centre<Tile>& held) {
    const double* around = &columns[place.odd][line][tx];
    const double u = held.cells[line], box = (around[0] + around[1]) + around[2];
    return cell<kPass>(o, offset<Tile>(layout, part, place, line), u, 27.0 * u - box);
  };
  walk<Tile, kPass == Pass::kApply>(layout, part, sums, load, keep, make);
}

}  // namespace cg::gpu
