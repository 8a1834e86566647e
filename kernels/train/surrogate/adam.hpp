// Adam (Kingma and Ba, 2015) in double precision, with a rate that falls quadratically to 0. Only +, *, / and sqrt, which
// IEEE 754 fixes to the last bit: replicas on different machines stay identical without ever comparing weights.
#pragma once
#include <cmath>
#include <cstddef>
#include <cstring>
#include <vector>

#include "common/anywhere.hpp"
#include "common/bytes.hpp"

namespace surrogate {

// How far the training is, as far as the optimizer needs to know.
struct Pace {
  static constexpr double kBeta1 = 0.9, kBeta2 = 0.999, kEpsilon = 1e-8;

  double taken = 0, decayed1 = 1, decayed2 = 1;
  double scale = 0;  // of this step

  // Once per step: sets the rate and the bias corrections.
  CX_ANYWHERE void begin_step(double rate, double steps) {
    const double left = 1 - taken / steps;
    taken += 1;
    decayed1 *= kBeta1;
    decayed2 *= kBeta2;
    scale = rate * left * left / (1 - decayed1);
  }

  // The new value of a parameter with these moments.
  CX_ANYWHERE float step(float value, double gradient, double& mean, double& square) const {
    mean = kBeta1 * mean + (1 - kBeta1) * gradient;
    square = kBeta2 * square + (1 - kBeta2) * gradient * gradient;
    return static_cast<float>(value - scale * mean / (std::sqrt(square / (1 - decayed2)) + kEpsilon));
  }
};

class Adam {
 public:
  Adam(std::size_t count, double rate, long long steps)
      : mean(count), square(count), rate_(rate), steps_(static_cast<double>(steps)) {}

  // Call once per step.
  void begin_step() { pace.begin_step(rate_, steps_); }

  // The new value of parameter i.
  float step(std::size_t i, float value, double gradient) { return pace.step(value, gradient, mean[i], square[i]); }

  // All that the next step depends on, for a checkpoint, and back.
  void save(cx::Writer& out) const {
    out.put(pace.taken).put(pace.decayed1).put(pace.decayed2);
    for (const auto* moment : {&mean, &square}) out.block(moment->data(), moment->size() * sizeof(double));
  }
  void restore(cx::Reader& in) {
    pace.taken = in.get<double>();
    pace.decayed1 = in.get<double>();
    pace.decayed2 = in.get<double>();
    for (auto* moment : {&mean, &square}) {
      const std::size_t bytes = moment->size() * sizeof(double);
      std::memcpy(moment->data(), in.take(bytes), bytes);
    }
  }

  Pace pace;
  std::vector<double> mean, square;  // moments of every parameter

 private:
  double rate_, steps_;
};

}  // namespace surrogate
