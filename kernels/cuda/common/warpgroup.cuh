// Matrix instructions of warpgroups, 128 threads: sm_90a only. On the CPU: what the manual says that they do (PTX ISA,
// "Asynchronous Warpgroup Level Matrix Instructions"), down to the swizzle of shared memory.
#pragma once
#include "cuda/common/matrix.cuh"

namespace cx {

#if defined(__CUDACC__)

// `count` values of a type that is aligned to at most 1024 bytes, in the shared memory that the launch asks for.
#define CX_DYNAMIC_SHARED(Type, name, count)                                   \
  extern __shared__ unsigned char name##_bytes[];                              \
  Type* const name = reinterpret_cast<Type*>((reinterpret_cast<std::uintptr_t>(name##_bytes) + 1023) / 1024 * 1024)

// What this thread has written to shared memory, also by copies, is there for the matrix unit once others know of it.
__device__ inline void show_to_matrix_unit() {
  asm volatile("fence.proxy.async.shared::cta;" ::: "memory");
}

// Rows of 128 bytes in the 128-byte swizzle, groups of eight 1024 bytes apart.
__device__ inline std::uint64_t descriptor(const Bf16* matrix) {
  return ((shared_address(matrix) & 0x3ffffu) >> 4) | std::uint64_t{1} << 16 | std::uint64_t{1024 >> 4} << 32 |
         std::uint64_t{1} << 62;
}

// The accumulators belong to the matrix unit from begin to finish.
__device__ inline void begin_multiply(float (&)[64]) {
  asm volatile("wgmma.fence.sync.aligned;" ::: "memory");
}
__device__ inline void finish_multiply(float (&d)[64]) {
  asm volatile("wgmma.commit_group.sync.aligned;" ::: "memory");
  asm volatile("wgmma.wait_group.sync.aligned 0;" ::: "memory");
  // Nobody reads them earlier.
  for (int i = 0; i < 64; ++i) asm volatile("" : "+f"(d[i])::"memory");
}

// d += a b^T: 64 rows of a and 128 of b, 16 of the sum.
__device__ inline void multiply_add(float (&d)[64], const Bf16* a, const Bf16* b) {
#define CX_EIGHT(i) \
  "+f"(d[i]), "+f"(d[i + 1]), "+f"(d[i + 2]), "+f"(d[i + 3]), "+f"(d[i + 4]), "+f"(d[i + 5]), "+f"(d[i + 6]), "+f"(d[i + 7])
  asm volatile(
      "wgmma.mma_async.sync.aligned.m64n128k16.f32.bf16.bf16 "
      "{%0, %1, %2, %3, %4, %5, %6, %7, %8, %9, %10, %11, %12, %13, %14, %15, "
      "%16, %17, %18, %19, %20, %21, %22, %23, %24, %25, %26, %27, %28, %29, %30, %31, "
      "%32, %33, %34, %35, %36, %37, %38, %39, %40, %41, %42, %43, %44, %45, %46, %47, "
      "%48, %49, %50, %51, %52, %53, %54, %55, %56, %57, %58, %59, %60, %61, %62, %63}, "
      "%64, %65, 1, 1, 1, 0, 0;"
      : CX_EIGHT(0), CX_EIGHT(8), CX_EIGHT(16), CX_EIGHT(24), CX_EIGHT(32), CX_EIGHT(40), CX_EIGHT(48), CX_EIGHT(56)
      : "l"(descriptor(a)), "l"(descriptor(b)));
#undef CX_EIGHT
}

#else

#define CX_DYNAMIC_SHARED(Type, name, count) static Type name[count]

inline void show_to_matrix_unit() {}
inline void begin_multiply(float (&)[64]) {}
inline void finish_multiply(float (&)[64]) {}

namespace detail {
// Element k of row `row`: bits 4 to 6 of its address are mixed with bits 7 to 9.
inline float swizzled(const Bf16* matrix, unsigned row, unsigned k) {
  const std::uintptr_t address = reinterpret_cast<std::uintptr_t>(matrix) + row / 8 * 1024 + row % 8 * 128 + k * 2;
  return to_float(*reinterpret_cast<const Bf16*>(address ^ (address >> 7 & 7) << 4));
}
}  // namespace detail

inline void multiply_add(float (&d)[64], const Bf16* a, const Bf16* b) {
  const unsigned row = threadIdx.x % 128 / 32 * 16 + lane() / 4, column = lane() % 4 * 2;
  for (unsigned half = 0; half < 2; ++half) {
    float left[16];
    for (unsigned k = 0; k < 16; ++k) left[k] = detail::swizzled(a, row + 8 * half, k);
    for (unsigned n = 0; n < 32; ++n) {
      float& sum = d[n / 2 * 4 + half * 2 + n % 2];
      for (unsigned k = 0; k < 16; ++k) sum += left[k] * detail::swizzled(b, n / 2 * 8 + column + n % 2, k);
    }
  }
}

#endif

}  // namespace cx
