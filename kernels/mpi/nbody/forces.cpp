// Compiled once for each instruction set: CX_SET is what the name of its function ends in.
#include "mpi/nbody/forces.hpp"

#if defined(__SSE2__)
#include <immintrin.h>
#endif

#define CX_JOIN(name, suffix) name##_##suffix
#define CX_EXPAND(name, suffix) CX_JOIN(name, suffix)

namespace nbody {
namespace {

// Eight targets at once, in one register or two.
using Eight = float __attribute__((vector_size(32)));
using AnyEight = float __attribute__((vector_size(32), aligned(4), may_alias));

#define CX_INLINE [[gnu::always_inline]] inline

// IEEE's root and division, not the processor's estimate, which differs between makers.
CX_INLINE void inverse_root(Eight& value) {
#if defined(__AVX__)
  const __m256 root = _mm256_sqrt_ps(reinterpret_cast<__m256&>(value));
  reinterpret_cast<__m256&>(value) = _mm256_div_ps(_mm256_set1_ps(1.0f), root);
#else
  for (int i = 0; i < 8; ++i) value[i] = 1.0f / __builtin_sqrtf(value[i]);
#endif
}

}  // namespace

void CX_EXPAND(pull, CX_SET)(const Places& targets, int count, const Places& sources, const float* masses,
                             float* const out[4]) {
  const Eight zero = {};
  for (int i = 0; i < count; i += 8) {
    const Eight x = *reinterpret_cast<const AnyEight*>(targets.x + i), y = *reinterpret_cast<const AnyEight*>(targets.y + i),
                z = *reinterpret_cast<const AnyEight*>(targets.z + i);
    Eight ax = zero, ay = zero, az = zero, potential = zero;
    for (int j = 0; j < kBlock; ++j) {
      const Eight dx = sources.x[j] - x, dy = sources.y[j] - y, dz = sources.z[j] - z;
      Eight inverse = ((dx * dx + dy * dy) + dz * dz) + kSoftening * kSoftening;
      inverse_root(inverse);
      const Eight mass = masses[j] * inverse;
      const Eight strength = mass * (inverse * inverse);
      ax += strength * dx;
      ay += strength * dy;
      az += strength * dz;
      potential -= mass;
    }
    *reinterpret_cast<AnyEight*>(out[0] + i) = ax;
    *reinterpret_cast<AnyEight*>(out[1] + i) = ay;
    *reinterpret_cast<AnyEight*>(out[2] + i) = az;
    *reinterpret_cast<AnyEight*>(out[3] + i) = potential;
  }
}

}  // namespace nbody
