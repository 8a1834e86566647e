// Matrix instructions on bf16 for warps (sm_80 and later), and copies past the registers. On the CPU: what the manual says that
// they do (PTX ISA, "Matrix Fragments for mma.m16n8k16" and "ldmatrix"), so that the layouts used by kernels are tested.
#pragma once
#include <cstddef>
#include <cstdint>
#include <cstring>

#include "cuda/common/device.hpp"

namespace cx {

using Bf16 = std::uint16_t;  // the upper half of a float

CX_DEVICE float to_float(Bf16 value) {
  const std::uint32_t bits = std::uint32_t{value} << 16;
  float out;
  memcpy(&out, &bits, 4);
  return out;
}

// To the nearest, ties to even; no NaN comes here.
CX_DEVICE Bf16 to_bf16(float value) {
  std::uint32_t bits;
  memcpy(&bits, &value, 4);
  return static_cast<Bf16>((bits + 0x7fff + (bits >> 16 & 1)) >> 16);
}

CX_DEVICE std::uint32_t pair(float low, float high) {
  return to_bf16(low) | std::uint32_t{to_bf16(high)} << 16;
}

// The lane of this thread in its warp. Blocks of such kernels have one dimension.
CX_DEVICE unsigned lane() {
  return threadIdx.x % 32;
}

#if defined(__CUDACC__)

CX_DEVICE std::uint32_t shared_address(const void* shared) {
  return static_cast<std::uint32_t>(__cvta_generic_to_shared(shared));
}

// 16 bytes into shared memory, while the thread goes on.
CX_DEVICE void copy_async(void* shared, const void* global) {
  asm volatile("cp.async.cg.shared.global [%0], [%1], 16;" ::"r"(shared_address(shared)), "l"(global) : "memory");
}
// Closes a group of copies.
CX_DEVICE void commit_copies() {
  asm volatile("cp.async.commit_group;" ::: "memory");
}
// Until at most kLeft of this thread's groups are under way.
template <int kLeft>
CX_DEVICE void wait_copies() {
  asm volatile("cp.async.wait_group %0;" ::"n"(kLeft) : "memory");
}

// Four 8 x 8 matrices: lane i gives the address of row i % 8 of matrix i / 8. Register m of a lane gets two neighbours of row
// lane / 4 of matrix m.
CX_DEVICE void load_matrices(std::uint32_t (&out)[4], const Bf16* row) {
  asm volatile("ldmatrix.sync.aligned.m8n8.x4.shared.b16 {%0, %1, %2, %3}, [%4];"
               : "=r"(out[0]), "=r"(out[1]), "=r"(out[2]), "=r"(out[3])
               : "r"(shared_address(row))
               : "memory");
}
// Likewise of the transposed matrices.
CX_DEVICE void load_transposed(std::uint32_t (&out)[4], const Bf16* row) {
  asm volatile("ldmatrix.sync.aligned.m8n8.x4.trans.shared.b16 {%0, %1, %2, %3}, [%4];"
               : "=r"(out[0]), "=r"(out[1]), "=r"(out[2]), "=r"(out[3])
               : "r"(shared_address(row))
               : "memory");
}

// d += a b: a is 16 x 16 by rows, b 16 x 8 by columns.
CX_DEVICE void multiply_add(float (&d)[4], const std::uint32_t (&a)[4], std::uint32_t b0, std::uint32_t b1) {
  asm volatile("mma.sync.aligned.m16n8k16.row.col.f32.bf16.bf16.f32 "
               "{%0, %1, %2, %3}, {%4, %5, %6, %7}, {%8, %9}, {%0, %1, %2, %3};"
               : "+f"(d[0]), "+f"(d[1]), "+f"(d[2]), "+f"(d[3])
               : "r"(a[0]), "r"(a[1]), "r"(a[2]), "r"(a[3]), "r"(b0), "r"(b1));
}

// The value of the lane whose number differs in the bits of `mask`.
CX_DEVICE float exchange(float value, unsigned mask) {
  return __shfl_xor_sync(0xffffffffu, value, static_cast<int>(mask));
}

#else

inline void copy_async(void* shared, const void* global) {
  std::memcpy(shared, global, 16);
}
inline void commit_copies() {}
template <int kLeft>
void wait_copies() {}

namespace detail {

inline Bf16 half(std::uint32_t word, unsigned which) {
  return static_cast<Bf16>(word >> (16 * which));
}

inline void load(std::uint32_t (&out)[4], const Bf16* row, bool transposed) {
  shim::meet(row, [&](auto rows) {
    for (unsigned m = 0; m < 4; ++m) {
      const unsigned i = lane() / 4, j = lane() % 4 * 2;
      const Bf16 low = transposed ? rows(8 * m + j)[i] : rows(8 * m + i)[j];
      const Bf16 high = transposed ? rows(8 * m + j + 1)[i] : rows(8 * m + i)[j + 1];
      out[m] = low | std::uint32_t{high} << 16;
    }
  });
}

}  // namespace detail

inline void load_matrices(std::uint32_t (&out)[4], const Bf16* row) {
  detail::load(out, row, false);
}
inline void load_transposed(std::uint32_t (&out)[4], const Bf16* row) {
  detail::load(out, row, true);
}

inline void multiply_add(float (&d)[4], const std::uint32_t (&a)[4], std::uint32_t b0, std::uint32_t b1) {
  struct Fragments {
    std::uint32_t a[4], b[2];
  } own{{a[0], a[1], a[2], a[3]}, {b0, b1}};
  shim::meet(own, [&](auto of) {
    const auto left = [&](unsigned row, unsigned k) {
      return to_float(detail::half(of(row % 8 * 4 + k % 8 / 2).a[row / 8 + k / 8 * 2], k % 2));
    };
    const auto right = [&](unsigned k, unsigned column) {
      return to_float(detail::half(of(column * 4 + k % 8 / 2).b[k / 8], k % 2));
    };
    for (unsigned i = 0; i < 4; ++i)
      for (unsigned k = 0; k < 16; ++k) d[i] += left(lane() / 4 + i / 2 * 8, k) * right(k, lane() % 4 * 2 + i % 2);
  });
}

inline float exchange(float value, unsigned mask) {
  float out = 0;
  shim::meet(value, [&](auto of) { out = of(lane() ^ mask); });
  return out;
}

#endif

}  // namespace cx
