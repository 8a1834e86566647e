// heat's cells on a GPU: updates in one stream, faces in another beside it.
#include "mpi/heat/device.hpp"

#include <utility>

#include "cuda/common/runtime.hpp"
#include "cuda/heat/kernel.cuh"

namespace heat {
namespace {

using cx::gpu::Buffer;

class Grid final : public Device {
 public:
  explicit Grid(const Triple& size)
      : row_(size[0] + 2),
        layer_(row_ * (size[1] + 2)),
        old_(static_cast<std::size_t>(layer_ * (size[2] + 2))),
        new_(old_.size()),
        packed_(static_cast<std::size_t>(size[0]) * static_cast<std::size_t>(size[1]) * static_cast<std::size_t>(size[2])) {
    old_.clear();
    new_.clear();
    cx::gpu::wait();
  }

  void update(const Box& box, double courant) override {
    const Cells cells = shape(box);
    if (cells.nx <= 0 || cells.ny <= 0 || cells.nz <= 0) return;
    updates_.follow(faces_);
    const auto tiles = [](int n, int tile) { return static_cast<unsigned>((n + tile - 1) / tile); };
    const std::ptrdiff_t corner = at(box) - layer_ - row_ - 1;
    CX_LAUNCH_ON(updates_, sweep<double>, dim3(tiles(cells.nx, kTileX), tiles(cells.ny, kTileY)), dim3(kTileX, kTileY),
                 next() + corner, now() + corner, cells, courant);
    cx::gpu::launched("sweep");
  }

  void pack(const Box& box, double* out) override {
    const Cells cells = shape(box);
    CX_LAUNCH_ON(faces_, heat::pack<double>, blocks(box), kCopyThreads, packed_.data(), now() + at(box), cells);
    cx::gpu::launched("pack");
    packed_.download(out, count(box), faces_);
  }

  void unpack(const Box& box, const double* in) override {
    const Cells cells = shape(box);
    packed_.upload(in, count(box), faces_);
    CX_LAUNCH_ON(faces_, heat::unpack<double>, blocks(box), kCopyThreads, now() + at(box), packed_.data(), cells);
    cx::gpu::launched("unpack");
    faces_.wait();  // the next one overwrites what is packed
  }

  void wait() override { updates_.wait(); }
  void swap() override { swapped_ = !swapped_; }

 private:
  static Cells shape(const Box& box, std::ptrdiff_t row, std::ptrdiff_t layer) {
    return {box[0].size(), box[1].size(), box[2].size(), row, layer};
  }
  Cells shape(const Box& box) const { return shape(box, row_, layer_); }
  static std::size_t count(const Box& box) { return static_cast<std::size_t>(cx::cells(box)); }
  static unsigned blocks(const Box& box) { return static_cast<unsigned>((count(box) + kCopyThreads - 1) / kCopyThreads); }

  // The first cell of a box.
  std::ptrdiff_t at(const Box& box) const {
    return (box[2].begin + 1) * layer_ + (box[1].begin + 1) * row_ + box[0].begin + 1;
  }
  double* now() const { return (swapped_ ? new_ : old_).data(); }
  double* next() const { return (swapped_ ? old_ : new_).data(); }

  std::ptrdiff_t row_, layer_;
  Buffer<double> old_, new_, packed_;
  cx::gpu::Stream updates_, faces_;
  bool swapped_ = false;
};

}  // namespace

std::unique_ptr<Device> make_device(const Triple& size) {
  return std::make_unique<Grid>(size);
}

}  // namespace heat
