// Launches the product by warpgroups. On any GPU but sm_90a there is no code for it, and the launch says so.
#include "cuda/gemm/wgmma.hpp"

#include "cuda/common/runtime.hpp"
#include "cuda/gemm/wgmma.cuh"

namespace gemm::wgmma {

void start(float* c, const std::uint16_t* a, const std::uint16_t* b, std::size_t rows, std::size_t n) {
  const dim3 grid(static_cast<unsigned>(n / kBlock), static_cast<unsigned>(rows / kBlock));
#if defined(__CUDACC__)
  const auto bytes = static_cast<int>(kSharedBytes);
  cx::gpu::check(cudaFuncSetAttribute(multiply, cudaFuncAttributeMaxDynamicSharedMemorySize, bytes),
                 "looking for code of wgmma (sm_90a only; use --path mma)");
  multiply<<<grid, kThreads, kSharedBytes>>>(c, a, b, n, n);
#else
  CX_LAUNCH(multiply, grid, dim3(kThreads), c, a, b, n, n);
#endif
}

}  // namespace gemm::wgmma
