// The bodies of one rank, and how forces add up to the same bits for every number of ranks.
#pragma once
#include <cmath>
#include <cstdint>
#include <vector>

#include "common/hash.hpp"
#include "mpi/nbody/config.hpp"

namespace nbody {

// Sums over blocks are taken in integers, units of 2^-40: their order, which the ring turns, does not matter. A block of mass
// below 1 pulls with at most 0.39 / softening^2 < 160, so that 2^63 is far.
inline constexpr double kUnit = 0x1p-40;
inline std::int64_t to_fixed(float value) {
  return std::llrint(static_cast<double>(value) / kUnit);
}

struct Bodies {
  std::vector<float> places;  // x of all, y of all, z of all, masses
  std::vector<float> speeds;  // likewise, without masses
  std::vector<std::int64_t> pulls;
  int count = 0;

  // The bodies of blocks `own`: a ball of radius 1 that turns, with some disorder, and a total mass of 1.
  Bodies(const Config& config, const cx::Range& own)
      : places(4 * size(own)), speeds(3 * size(own)), pulls(4 * size(own)), count(own.size() * kBlock) {
    for (int i = 0; i < count; ++i) {
      const auto body = static_cast<std::uint64_t>(own.begin) * kBlock + static_cast<std::uint64_t>(i);
      const auto random = [&](std::uint64_t which) {
        return 2.0 * static_cast<double>(cx::scramble(cx::scramble(body) + which) >> 11) * 0x1p-53 - 1.0;
      };
      double x = 2, y = 0, z = 0;
      for (std::uint64_t tries = 0; x * x + y * y + z * z > 1; tries += 3)
        x = random(tries), y = random(tries + 1), z = random(tries + 2);
      at(places, 0, i) = static_cast<float>(x);
      at(places, 1, i) = static_cast<float>(y);
      at(places, 2, i) = static_cast<float>(z);
      at(places, 3, i) = static_cast<float>((1 + 0.5 * random(1000)) / static_cast<double>(config.n));
      at(speeds, 0, i) = static_cast<float>(-0.7 * y + 0.1 * random(1001));
      at(speeds, 1, i) = static_cast<float>(0.7 * x + 0.1 * random(1002));
      at(speeds, 2, i) = static_cast<float>(0.1 * random(1003));
    }
  }

  static double bytes(const cx::Range& own) { return static_cast<double>(size(own)) * (16 + 12 + 32 + 3 * 16); }

  float& at(std::vector<float>& of, int axis, int i) { return of[static_cast<std::size_t>(axis * count + i)]; }
  float at(const std::vector<float>& of, int axis, int i) const { return of[static_cast<std::size_t>(axis * count + i)]; }
  double pull(int axis, int i) const {
    return static_cast<double>(pulls[static_cast<std::size_t>(axis * count + i)]) * kUnit;
  }

  // Adds the pull of `sources` bodies laid out like `places`.
  void add(const float* from, int sources) {
    std::vector<float> part(4 * static_cast<std::size_t>(count));
    float* const out[4] = {part.data(), part.data() + count, part.data() + 2 * count, part.data() + 3 * count};
    const Places targets = {places.data(), places.data() + count, places.data() + 2 * count};
    for (int block = 0; block < sources; block += kBlock) {
      const Places places_of_block = {from + block, from + sources + block, from + 2 * sources + block};
      nbody::pull(targets, count, places_of_block, from + 3 * sources + block, out);
      for (std::size_t i = 0; i < pulls.size(); ++i) pulls[i] += to_fixed(part[i]);
    }
  }

  // v += a dt; in double, rounded once.
  void kick(double dt) {
    for (int axis = 0; axis < 3; ++axis)
      for (int i = 0; i < count; ++i)
        at(speeds, axis, i) = static_cast<float>(static_cast<double>(at(speeds, axis, i)) + dt * pull(axis, i));
  }

  void drift(double dt) {
    for (int axis = 0; axis < 3; ++axis)
      for (int i = 0; i < count; ++i)
        at(places, axis, i) =
            static_cast<float>(static_cast<double>(at(places, axis, i)) + dt * static_cast<double>(at(speeds, axis, i)));
  }

 private:
  static std::size_t size(const cx::Range& own) { return static_cast<std::size_t>(own.size()) * kBlock; }
};

}  // namespace nbody
