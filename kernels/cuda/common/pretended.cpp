// In place of gpu.cu in programs for tests, whose device code runs on the CPU: as many GPUs as CX_PRETENDED_GPUS says, or 8.
#include <cstdlib>

#include "common/gpu.hpp"

namespace cx::gpu {

Facts choose(int wish) {
  const char* given = std::getenv("CX_PRETENDED_GPUS");
  const int count = given ? std::atoi(given) : 8;
  if (count == 0) throw Failure(kNoDevice, "--backend cuda: no GPU that can be used: none is pretended");
  Facts facts;
  facts.name = "the CPU, in place of a GPU";
  facts.uuid = "pretended-" + std::to_string(wish % count);
  facts.bus = "0000:0" + std::to_string(wish % count) + ":00.0";
  facts.memory = facts.free = 0x1p26;
  return facts;
}

}  // namespace cx::gpu
