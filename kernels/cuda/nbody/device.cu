// The pulls on one rank's bodies by a GPU.
#include "mpi/nbody/device.hpp"

#include "cuda/common/runtime.hpp"
#include "cuda/nbody/kernel.cuh"
#include "mpi/nbody/forces.hpp"

namespace nbody {
namespace {

static_assert(kTile == kBlock, "or the sums would have other bits than the CPU's");
static_assert(sizeof(long long) == sizeof(std::int64_t));

using cx::gpu::Buffer;

template <bool kApproximate>
class Pulls final : public Device {
 public:
  Pulls(int targets, int most_sources)
      : count_(static_cast<unsigned>(targets)),
        targets_(4 * std::size_t{count_}),
        sources_(4 * static_cast<std::size_t>(most_sources)),
        pulls_(4 * std::size_t{count_}) {}

  void start(const float* targets) override {
    pulls_.clear();
    targets_.upload(targets, targets_.size());
  }

  void add(const float* sources, int count) override {
    const auto others = static_cast<unsigned>(count);
    sources_.upload(sources, 4 * std::size_t{others});  // waits for the pull before
    CX_LAUNCH(pull<kApproximate>, count_ / kTile, kTile, pulls_.data(), targets_.data(), count_, sources_.data(), others,
              kSoftening);
    cx::gpu::launched("pull");
  }

  void finish(std::int64_t* pulls) override {
    cx::gpu::wait();
    pulls_.download(reinterpret_cast<long long*>(pulls), pulls_.size());
  }

 private:
  unsigned count_;
  Buffer<float> targets_, sources_;
  Buffer<long long> pulls_;
};

}  // namespace

std::unique_ptr<Device> make_device(int targets, int most_sources, bool approximate) {
  if (approximate) return std::make_unique<Pulls<true>>(targets, most_sources);
  return std::make_unique<Pulls<false>>(targets, most_sources);
}

}  // namespace nbody
