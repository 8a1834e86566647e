// The arrays and the five operations on a GPU: cuda/stream/device.cu. Operations return when they are done.
#pragma once
#include <cstddef>
#include <memory>

namespace stream {

class Device {
 public:
  virtual ~Device() = default;

  virtual void load(const double* a, const double* b, const double* c) = 0;
  virtual void store(double* a, double* b, double* c) const = 0;

  virtual void copy(std::size_t skip) = 0;  // c = a, shifted by `skip`
  virtual void mul(double scalar) = 0;
  virtual void add() = 0;
  virtual void triad(double scalar) = 0;
  // The sum of each stretch of `stretch` elements, in order.
  virtual void dot(double* sums, std::size_t stretch) = 0;

  virtual void library_copy() = 0;  // the driver's own copy of a to a fourth array, to compare with
};

std::unique_ptr<Device> make_device(std::size_t count);
inline double device_bytes(std::size_t count, bool compare) {
  return (compare ? 33 : 25) * static_cast<double>(count);
}

}  // namespace stream
