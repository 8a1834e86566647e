// One rank's cells in two arrays (old and new), each with one layer of halo around it, x contiguous.
#pragma once
#include <cstddef>
#include <utility>
#include <vector>

#include "mpi/heat/decomposition.hpp"

namespace heat {

class Block {
 public:
  explicit Block(const Box& box)
      : nx_(box[0].size()),
        ny_(box[1].size()),
        nz_(box[2].size()),
        row_(nx_ + 2),
        layer_(row_ * (ny_ + 2)),
        old_(layer_ * (nz_ + 2)),
        new_(old_.size()) {}

  // Bytes that a block of this box will take: asked before one is made.
  static double bytes(const Box& box) {
    return 16.0 * (box[0].size() + 2.0) * (box[1].size() + 2.0) * (box[2].size() + 2.0);
  }

  Triple size() const { return {static_cast<int>(nx_), static_cast<int>(ny_), static_cast<int>(nz_)}; }
  double& at(int x, int y, int z) { return old_[index(x, y, z)]; }
  double at(int x, int y, int z) const { return old_[index(x, y, z)]; }

  // new = (1 - 6 c) old + c (sum of the six neighbours) on a box of local cells; returns the cells updated.
  // The order of the additions is fixed here for every cell: the bits do not depend on how the grid is divided.
  double update(const Box& cells, double courant) {
    const double centre = 1.0 - 6.0 * courant;
    const auto layer = static_cast<std::ptrdiff_t>(layer_), row = static_cast<std::ptrdiff_t>(row_);
    for (int z = cells[2].begin; z < cells[2].end; ++z)
      for (int y = cells[1].begin; y < cells[1].end; ++y) {
        const double* __restrict u = &old_[index(0, y, z)];
        double* __restrict out = &new_[index(0, y, z)];
        for (std::ptrdiff_t x = cells[0].begin; x < cells[0].end; ++x)
          out[x] = centre * u[x] +
                   courant * (((u[x - 1] + u[x + 1]) + (u[x - row] + u[x + row])) + (u[x - layer] + u[x + layer]));
      }
    if (cells[0].size() <= 0 || cells[1].size() <= 0 || cells[2].size() <= 0) return 0;
    return static_cast<double>(cells[0].size()) * cells[1].size() * cells[2].size();
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
  std::size_t index(int x, int y, int z) const {
    return static_cast<std::size_t>(z + 1) * layer_ + static_cast<std::size_t>(y + 1) * row_ +
           static_cast<std::size_t>(x + 1);
  }

  std::size_t nx_, ny_, nz_, row_, layer_;
  std::vector<double> old_, new_;
};

}  // namespace heat
