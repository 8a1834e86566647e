// The data set as (input, wanted) pairs, scaled to about ±1, divided into fields to learn from and fields never shown.
#pragma once
#include <algorithm>
#include <cmath>
#include <cstddef>
#include <cstdint>
#include <vector>

#include "common/dataset.hpp"
#include "train/surrogate/mlp.hpp"

namespace surrogate {

// The data set as a GPU takes it: a sample's inputs and wanted output are entries of these, as Samples::load() gives them.
struct Tables {
  struct Fields {
    std::vector<float> facts;   // of every field its time and diffusivity
    std::vector<float> values;  // [field][point]
  };
  std::vector<float> axis;  // of x, y and z alike
  Fields learned, held;
};

class Samples {
 public:
  // Throws Failure(kCorruptData) when there is nothing to learn from or nothing to validate with.
  explicit Samples(const cx::Dataset& data) : data_(data), per_field_(data.fields.front().values.size()) {
    const std::uint32_t snapshots = data.header.snapshots;
    for (std::size_t i = 0; i < data.fields.size(); ++i) {
      const std::size_t run = i / snapshots, snapshot = i % snapshots;
      // Whole fields are held out, in a diagonal pattern inside the time span: validation asks for states at times
      // that the network has seen for other diffusivities only. First and last stay: outside them is extrapolation.
      const bool hold = snapshot > 0 && snapshot + 1 < snapshots && (run + snapshot) % 4 == 2;
      (hold ? held_ : learned_).push_back(i);
    }
    if (held_.empty() || learned_.empty())
      throw cx::Failure(
          cx::kCorruptData,
          "the data set is too small to hold fields out for validation: take heat with --snapshots 4 or more");
    double sum = 0, squares = 0;
    low_ = high_ = data.fields.front().diffusivity;
    for (const std::size_t field : learned_) {
      low_ = std::min(low_, data.fields[field].diffusivity);
      high_ = std::max(high_, data.fields[field].diffusivity);
      for (const float value : data.fields[field].values) sum += value, squares += static_cast<double>(value) * value;
    }
    const double count = static_cast<double>(learned());
    mean_ = sum / count;
    spread_ = std::sqrt(squares / count - mean_ * mean_);
    if (!(spread_ > 0))
      throw cx::Failure(cx::kCorruptData, "the data set is constant or not finite: there is nothing to learn");
  }

  std::size_t learned() const { return learned_.size() * per_field_; }
  std::size_t held() const { return held_.size() * per_field_; }

  // Sample `index` of the learned or the held-out ones, into input[kInputs]; returns the wanted output.
  template <typename Real>
  Real load(bool held_out, std::size_t index, Real* input) const {
    const cx::Field& field = data_.fields[(held_out ? held_ : learned_)[index / per_field_]];
    const std::size_t point = index % per_field_, points = data_.header.points;
    const auto axis = [&](std::size_t sample) {
      return static_cast<Real>(2 * data_.coordinate(static_cast<std::uint32_t>(sample)) - 1);
    };
    input[0] = axis(point % points);
    input[1] = axis(point / points % points);
    input[2] = axis(point / points / points);
    input[3] = static_cast<Real>(2 * field.time / data_.header.t_end - 1);
    input[4] = static_cast<Real>(high_ > low_ ? 2 * (field.diffusivity - low_) / (high_ - low_) - 1 : 0);
    return static_cast<Real>((field.values[point] - mean_) / spread_);
  }

  Tables tables() const {
    Tables tables;
    float input[kInputs];
    for (std::size_t x = 0; x < data_.header.points; ++x) {
      load(false, x, input);
      tables.axis.push_back(input[0]);
    }
    for (const bool held_out : {false, true}) {
      Tables::Fields& fields = held_out ? tables.held : tables.learned;
      fields.values.resize(held_out ? held() : learned());
      for (std::size_t i = 0; i < fields.values.size(); ++i) {
        fields.values[i] = load(held_out, i, input);
        if (i % per_field_ == 0) fields.facts.insert(fields.facts.end(), {input[3], input[4]});
      }
    }
    return tables;
  }

  double mean() const { return mean_; }
  double spread() const { return spread_; }
  double low() const { return low_; }
  double high() const { return high_; }

 private:
  const cx::Dataset& data_;
  std::size_t per_field_;
  std::vector<std::size_t> learned_, held_;
  double mean_ = 0, spread_ = 1, low_ = 0, high_ = 0;
};

}  // namespace surrogate
