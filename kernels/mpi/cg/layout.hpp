// How a slab's cells lie in memory: rows of `n` cells, a multiple of 8, each at the start of a cache line with zeros around.
#pragma once
#include <cstddef>

namespace cg {

struct Layout {
  std::ptrdiff_t n = 0, row = 0, plane = 0;  // cells along x and y; doubles to the next row and plane
  bool past_cache = false;                   // store so: results leave the cache before they are read again

  static constexpr std::ptrdiff_t kLine = 8;  // doubles of a cache line, of zeros between two rows

  static Layout of(std::ptrdiff_t n) { return {n, n + kLine, (n + kLine) * (n + 2)}; }

  // Doubles of so many planes with the two of their halo.
  std::size_t size(std::ptrdiff_t planes) const { return static_cast<std::size_t>(plane * (planes + 2) + kLine); }
  // Where the first cell of a plane is among them; -1 is the halo below.
  std::ptrdiff_t offset(std::ptrdiff_t z) const { return plane * (z + 1) + row + kLine; }
  // Doubles of a plane as it is sent: its rows with the zeros between them.
  std::size_t message() const { return static_cast<std::size_t>(row * (n - 1) + n); }

  // action(number, offset) for the cells of a plane, x fastest.
  template <typename Action>
  void each_cell(Action action) const {
    std::ptrdiff_t cell = 0;
    for (std::ptrdiff_t y = 0; y < n; ++y)
      for (std::ptrdiff_t x = 0; x < n; ++x) action(cell++, y * row + x);
  }
};

}  // namespace cg
