// One rank's cells on a GPU, in place of Block's: cuda/heat/device.cu. Boxes are local; cells -1 and n are the halo.
#pragma once
#include <memory>

#include "mpi/heat/decomposition.hpp"

namespace heat {

class Device {
 public:
  virtual ~Device() = default;

  // Starts the update of a box and returns; updates follow each other.
  virtual void update(const Box& cells, double courant) = 0;
  // Cells of the old array, x fastest, to and from main memory: beside the updates that are under way, which must neither read
  // what is unpacked nor, before swap(), write what is packed.
  virtual void pack(const Box& cells, double* out) = 0;
  virtual void unpack(const Box& cells, const double* in) = 0;

  virtual void wait() = 0;  // until all is done
  virtual void swap() = 0;  // what was updated is old now
};

// All cells 0.
std::unique_ptr<Device> make_device(const Triple& size);
inline double device_bytes(const Box& box) {
  return 16 * (box[0].size() + 2.0) * (box[1].size() + 2.0) * (box[2].size() + 2.0) + 16 * cx::cells(box);
}

}  // namespace heat
