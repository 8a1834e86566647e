// Which samples a batch takes: a hash of their places, so that no rank needs to know what another took.
#pragma once
#include <cstdint>

#include "common/anywhere.hpp"
#include "common/hash.hpp"

namespace surrogate {

// The sample at place `at`, counted from the first of the first batch, of `count` samples to learn from.
CX_ANYWHERE inline std::uint64_t shuffled(std::uint64_t at, std::uint64_t seed, std::uint64_t count) {
  return cx::scramble(at ^ cx::scramble(seed + 1)) % count;
}

}  // namespace surrogate
