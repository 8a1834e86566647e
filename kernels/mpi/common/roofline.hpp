// How fast main memory is while a kernel runs: stream's triad, timed between the kernel's own steps, so that whatever else
// the machine does slows down both. On a GPU likewise.
#pragma once
#include <mpi.h>
#include <algorithm>
#include <cstddef>
#include <functional>
#include <vector>

#include "common/arrays.hpp"
#include "common/result.hpp"
#include "common/timer.hpp"
#include "mpi/stream/operations.hpp"

namespace cx {

class Roofline {
 public:
  // `bytes` is what one step of this rank moves: the triad's arrays together are as large, and at least beyond the cache.
  explicit Roofline(double bytes) : count_(elements(memory(bytes))), a_(count_), b_(count_), c_(count_) {}

  // `triad(count)` does it in other memory than the main one, behind a cache of so many bytes.
  Roofline(double bytes, double cache, std::function<void(std::size_t)> triad)
      : count_(elements(memory(bytes, cache))), triad_there_(std::move(triad)) {
    triad_there_(count_);  // the first one allocates
  }

  static double memory(double bytes, double cache = last_level_cache()) { return std::max(bytes, 4 * cache); }

  // Collective: one triad on all ranks at once. `step_seconds` is the kernel's step that it is compared with, `step_bytes`
  // what that step moved on this rank.
  void sample(double step_seconds, double step_bytes) {
    MPI_Barrier(MPI_COMM_WORLD);
    const double begun = now();
    if (triad_there_) triad_there_(count_);
    else stream::triad(a_.data(), b_.data(), c_.data(), stream::kScalar, count_);
    double figures[2] = {now() - begun, step_seconds};
    MPI_Allreduce(MPI_IN_PLACE, figures, 2, MPI_DOUBLE, MPI_MAX, MPI_COMM_WORLD);
    double moved[2] = {24.0 * static_cast<double>(count_), step_bytes};
    MPI_Allreduce(MPI_IN_PLACE, moved, 2, MPI_DOUBLE, MPI_SUM, MPI_COMM_WORLD);
    triad_.push_back(moved[0] / figures[0]);
    step_.push_back(moved[1] / figures[1]);
  }

  // Medians over the samples: the triad in GB/s, and the kernel's share of it.
  std::vector<Figure> figures() {
    const double triad = median(triad_), step = median(step_);
    return {{"triad", triad / 1e9, "GB/s"}, {"moved", step / 1e9, "GB/s"}, {"share_of_triad", step / triad, "1"}};
  }

 private:
  static double median(std::vector<double>& values) {
    if (values.empty()) return kUnknown;
    const auto middle = values.begin() + static_cast<std::ptrdiff_t>(values.size() / 2);
    std::nth_element(values.begin(), middle, values.end());
    return *middle;
  }

  static std::size_t elements(double bytes) { return static_cast<std::size_t>(bytes / 24) / 8 * 8; }

  std::size_t count_;
  std::function<void(std::size_t)> triad_there_;
  Array a_, b_, c_;
  std::vector<double> triad_, step_;
};

}  // namespace cx
