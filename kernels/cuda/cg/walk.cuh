// How a block goes over its planes: row after row, a stretch of cells at a time, a thread for each place in it. What must be done one
// after another is spread over three steps that go on at once: what is loaded, what is made of it, and what that adds to the sums.
//
// Sums are in the CPU's order (passes.cpp): eight running sums of a plane, one for each place in a cache line, and then these. A
// lane of the first warp has one of them, and adds while the other threads make the next terms.
#pragma once
#include <cstddef>

#include "cuda/common/device.hpp"
#include "mpi/cg/passes.hpp"

namespace cg::gpu {

inline constexpr int kHelpers = 32;  // threads of the first warp; the others have a place in the rows each
inline constexpr int kParts = 8;     // running sums of a plane

// What a block has at a time: lines of up to kWide cells, so many rows of each of its planes. More than one row only where they are
// whole: the sums take one after the other.
template <int kPlanes_, int kRows_, int kWide_>
struct Tile {
  static constexpr int kPlanes = kPlanes_, kRows = kRows_, kLines = kPlanes_ * kRows_, kWide = kWide_;
};

// Of a launch: its planes, and how many rows a block has, a multiple of the tile's. Blocks are (groups of planes, stretches of rows).
struct Part {
  int first, end, rows;
};

// One step: where its cells begin, and which of two buffers is its own.
struct Place {
  int x = 0, y = 0, odd = 0;
};

CX_DEVICE int least(int a, int b) {
  return a < b ? a : b;
}

// This thread's place in a row; negative for helpers.
CX_DEVICE int column() {
  return static_cast<int>(threadIdx.x) - kHelpers;
}
CX_DEVICE int width() {
  return static_cast<int>(blockDim.x) - kHelpers;
}
// The first plane of this block, and how many it has.
template <typename Tile>
CX_DEVICE int lowest(const Part& part) {
  return part.first + static_cast<int>(blockIdx.x) * Tile::kPlanes;
}
template <typename Tile>
CX_DEVICE int own(const Part& part) {
  return least(Tile::kPlanes, part.end - lowest<Tile>(part));
}

// Of this thread's cell in a line, from the first cell of the slab's plane 0.
template <typename Tile>
CX_DEVICE std::ptrdiff_t offset(const Layout& layout, const Part& part, const Place& place, int line) {
  const std::ptrdiff_t plane = lowest<Tile>(part) + line / Tile::kRows, row = place.y + line % Tile::kRows;
  return plane * layout.plane + row * layout.row + place.x + column();
}

// Adds every eighth of `count` terms, one after another; several are loaded ahead.
CX_DEVICE void add_up(double& sum, const double* terms, int count) {
  constexpr int kAhead = 8;
  int x = 0;
  for (; x + kAhead * kParts <= count; x += kAhead * kParts) {
    double next[kAhead];
    CX_UNROLL
    for (int i = 0; i < kAhead; ++i) next[i] = terms[x + i * kParts];
    CX_UNROLL
    for (int i = 0; i < kAhead; ++i) sum += next[i];
  }
  for (; x < count; x += kParts) sum += terms[x];
}

// Eight running sums together.
CX_DEVICE double total(const double* parts) {
  double all = 0;
  for (int i = 0; i < kParts; ++i) all += parts[i];
  return all;
}

// The running sums become their planes'.
template <int kPlanes>
CX_DEVICE void finish(double sum, double* sums, int planes) {
  CX_SHARED double parts[kPlanes * kParts];
  const int lane = static_cast<int>(threadIdx.x);
  if (lane < kPlanes * kParts) parts[lane] = sum;
  CX_BARRIER(20);
  if (lane < planes) sums[lane] = total(parts + lane * kParts);
}

// load(place) begins to load; while that is under way, make(place, line, held) is, for the step before, the term of this thread's cell
// in each line: row line % kRows of plane line / kRows; keep(place, loaded) -> what make() is to hold of it. All threads load and
// keep; the helpers make nothing. `sums`: of all planes of the slab; not touched without kSums.
template <typename Tile, bool kSums, typename Load, typename Keep, typename Make>
CX_DEVICE void walk(const Layout& layout, const Part& part, double* sums, Load load, Keep keep, Make make) {
  constexpr int kPlanes = Tile::kPlanes, kRows = Tile::kRows, kLines = Tile::kLines;
  CX_SHARED double terms[2][kLines][kSums ? Tile::kWide + kParts : 1];
  const int n = static_cast<int>(layout.n), begin = static_cast<int>(blockIdx.y) * part.rows, end = least(n, begin + part.rows);
  const int steps = (n + width() - 1) / width() * ((end - begin) / kRows), planes = own<Tile>(part);
  const int lane = static_cast<int>(threadIdx.x);
  Place now{0, begin, 0}, before, last;
  double sum = 0;
  decltype(keep(now, load(now))) held{};
  for (int step = 0; step < steps + (kSums ? 2 : 1); ++step) {
    const auto loaded = step < steps ? load(now) : decltype(load(now)){};
    if (step > 0 && step <= steps && column() >= 0 && before.x + column() < n) {
      CX_UNROLL
      for (int line = 0; line < kLines; ++line) {
        if (line / kRows >= planes) continue;
        const double term = make(before, line, held);
        if (kSums) terms[before.odd][line][column()] = term;
      }
    }
    if (kSums && step > 1 && lane < kPlanes * kParts)
      for (int row = 0; row < kRows; ++row)
        add_up(sum, &terms[last.odd][lane / kParts * kRows + row][lane % kParts], least(width(), n - last.x));
    if (step < steps) held = keep(now, loaded);
    CX_BARRIER(21);
    last = before;
    before = now;
    now.odd ^= 1;
    now.x += width();
    if (now.x >= n) now.x = 0, now.y += kRows;
  }
  if (kSums) finish<kPlanes>(sum, sums + lowest<Tile>(part), planes);
}

}  // namespace cg::gpu
