// Adam (Kingma and Ba, 2015) in double precision, with a rate that falls quadratically to 0. Only +, *, / and sqrt, which
// IEEE 754 fixes to the last bit: replicas on different machines stay identical without ever comparing weights.
#pragma once
#include <cmath>
#include <cstddef>
#include <cstring>
#include <vector>

#include "common/bytes.hpp"

namespace surrogate {

class Adam {
 public:
  Adam(std::size_t count, double rate, long long steps)
      : rate_(rate), steps_(static_cast<double>(steps)), mean_(count), square_(count) {}

  // Call once per step: sets the rate and the bias corrections.
  void begin_step() {
    const double left = 1 - taken_ / steps_;
    taken_ += 1;
    decayed1_ *= kBeta1;
    decayed2_ *= kBeta2;
    scale_ = rate_ * left * left / (1 - decayed1_);
  }

  // The new value of parameter i.
  float step(std::size_t i, float value, double gradient) {
    mean_[i] = kBeta1 * mean_[i] + (1 - kBeta1) * gradient;
    square_[i] = kBeta2 * square_[i] + (1 - kBeta2) * gradient * gradient;
    return static_cast<float>(value - scale_ * mean_[i] / (std::sqrt(square_[i] / (1 - decayed2_)) + kEpsilon));
  }

  // All that the next step depends on, for a checkpoint, and back.
  void save(cx::Writer& out) const {
    out.put(taken_).put(decayed1_).put(decayed2_);
    for (const auto* moment : {&mean_, &square_}) out.block(moment->data(), moment->size() * sizeof(double));
  }
  void restore(cx::Reader& in) {
    taken_ = in.get<double>();
    decayed1_ = in.get<double>();
    decayed2_ = in.get<double>();
    for (auto* moment : {&mean_, &square_}) {
      const std::size_t bytes = moment->size() * sizeof(double);
      std::memcpy(moment->data(), in.take(bytes), bytes);
    }
  }

 private:
  static constexpr double kBeta1 = 0.9, kBeta2 = 0.999, kEpsilon = 1e-8;
  double rate_, steps_, taken_ = 0, decayed1_ = 1, decayed2_ = 1, scale_ = 0;
  std::vector<double> mean_, square_;
};

}  // namespace surrogate
