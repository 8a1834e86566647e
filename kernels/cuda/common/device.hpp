// The words of CUDA that kernels here use. Without its compiler they mean threads of the CPU, so that the same source is
// tested, and its barriers by ThreadSanitizer, on machines without a GPU.
#pragma once

#if defined(__CUDACC__)
#define CX_GLOBAL __global__
// How many threads a block has at most, and how many blocks should fit a multiprocessor: what is left of registers may be used.
#define CX_BOUNDS(threads, blocks) __launch_bounds__(threads, blocks)
#define CX_DEVICE __device__ inline
#define CX_SHARED __shared__
#define CX_BARRIER(id) __syncthreads()
#define CX_UNROLL _Pragma("unroll")
#define CX_LAUNCH(kernel, grid, block, ...) kernel<<<grid, block>>>(__VA_ARGS__)
#define CX_LAUNCH_ON(stream, kernel, grid, block, ...) kernel<<<grid, block, 0, stream>>>(__VA_ARGS__)
#else
#include "cuda/common/shim.hpp"
#define CX_GLOBAL
#define CX_BOUNDS(threads, blocks)
#define CX_DEVICE inline
#define CX_SHARED static
#define CX_UNROLL
// Numbered, so that a test can leave out each and see that the sanitizer misses it.
#define CX_BARRIER(id) cx::shim::barrier(id)
#define CX_LAUNCH(kernel, grid, block, ...) cx::shim::launch([&] { kernel(__VA_ARGS__); }, grid, block)
#define CX_LAUNCH_ON(stream, kernel, grid, block, ...) CX_LAUNCH(kernel, grid, block, __VA_ARGS__)
#endif
