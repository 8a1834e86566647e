// Loops over rows of doubles for the memory-bound kernels: the compiler's vectors, and stores that pass the cache by.
//
// A plain store reads the line it overwrites: 8 bytes more per element than the method needs. A store past the cache does
// not, and pays when the array is not read again before it would have left the cache.
#pragma once
#include <cstddef>
#include <cstdint>
#if defined(__SSE2__)
#include <emmintrin.h>
#endif

// Compiled for AVX2 too, chosen when the program starts: images run on machines we do not know. No fused multiply-add, so
// the bits are the same (CMakeLists.txt). Not under a sanitizer, which must run before the choice.
#if defined(__x86_64__) && defined(__gnu_linux__) && !defined(__AVX2__) && !defined(__SANITIZE_THREAD__) && \
    !defined(__SANITIZE_ADDRESS__)
#define CX_VECTOR __attribute__((noinline, target_clones("avx2", "default")))
#else
#define CX_VECTOR __attribute__((noinline))
#endif

namespace cx {

// out[i] = value(i) for i below count, past the cache; settle() before others read it. Cells before the first whole cache
// line of `out` and after its last are stored in the ordinary way.
template <typename Value>
[[gnu::always_inline]] inline void store_past_cache(double* out, std::size_t count, Value value) {
  std::size_t i = 0;
#if defined(__SSE2__)
  for (; i < count && reinterpret_cast<std::uintptr_t>(out + i) % 64 != 0; ++i) out[i] = value(i);
  for (; i + 8 <= count; i += 8) {
    double line[8];  // in registers
    for (std::size_t j = 0; j < 8; ++j) line[j] = value(i + j);
    for (std::size_t j = 0; j < 8; j += 2) _mm_stream_pd(out + i + j, _mm_loadu_pd(line + j));
  }
#endif
  for (; i < count; ++i) out[i] = value(i);
}

// Stores past the cache are weakly ordered: without a fence another core could see a later message before them.
inline void settle() {
#if defined(__SSE2__)
  _mm_sfence();
#endif
}

}  // namespace cx
