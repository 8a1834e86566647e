// Vectors of doubles as wide as the instruction set that a source file is compiled for. Such files are compiled once per set
// (CMakeLists.txt) and include nothing else that has code: a function of theirs must not stand in for another file's.
#pragma once
#include <cstddef>
#if defined(__AVX__)
#include <immintrin.h>
#elif defined(__SSE2__)
#include <emmintrin.h>
#endif

namespace cx {
namespace {

#if defined(__AVX__)
inline constexpr std::size_t kLanes = 4;
#else
inline constexpr std::size_t kLanes = 2;
#endif
using Lanes = double __attribute__((vector_size(kLanes * 8)));
using AnyLanes = double __attribute__((vector_size(kLanes * 8), aligned(8), may_alias));

#define CX_INLINE [[gnu::always_inline]] inline

CX_INLINE Lanes all(double value) {
  return value - Lanes{};  // GCC spreads a scalar over a vector
}

CX_INLINE Lanes load(const double* from) {
  return *reinterpret_cast<const AnyLanes*>(from);
}

CX_INLINE void store(double* to, Lanes value) {
  *reinterpret_cast<AnyLanes*>(to) = value;
}

// Past the cache; `to` is aligned to the vector's size.
CX_INLINE void stream(double* to, Lanes value) {
#if defined(__AVX__)
  _mm256_stream_pd(to, value);
#elif defined(__SSE2__)
  _mm_stream_pd(to, value);
#else
  store(to, value);
#endif
}

// The vector that begins one element before `here`, and the one that begins one element after it.
CX_INLINE Lanes from_before(Lanes before, Lanes here) {
#if defined(__AVX__)
  return __builtin_shuffle(before, here, (long long __attribute__((vector_size(32)))){3, 4, 5, 6});
#else
  return __builtin_shuffle(before, here, (long long __attribute__((vector_size(16)))){1, 2});
#endif
}
CX_INLINE Lanes from_after(Lanes here, Lanes after) {
#if defined(__AVX__)
  return __builtin_shuffle(here, after, (long long __attribute__((vector_size(32)))){1, 2, 3, 4});
#else
  return __builtin_shuffle(here, after, (long long __attribute__((vector_size(16)))){1, 2});
#endif
}

CX_INLINE void fence() {
#if defined(__SSE2__)
  _mm_sfence();
#endif
}

}  // namespace
}  // namespace cx
