// CUDA's execution model on CPU threads, as far as the kernels here need it: one thread for each thread of a block, which
// take the blocks of the grid one after another. Not covered: warps, dynamic shared memory, atomics, tensor cores.
#pragma once
#include <barrier>
#include <memory>
#include <thread>
#include <vector>

namespace cx::shim {

struct Index {
  unsigned x = 0, y = 0, z = 0;
};

struct Extent {
  unsigned x, y, z;
  Extent(unsigned x_ = 1, unsigned y_ = 1, unsigned z_ = 1) : x(x_), y(y_), z(z_) {}
  unsigned count() const { return x * y * z; }
  Index at(unsigned i) const { return {i % x, i / x % y, i / x / y}; }
};

inline thread_local Index thread_index, block_index;
inline Extent block_extent, grid_extent;
inline std::unique_ptr<std::barrier<>> meeting;
inline int left_out = 0;  // the barrier that a test leaves out

inline void barrier(int id) {
  if (id != left_out) meeting->arrive_and_wait();
}

template <typename Body>
void launch(Body body, Extent grid, Extent block) {
  grid_extent = grid;
  block_extent = block;
  meeting = std::make_unique<std::barrier<>>(block.count());
  std::vector<std::thread> threads;
  for (unsigned i = 0; i < block.count(); ++i)
    threads.emplace_back([&, i] {
      thread_index = block.at(i);
      for (unsigned b = 0; b < grid.count(); ++b) {
        block_index = grid.at(b);
        body();
        meeting->arrive_and_wait();  // the next block uses the same shared memory
      }
    });
  for (std::thread& thread : threads) thread.join();
}

}  // namespace cx::shim

using dim3 = cx::shim::Extent;
#define threadIdx cx::shim::thread_index
#define blockIdx cx::shim::block_index
#define blockDim cx::shim::block_extent
#define gridDim cx::shim::grid_extent
