// CUDA's execution model on the CPU, as far as the kernels here need it. Under ThreadSanitizer each thread of a block is one of
// the CPU's, so that a missing barrier is seen; else they are fibers that take turns at barriers, which is a hundred times
// faster. The blocks of the grid follow each other. Not covered: dynamic shared memory, atomics, streams.
#pragma once
#include <cstddef>
#include <memory>
#include <new>
#include <vector>

#if defined(__SANITIZE_THREAD__)
#include <pthread.h>

#include <thread>
#else
#include "cuda/common/fibers.hpp"
#endif

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

inline unsigned thread_number() {
  return (thread_index.z * block_extent.y + thread_index.y) * block_extent.x + thread_index.x;
}

#if defined(__SANITIZE_THREAD__)
// POSIX's barriers, which sleep: C++20's spin, and there are a hundred times more threads here than cores. Two by turns: of one
// alone, a thread that wakes up late would seem to have seen all that others did until they came to it again.
class Meeting {
 public:
  explicit Meeting(unsigned size) : turns_(size) {
    for (pthread_barrier_t& barrier : barriers_) pthread_barrier_init(&barrier, nullptr, size);
  }
  ~Meeting() {
    for (pthread_barrier_t& barrier : barriers_) pthread_barrier_destroy(&barrier);
  }
  Meeting(const Meeting&) = delete;
  Meeting& operator=(const Meeting&) = delete;
  void arrive_and_wait() { pthread_barrier_wait(&barriers_[turns_[thread_number() % turns_.size()] ^= 1]); }

 private:
  pthread_barrier_t barriers_[2];
  std::vector<unsigned char> turns_;  // of each thread
};
#else
using Meeting = FiberBarrier;
#endif

// The 32 threads of a warp, which act as one. What each brings lies here for the others to read: in two places by turns, so
// that one barrier a meeting is enough.
struct Warp {
  static constexpr unsigned kSize = 32;
  struct alignas(16) Item {
    unsigned char bytes[32];
  };
  Meeting meeting{kSize};
  Item brought[2][kSize];
  unsigned char turn[kSize] = {};
};

inline std::unique_ptr<Meeting> meeting;
inline std::vector<std::unique_ptr<Warp>> warps;
inline int left_out = 0;  // the barrier that a test leaves out

inline void barrier(int id) {
  if (id != left_out) meeting->arrive_and_wait();
}

// Each thread of a warp brings a value; `read(values)` sees all of them.
template <typename Value, typename Read>
void meet(const Value& value, Read read) {
  static_assert(sizeof(Value) <= sizeof(Warp::Item));
  Warp& warp = *warps[thread_number() / Warp::kSize];
  const unsigned own = thread_number() % Warp::kSize;
  auto& brought = warp.brought[warp.turn[own]];
  warp.turn[own] ^= 1;
  new (&brought[own]) Value(value);
  warp.meeting.arrive_and_wait();
  read([&](unsigned lane) -> const Value& { return reinterpret_cast<const Value&>(brought[lane]); });
}

template <typename Body>
void launch(Body body, Extent grid, Extent block) {
  grid_extent = grid;
  block_extent = block;
  meeting = std::make_unique<Meeting>(block.count());
  warps.clear();
  for (unsigned i = 0; i < block.count() / Warp::kSize; ++i) warps.push_back(std::make_unique<Warp>());
  const auto thread = [&](unsigned) {
    for (unsigned b = 0; b < grid.count(); ++b) {
      block_index = grid.at(b);
      body();
      meeting->arrive_and_wait();  // the next block uses the same shared memory
    }
  };
#if defined(__SANITIZE_THREAD__)
  std::vector<std::thread> threads;
  for (unsigned i = 0; i < block.count(); ++i)
    threads.emplace_back([&, i] {
      thread_index = block.at(i);
      thread(i);
    });
  for (std::thread& one : threads) one.join();
#else
  run_fibers(block.count(), [&](unsigned i) { thread_index = block.at(i); }, thread);
#endif
}

}  // namespace cx::shim

using dim3 = cx::shim::Extent;
#define threadIdx cx::shim::thread_index
#define blockIdx cx::shim::block_index
#define blockDim cx::shim::block_extent
#define gridDim cx::shim::grid_extent
