// The pulls on one rank's bodies by a GPU: cuda/nbody/device.cu. Arrays are laid out as in Bodies.
#pragma once
#include <cstdint>
#include <memory>

namespace nbody {

class Device {
 public:
  virtual ~Device() = default;

  virtual void start(const float* targets) = 0;             // no pulls yet on these places and masses
  virtual void add(const float* sources, int count) = 0;    // starts to add those of `count` bodies, and returns
  virtual void finish(std::int64_t* pulls) = 0;             // waits for them
};

// `approximate`: by the GPU's estimate of the inverse root and fused multiply-adds; else with the CPU's bits.
std::unique_ptr<Device> make_device(int targets, int most_sources, bool approximate);
inline double device_bytes(double targets, double most_sources) {
  return (16 + 32) * targets + 16 * most_sources;
}

}  // namespace nbody
