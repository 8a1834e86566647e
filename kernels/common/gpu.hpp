// What the host side of a kernel asks of a GPU. cuda/common/gpu.cu answers through the CUDA runtime; a build for tests puts
// threads of the CPU in its place. A build without either says so by kBuilt, and calls none of this.
#pragma once
#include <cstddef>
#include <string>

#include "common/failure.hpp"

namespace cx::gpu {

#if defined(CX_CUDA)
inline constexpr bool kBuilt = true;
#else
inline constexpr bool kBuilt = false;
#endif

// What nvcc's version was; empty where nothing was compiled by it.
#if defined(CX_NVCC)
inline constexpr const char* kCompiler = CX_NVCC;
#else
inline constexpr const char* kCompiler = "";
#endif

struct Facts {
  std::string name, uuid;
  std::string bus;             // its address, by which NVML knows it too
  int capability = 0;          // 90 is sm_90
  double memory = 0, free = 0;  // bytes
  double cache = 0;            // bytes of its last-level cache
};

// Makes one of the GPUs this process's: number `wish`, or where there are fewer, `wish` modulo their number.
// Throws Failure(kNoDevice) with the driver's reason where there is none.
Facts choose(int wish);

}  // namespace cx::gpu

namespace cx {

// To be told by whatever no GPU has run yet; what it is about goes before it.
inline constexpr const char* kNeverRun = "unverified on hardware";

}  // namespace cx
