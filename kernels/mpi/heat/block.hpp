// One rank's cells in two arrays (old and new), each with one layer of halo around it, x contiguous.
#pragma once
#include <algorithm>
#include <cstddef>
#include <utility>

#include "common/arrays.hpp"
#include "mpi/heat/decomposition.hpp"
#include "mpi/heat/sweep.hpp"

namespace heat {

class Block {
 public:
  explicit Block(const Box& box)
      : nx_(size(box, 0)),
        ny_(size(box, 1)),
        nz_(size(box, 2)),
        row_(pitch(box)),
        layer_(row_ * (ny_ + 2)),
        old_(layer_ * (nz_ + 2) + kLine),
        new_(old_.size(), skew(row_, layer_)),
        // Both arrays beyond the cache, which ranks may share: a step never finds again what the last one wrote.
        past_cache_(16.0 * static_cast<double>(old_.size()) > cx::last_level_cache()) {}

  // Bytes that a block of this box will take: asked before one is made.
  static double bytes(const Box& box) {
    return 16.0 * static_cast<double>(pitch(box)) * (box[1].size() + 2.0) * (box[2].size() + 2.0);
  }

  Triple size() const { return {static_cast<int>(nx_), static_cast<int>(ny_), static_cast<int>(nz_)}; }
  double& at(int x, int y, int z) { return old_[index(x, y, z)]; }
  double at(int x, int y, int z) const { return old_[index(x, y, z)]; }

  // Rows of a tile: three layers of it stay in the second-level cache, so that each cell is read from memory once.
  int tile_rows() const { return std::max(4, static_cast<int>(kTileBytes / (3 * 8 * row_))); }

  // new = (1 - 6 c) old + c (sum of the six neighbours) on a box of local cells; returns the cells updated.
  double update(const Box& cells, double courant) {
    if (cells[0].size() <= 0 || cells[1].size() <= 0 || cells[2].size() <= 0) return 0;
    Sweep sweep;
    sweep.row = static_cast<std::ptrdiff_t>(row_);
    sweep.layer = static_cast<std::ptrdiff_t>(layer_);
    sweep.courant = courant;
    sweep.past_cache = past_cache_;
    sweep.width = cells[0].size();
    const int rows = tile_rows();
    for (int y = cells[1].begin; y < cells[1].end; y += rows) {
      sweep.rows = std::min(rows, cells[1].end - y);
      sweep.layers = cells[2].size();
      const std::size_t first = index(cells[0].begin, y, cells[2].begin);
      heat::sweep(sweep, new_.data() + first, old_.data() + first);
    }
    return cx::cells(cells);
  }

  void swap() { std::swap(old_, new_); }

  // The cells of one face: the outermost own layer (to send), or the halo beyond it (received).
  Box face(int axis, bool high, bool halo) const {
    const Triple n = size();
    Box box = {Range{0, n[0]}, Range{0, n[1]}, Range{0, n[2]}};
    const int at = high ? n[axis] - 1 + halo : 0 - halo;
    box[axis] = {at, at + 1};
    return box;
  }

  void pack(const Box& cells, double* out) const {
    for (int z = cells[2].begin; z < cells[2].end; ++z)
      for (int y = cells[1].begin; y < cells[1].end; ++y)
        for (int x = cells[0].begin; x < cells[0].end; ++x) *out++ = old_[index(x, y, z)];
  }

  void unpack(const Box& cells, const double* in) {
    for (int z = cells[2].begin; z < cells[2].end; ++z)
      for (int y = cells[1].begin; y < cells[1].end; ++y)
        for (int x = cells[0].begin; x < cells[0].end; ++x) old_[index(x, y, z)] = *in++;
  }

 private:
  static constexpr std::size_t kLine = 8;  // doubles in a cache line
  static constexpr std::size_t kTileBytes = 256 << 10;

  static std::size_t size(const Box& box, int axis) { return static_cast<std::size_t>(box[axis].size()); }

  // A row starts at a cache line; the cell before it is the last of the line before, the cell behind it at the latest the
  // first of the next row's such line: one line in between serves as the halo of two rows.
  static std::size_t pitch(const Box& box) { return (size(box, 0) + kLine - 1) / kLine * kLine + kLine; }

  // Where a processor's loads are to pass stores that are still under way, it compares the lower twelve bits of their addresses:
  // a neighbour with those of a cell just written waits. So the arrays lie as far from that as the shape allows.
  static std::size_t skew(std::size_t row, std::size_t layer) {
    constexpr std::size_t page = 4096 / sizeof(double);
    std::size_t best = 0, most = 0;
    for (std::size_t skew = 0; skew < page; skew += kLine) {
      std::size_t least = page;
      for (const std::size_t neighbour : {std::size_t{0}, row, page - row % page, layer, page - layer % page}) {
        const std::size_t apart = (skew + page - neighbour % page) % page;
        least = std::min({least, apart, page - apart});
      }
      if (least > most) best = skew, most = least;
    }
    return best;
  }

  std::size_t index(int x, int y, int z) const {
    return static_cast<std::size_t>(z + 1) * layer_ + static_cast<std::size_t>(y + 1) * row_ + kLine +
           static_cast<std::size_t>(static_cast<std::ptrdiff_t>(x));
  }

  std::size_t nx_, ny_, nz_, row_, layer_;
  cx::Array old_, new_;
  bool past_cache_;
};

}  // namespace heat
