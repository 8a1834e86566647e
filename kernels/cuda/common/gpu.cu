// The GPUs of this machine through the CUDA runtime, which is linked statically and finds the driver when the program runs.
#include <cuda_runtime.h>

#include <cstdio>

#include "common/gpu.hpp"

namespace cx::gpu {
namespace {

[[noreturn]] void none(const std::string& why) {
  throw Failure(kNoDevice, "--backend cuda: no GPU that can be used: " + why);
}

void must(cudaError_t status) {
  if (status != cudaSuccess) none(cudaGetErrorString(status));
}

// As the driver's tools write it.
std::string text(const cudaUUID_t& uuid) {
  std::string out = "GPU-";
  for (int i = 0; i < 16; ++i) {
    char digits[4];
    std::snprintf(digits, sizeof digits, "%02x", static_cast<unsigned>(static_cast<unsigned char>(uuid.bytes[i])));
    if (i == 4 || i == 6 || i == 8 || i == 10) out += '-';
    out += digits;
  }
  return out;
}

}  // namespace

Facts choose(int wish) {
  int count = 0, driver = 0;
  if (cudaDriverGetVersion(&driver) == cudaSuccess && driver == 0) none("no NVIDIA driver is installed");
  must(cudaGetDeviceCount(&count));
  if (count == 0) none("the driver shows none");
  must(cudaSetDevice(wish % count));
  cudaDeviceProp properties{};
  must(cudaGetDeviceProperties(&properties, wish % count));
  Facts facts;
  facts.name = properties.name;
  facts.uuid = text(properties.uuid);
  facts.capability = 10 * properties.major + properties.minor;
  facts.cache = properties.l2CacheSize;
  if (facts.capability < 80) none(facts.name + " is older than sm_80");
  char bus[32] = {};
  must(cudaDeviceGetPCIBusId(bus, sizeof bus, wish % count));
  facts.bus = bus;
  std::size_t free = 0, total = 0;
  must(cudaMemGetInfo(&free, &total));
  facts.free = static_cast<double>(free);
  facts.memory = static_cast<double>(total);
  return facts;
}

}  // namespace cx::gpu
