// The forces that one block of bodies exerts: the loop that takes nearly all the time.
#pragma once
#include <cstddef>

namespace nbody {

inline constexpr int kBlock = 256;             // bodies whose forces are summed in floating point, in order
inline constexpr float kSoftening = 0.05f;     // Plummer's: bodies that meet do not fly apart
inline constexpr double kFlops = 20;           // per interaction, as is usual to count; a root and a division are one each

// Coordinates as arrays, a multiple of 8 of each.
struct Places {
  const float *x, *y, *z;
};

// ax, ay, az, potential of `count` targets (a multiple of 8) from one block of sources with masses. Without gravity's constant.
void pull_base(const Places& targets, int count, const Places& sources, const float* masses, float* const out[4]);
void pull_avx2(const Places& targets, int count, const Places& sources, const float* masses, float* const out[4]);

inline void pull(const Places& targets, int count, const Places& sources, const float* masses, float* const out[4]) {
#if defined(CX_HAS_AVX2)
  static const bool avx2 = __builtin_cpu_supports("avx2");
  if (avx2) return pull_avx2(targets, count, sources, masses, out);
#endif
  pull_base(targets, count, sources, masses, out);
}

}  // namespace nbody
