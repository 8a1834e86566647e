// C = A B on a GPU: cuda/gemm/device.cu. Row-major; A is rows x n, B n x n, C rows x n.
#pragma once
#include <cstddef>
#include <memory>
#include <string>

namespace gemm {

template <typename Real>
class Device {
 public:
  virtual ~Device() = default;
  virtual void load(const Real* a, const Real* b) = 0;
  virtual void multiply() = 0;  // returns when it is done
  virtual void store(Real* c) const = 0;
};

// How to multiply: "plain" in the type itself; "mma" and "wgmma" by matrix instructions on bf16, of values that fit bf16.
template <typename Real>
std::unique_ptr<Device<Real>> make_device(std::size_t rows, std::size_t n, const std::string& path);

}  // namespace gemm
