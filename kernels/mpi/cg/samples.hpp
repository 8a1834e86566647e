// What fields are filled with to begin and to check: numbers that depend on the cell alone, not on who asks, with the same bits on
// a GPU.
#pragma once
#include <cstdint>

#include "common/anywhere.hpp"
#include "mpi/cg/random.hpp"

namespace cg {

struct Sample {
  enum class Kind { kZero, kRandom, kRough, kSmooth };
  Kind kind = Kind::kZero;
  std::uint64_t seed = 0;

  // Of a global cell of n^3. Rough has all wave lengths; smooth is a bump with no symmetry that is 0 on the walls.
  CX_ANYWHERE double at(std::uint64_t index, std::uint64_t n) const {
    if (kind == Kind::kZero) return 0;
    if (kind == Kind::kRandom) return random_cell(index, seed);
    if (kind == Kind::kRough) return 1.0 + random_cell(index, 1);
    const double x = place(index, n), y = place(index / n, n), z = place(index / n / n, n);
    return 64 * x * (1 - x) * (1 + x) * y * (1 - y) * z * (1 - z) * (2 - z);
  }

 private:
  CX_ANYWHERE static double place(std::uint64_t i, std::uint64_t n) {
    return (static_cast<double>(i % n) + 1) / (static_cast<double>(n) + 1);
  }
};

}  // namespace cg
