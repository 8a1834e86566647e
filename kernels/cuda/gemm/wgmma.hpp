// The path that is compiled for sm_90a alone, in a file of its own.
#pragma once
#include <cstddef>
#include <cstdint>

namespace gemm::wgmma {

// Starts C = A B; A by rows, B by columns, in bf16.
void start(float* c, const std::uint16_t* a, const std::uint16_t* b, std::size_t rows, std::size_t n);

}  // namespace gemm::wgmma
