// A field on one rank's planes: in main memory, or on the GPU.
#pragma once
#include <array>
#include <cstddef>
#include <vector>

#include "common/arrays.hpp"
#include "mpi/cg/device.hpp"
#include "mpi/cg/slab.hpp"

namespace cg {

class Field {
 public:
  Field() = default;
  // Zeros; on `device` if there is one, which must outlive the field.
  Field(const Slab& slab, Device* device) : layout_(slab.layout), device_(device) {
    if (device) id_ = device->make(layout_, slab.planes.size());
    else values_ = cx::Array(layout_.size(slab.planes.size()));
  }

  // In main memory: the first cell of local plane z; -1 and the number of planes are the halo.
  double* plane(int z) { return values_.data() + layout_.offset(z); }
  const double* plane(int z) const { return values_.data() + layout_.offset(z); }

  int id() const { return id_; }  // on the GPU
  int n() const { return static_cast<int>(layout_.n); }

  // All cells of a plane, x fastest, wherever they are.
  void read(int z, double* cells) const {
    std::vector<double> fetched(device_ ? layout_.message() : 0);
    if (device_) {
      device_->fork();
      device_->download(id_, z, fetched.data(), fetched.size());
    }
    const double* from = device_ ? fetched.data() : plane(z);
    layout_.each_cell([&](std::ptrdiff_t cell, std::ptrdiff_t at) { cells[cell] = from[at]; });
  }
  void write(int z, const double* cells) {
    std::vector<double> sent(device_ ? layout_.message() : 0);
    double* to = device_ ? sent.data() : plane(z);
    layout_.each_cell([&](std::ptrdiff_t cell, std::ptrdiff_t at) { to[at] = cells[cell]; });
    if (!device_) return;
    device_->fork();
    device_->upload(id_, z, sent.data(), sent.size());
    device_->join();
    device_->wait();
  }

 private:
  Layout layout_;
  cx::Array values_;
  Device* device_ = nullptr;
  int id_ = -1;
};

// What wrong twins do: one cell of the lowest plane += factor (one cell of another field's). Cells are x and y.
inline void disturb(Field& to, const std::array<int, 2>& cell, double factor, const Field& from, const std::array<int, 2>& other) {
  const auto index = [&](const std::array<int, 2>& at) { return static_cast<std::size_t>(at[1] * to.n() + at[0]); };
  std::vector<double> own(static_cast<std::size_t>(to.n() * to.n())), others(own.size());
  to.read(0, own.data());
  from.read(0, others.data());
  own[index(cell)] += factor * others[index(other)];
  to.write(0, own.data());
}

}  // namespace cg
