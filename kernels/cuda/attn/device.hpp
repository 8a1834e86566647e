// Attention on a GPU: device.cu.
#pragma once
#include <cstddef>
#include <cstdint>
#include <memory>
#include <string>

namespace attn {

class Device {
 public:
  virtual ~Device() = default;
  virtual void load(const std::uint16_t* q, const std::uint16_t* k, const std::uint16_t* v) = 0;
  virtual void forward() = 0;  // returns when it is done
  virtual void store(float* out) const = 0;
};

// `path`: mma or plain.
std::unique_ptr<Device> make_device(std::size_t heads, std::size_t length, const std::string& path);

}  // namespace attn
