// Wall time, and the spread of step times in constant memory.
#pragma once
#include <algorithm>
#include <array>
#include <chrono>
#include <cmath>
#include <cstddef>
#include <cstdint>
#include <limits>

namespace cx {

// Seconds on a clock that never goes back.
inline double now() {
  return std::chrono::duration<double>(std::chrono::steady_clock::now().time_since_epoch()).count();
}

// A histogram with bins 2 % apart from 0.1 µs upwards: a run may have any number of steps.
class StepTimes {
 public:
  void add(double seconds) {
    const double bin = std::log(std::max(seconds, kLow) / kLow) / kWidth;
    ++bins_[std::min<std::size_t>(static_cast<std::size_t>(bin), bins_.size() - 1)];
    ++count_;
  }
  // The q-quantile in seconds to within 2 %; not a number while there is none.
  double quantile(double q) const {
    if (count_ == 0) return std::numeric_limits<double>::quiet_NaN();
    const auto wanted = static_cast<std::uint64_t>(q * static_cast<double>(count_ - 1));
    std::uint64_t seen = 0;
    for (std::size_t i = 0; i < bins_.size(); ++i)
      if ((seen += bins_[i]) > wanted) return kLow * std::exp((static_cast<double>(i) + 0.5) * kWidth);
    return std::numeric_limits<double>::quiet_NaN();
  }

 private:
  static constexpr double kLow = 1e-7, kWidth = 0.02;
  std::array<std::uint64_t, 1400> bins_{};  // reaches 1e-7 * e^28 s
  std::uint64_t count_ = 0;
};

}  // namespace cx
