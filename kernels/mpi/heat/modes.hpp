// The exact solution of the discrete scheme: products of sines are its eigenvectors, so each decays by a known factor a
// step. Comparing with it (not with the differential equation) leaves only rounding, and lets the tolerance be tight.
#pragma once
#include <array>
#include <cmath>
#include <vector>

#include "mpi/heat/decomposition.hpp"

namespace heat {

inline constexpr double kPi = 3.14159265358979323846;
inline constexpr double kCourant = 0.15;  // alpha dt / h^2 of the largest diffusivity; stable below 1/6

struct Mode {
  double amplitude;
  Triple waves;  // half waves along x, y, z
};

// No symmetry between the axes: a solver that swaps two of them fails. The first decays slowest.
inline constexpr std::array<Mode, 3> kModes = {{{1.0, {1, 1, 1}}, {0.5, {2, 1, 1}}, {0.25, {1, 2, 3}}}};

// The factor of one step.
inline double decay(const Mode& mode, int n, double courant) {
  double cosines = 0;
  for (const int waves : mode.waves) cosines += std::cos(kPi * waves / (n + 1.0));
  return 1.0 - 6.0 * courant + 2.0 * courant * cosines;
}

// The solution on one box, evaluated from tables of sines: n of them per axis instead of n^3.
class Exact {
 public:
  Exact(int n, const Box& box) : n_(n) {
    for (std::size_t m = 0; m < kModes.size(); ++m)
      for (int axis = 0; axis < 3; ++axis)
        for (int i = box[axis].begin; i < box[axis].end; ++i)
          sines_[m][axis].push_back(std::sin(kPi * kModes[m].waves[axis] * (i + 1.0) / (n + 1.0)));
  }

  void set_step(double courant, double steps) {
    for (std::size_t m = 0; m < kModes.size(); ++m)
      factors_[m] = kModes[m].amplitude * std::pow(decay(kModes[m], n_, courant), steps);
  }

  // At local cell (x, y, z) of the box.
  double at(int x, int y, int z) const {
    double sum = 0;
    for (std::size_t m = 0; m < kModes.size(); ++m)
      sum += factors_[m] * sines_[m][0][x] * sines_[m][1][y] * sines_[m][2][z];
    return sum;
  }

 private:
  int n_;
  std::array<std::array<std::vector<double>, 3>, kModes.size()> sines_;
  std::array<double, kModes.size()> factors_{};
};

}  // namespace heat
