// Matrices on a GPU: plain arithmetic in any type, and bf16 by matrix instructions.
#include "mpi/gemm/device.hpp"

#include <type_traits>
#include <vector>

#include "cuda/common/runtime.hpp"
#include "cuda/gemm/kernel.cuh"
#include "cuda/gemm/mma.cuh"
#include "cuda/gemm/wgmma.hpp"

namespace gemm {
namespace {

using cx::gpu::Buffer;

template <typename Real>
class Plain final : public Device<Real> {
 public:
  Plain(std::size_t rows, std::size_t n) : rows_(rows), n_(n), a_(rows * n), b_(n * n), c_(rows * n) {}

  void load(const Real* a, const Real* b) override {
    a_.upload(a, a_.size());
    b_.upload(b, b_.size());
  }
  void multiply() override {
    CX_LAUNCH(gemm::multiply<Real>, dim3(tiles(n_), tiles(rows_)), dim3(kTile, kTile), c_.data(), a_.data(), b_.data(), n_, n_);
    cx::gpu::launched("multiply");
    cx::gpu::wait();
  }
  void store(Real* c) const override { c_.download(c, c_.size()); }

 private:
  static unsigned tiles(std::size_t n) { return static_cast<unsigned>(n / kTile); }

  std::size_t rows_, n_;
  Buffer<Real> a_, b_, c_;
};

// A by rows and B by columns, so that both have the terms of a sum side by side.
class Matrices final : public Device<float> {
 public:
  Matrices(std::size_t rows, std::size_t n, bool warpgroups)
      : rows_(rows), n_(n), warpgroups_(warpgroups), a_(rows * n), b_(n * n), c_(rows * n) {}

  void load(const float* a, const float* b) override {
    std::vector<cx::Bf16> values(a_.size());
    for (std::size_t i = 0; i < values.size(); ++i) values[i] = upper(a[i]);
    a_.upload(values.data(), values.size());
    values.resize(b_.size());
    for (std::size_t k = 0; k < n_; ++k)
      for (std::size_t j = 0; j < n_; ++j) values[j * n_ + k] = upper(b[k * n_ + j]);
    b_.upload(values.data(), values.size());
  }
  void multiply() override {
    if (warpgroups_) wgmma::start(c_.data(), a_.data(), b_.data(), rows_, n_);
    else
      CX_LAUNCH(mma::multiply, dim3(blocks(n_), blocks(rows_)), dim3(mma::kThreads), c_.data(), a_.data(), b_.data(), n_, n_);
    cx::gpu::launched("multiply");
    cx::gpu::wait();
  }
  void store(float* c) const override { c_.download(c, c_.size()); }

 private:
  static unsigned blocks(std::size_t n) { return static_cast<unsigned>(n / mma::kBlock); }
  // The values fit bf16: nothing is rounded.
  static cx::Bf16 upper(float value) {
    std::uint32_t bits;
    std::memcpy(&bits, &value, 4);
    return static_cast<cx::Bf16>(bits >> 16);
  }

  std::size_t rows_, n_;
  bool warpgroups_;
  Buffer<cx::Bf16> a_, b_;
  Buffer<float> c_;
};

}  // namespace

template <typename Real>
std::unique_ptr<Device<Real>> make_device(std::size_t rows, std::size_t n, const std::string& path) {
  if constexpr (std::is_same_v<Real, float>)
    if (path != "plain") return std::make_unique<Matrices>(rows, n, path == "wgmma");
  return std::make_unique<Plain<Real>>(rows, n);
}

template std::unique_ptr<Device<double>> make_device(std::size_t, std::size_t, const std::string&);
template std::unique_ptr<Device<float>> make_device(std::size_t, std::size_t, const std::string&);

}  // namespace gemm
