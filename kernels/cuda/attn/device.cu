// Queries, keys and values of some heads on a GPU.
#include "cuda/attn/device.hpp"

#include <cmath>

#include "cuda/attn/kernel.cuh"
#include "cuda/attn/plain.cuh"
#include "cuda/common/runtime.hpp"

namespace attn {
namespace {

using cx::gpu::Buffer;

class Heads final : public Device {
 public:
  Heads(std::size_t heads, std::size_t length, bool plain)
      : heads_(static_cast<unsigned>(heads)),
        length_(static_cast<unsigned>(length)),
        plain_(plain),
        q_(heads * length * kHead),
        k_(q_.size()),
        v_(q_.size()),
        out_(q_.size()) {}

  void load(const std::uint16_t* q, const std::uint16_t* k, const std::uint16_t* v) override {
    q_.upload(q, q_.size());
    k_.upload(k, k_.size());
    v_.upload(v, v_.size());
  }

  void forward() override {
    // Exponentials are taken to base 2.
    const auto scale = static_cast<float>(1.4426950408889634 / std::sqrt(static_cast<double>(kHead)));
    if (plain_)
      CX_LAUNCH(attn::plain, dim3(length_ / kPlainThreads, heads_), dim3(kPlainThreads), out_.data(), q_.data(), k_.data(),
                v_.data(), length_, scale);
    else
      CX_LAUNCH(attn::forward, dim3(length_ / kQueries, heads_), dim3(kThreads), out_.data(), q_.data(), k_.data(), v_.data(),
                length_, scale);
    cx::gpu::launched("forward");
    cx::gpu::wait();
  }

  void store(float* out) const override { out_.download(out, out_.size()); }

 private:
  unsigned heads_, length_;
  bool plain_;
  Buffer<cx::Bf16> q_, k_, v_;
  Buffer<float> out_;
};

}  // namespace

std::unique_ptr<Device> make_device(std::size_t heads, std::size_t length, const std::string& path) {
  return std::make_unique<Heads>(heads, length, path == "plain");
}

}  // namespace attn
