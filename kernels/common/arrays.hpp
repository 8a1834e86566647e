// Large arrays of doubles: aligned for vector loads and for stores past the cache, in huge pages where the system has them.
#pragma once
#include <sys/mman.h>
#include <cstddef>
#include <cstdlib>
#include <fstream>
#include <memory>
#include <new>

namespace cx {

namespace detail {
struct Free {
  void operator()(double* memory) const { std::free(memory); }
};
}  // namespace detail

// `count` doubles, all zero, the first of them `skew` doubles (a multiple of 8) behind a page's begin if there are many of them.
// Throws std::bad_alloc.
class Array {
 public:
  Array() = default;
  explicit Array(std::size_t count, std::size_t skew = 0) : count_(count) {
    constexpr std::size_t huge = std::size_t{1} << 21;
    const std::size_t size = (skew + count) * sizeof(double), bytes = (size + huge - 1) / huge * huge;
    // Small arrays would waste most of a huge page.
    const bool large = size >= huge / 2;
    void* memory = std::aligned_alloc(large ? huge : 64, large ? bytes : (size + 63) / 64 * 64);
    if (!memory) throw std::bad_alloc();
#ifdef MADV_HUGEPAGE
    // A TLB miss every 4 KiB costs a tenth of the bandwidth; where huge pages are switched off, nothing happens.
    if (large) madvise(memory, bytes, MADV_HUGEPAGE);
#endif
    memory_.reset(static_cast<double*>(memory));
    data_ = memory_.get() + skew;
    for (std::size_t i = 0; i < count; ++i) data_[i] = 0;  // this rank touches it first: it lies in this rank's memory
  }

  double* data() { return data_; }
  const double* data() const { return data_; }
  std::size_t size() const { return count_; }
  double& operator[](std::size_t i) { return data_[i]; }
  double operator[](std::size_t i) const { return data_[i]; }

 private:
  std::size_t count_ = 0;
  std::unique_ptr<double[], detail::Free> memory_;
  double* data_ = nullptr;
};

// Bytes of the last-level cache that one core sees; 32 MiB where the system does not tell.
inline double last_level_cache() {
  // Not sysconf(): on processors of several dies it gives the sum over all of them.
  std::ifstream file("/sys/devices/system/cpu/cpu0/cache/index3/size");
  double kib = 0;
  return file >> kib && kib > 0 ? kib * 1024 : 0x1p25;
}

}  // namespace cx
