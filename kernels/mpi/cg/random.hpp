// Random numbers that depend on the cell alone, not on who asks.
#pragma once
#include <cstdint>

#include "common/anywhere.hpp"
#include "common/hash.hpp"

namespace cg {

// Between 0 and 1, of a global cell: as rough as any, so that no wave length is missing.
CX_ANYWHERE inline double random_cell(std::uint64_t index, std::uint64_t seed) {
  return static_cast<double>(cx::scramble(index ^ cx::scramble(seed)) >> 11) * 0x1p-53;
}

}  // namespace cg
