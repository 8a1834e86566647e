// surrogate's kernels against plain loops, for shim_check.cpp. What is in fp32 must give the very bits.
#pragma once
#include <vector>

#include "cuda/check.hpp"
#include "cuda/surrogate/adam.cuh"
#include "cuda/surrogate/batch.cuh"
#include "cuda/surrogate/half.cuh"
#include "cuda/surrogate/plain.cuh"
#include "cuda/surrogate/thin.cuh"

namespace check {

using surrogate::kFirst, surrogate::kSamples, surrogate::kThreads, surrogate::number, surrogate::Progress, surrogate::Shape;

// Numbers between -1 and 1.
inline std::vector<float> around_zero(std::size_t count, std::size_t seed) {
  std::vector<float> values = numbers<float>(count, seed);
  for (float& value : values) value = 2 * value - 1;
  return values;
}

// Sums over samples, shard by shard, in units; term(row, i).
template <typename Term>
std::vector<long long> gradient(std::size_t count, std::size_t rows, Term term) {
  std::vector<long long> sums(count);
  for (std::size_t i = 0; i < count; ++i)
    for (std::size_t from = 0; from < rows; from += kSamples) {
      float sum = 0;
      for (std::size_t r = from; r < from + kSamples; r += 4)
        sum += (term(r, i) + term(r + 1, i)) + (term(r + 2, i) + term(r + 3, i));
      sums[i] += surrogate::units(sum);
    }
  return sums;
}

inline void batch() {
  const unsigned points = 3, per_field = 27, rows = 48;
  const std::vector<float> axis = numbers<float>(points, 1), facts = numbers<float>(8, 2),
                           values = numbers<float>(4 * per_field, 3);
  const surrogate::Data data{axis.data(), facts.data(), values.data(), values.size(), points, per_field};
  Progress progress{{}, 7, 0, 0};
  const auto pick = [&](unsigned row) { return surrogate::shuffled(7 * 64 + 16 + row, 5, values.size()); };
  std::vector<float> inputs(rows * kFirst), wanted(rows), wanted_inputs, wanted_values;
  for (unsigned row = 0; row < rows; ++row) {
    const std::size_t field = pick(row) / per_field, point = pick(row) % per_field;
    for (const float input : {axis[point % 3], axis[point / 3 % 3], axis[point / 9], facts[2 * field], facts[2 * field + 1]})
      wanted_inputs.push_back(input);
    wanted_values.push_back(values[pick(row)]);
  }
  CX_LAUNCH(surrogate::gather_batch, 1, kThreads, inputs.data(), wanted.data(), data,
            (surrogate::Shuffled{&progress, 64, 16, 5}), rows);
  compare("gather_inputs", inputs, wanted_inputs, 0);
  compare("gather_batch", wanted, wanted_values, 0);
  const std::vector<float> outputs = numbers<float>(rows, 4);
  std::vector<float> slopes(rows), wanted_slopes(rows);
  std::vector<long long> sum(1), wanted_sum(1);
  const unsigned counted = 40;
  for (unsigned from = 0; from < rows; from += kSamples) {
    double loss = 0;
    for (unsigned row = from; row < from + kSamples && row < counted; ++row) {
      wanted_slopes[row] = outputs[row] - wanted[row];
      loss += 0.5 * static_cast<double>(wanted_slopes[row]) * static_cast<double>(wanted_slopes[row]);
    }
    wanted_sum[0] += surrogate::units(loss);
  }
  CX_LAUNCH(surrogate::lose, 1, kThreads, sum.data(), slopes.data(), outputs.data(), wanted.data(), rows, counted, &progress);
  compare("lose_slopes", slopes, wanted_slopes, 0);
  compare("lose", sum, wanted_sum, 0);
}

inline void thin() {
  const Shape shape{48, 70, 72};
  const unsigned rows = shape.rows, width = shape.width, pitch = shape.pitch;
  Progress progress{};
  const std::vector<float> in = around_zero(rows * kFirst, 1), weights = around_zero(kFirst * width, 2),
                           bias = around_zero(width, 3), slopes = around_zero(rows, 4);
  std::vector<float> hidden(rows * pitch), wanted(rows * pitch), deltas(rows * pitch), wanted_deltas(rows * pitch), out(rows),
      wanted_out(rows);
  for (unsigned row = 0; row < rows; ++row) {
    wanted_out[row] = bias[0];
    for (unsigned i = 0; i < width; ++i) {
      float sum = bias[i];
      for (unsigned k = 0; k < kFirst; ++k) sum += in[row * kFirst + k] * weights[k * width + i];
      const float a = wanted[row * pitch + i] = surrogate::tanh_of(sum);
      wanted_out[row] += a * weights[i];
      wanted_deltas[row * pitch + i] = slopes[row] * weights[i] * (1 - a * a);
    }
  }
  CX_LAUNCH(surrogate::forward_first<float>, 14, kThreads, hidden.data(), in.data(), weights.data(), bias.data(), shape);
  compare("forward_first", hidden, wanted, 0);
  CX_LAUNCH(surrogate::forward_last<float>, 1, kThreads, out.data(), hidden.data(), weights.data(), bias.data(), shape);
  compare("forward_last", out, wanted_out, 0);
  CX_LAUNCH(surrogate::backward_last<float>, 14, kThreads, deltas.data(), slopes.data(), weights.data(), hidden.data(), shape,
            false);
  compare("backward_last", deltas, wanted_deltas, 0);

  const auto delta = [&](std::size_t row, std::size_t i) { return deltas[row * pitch + i]; };
  const dim3 shared(1, 1, 2);
  std::vector<long long> sums((kFirst + 1) * width);
  CX_LAUNCH(surrogate::learn_first<float>, shared, kThreads, sums.data(), in.data(), deltas.data(), shape, &progress);
  compare("learn_first", sums, gradient(sums.size(), rows, [&](std::size_t row, std::size_t i) {
            return (i / width < kFirst ? in[row * kFirst + i / width] : 1.0f) * delta(row, i % width);
          }), 0);
  sums.assign(width + 1, 0);
  CX_LAUNCH(surrogate::learn_last<float>, shared, kThreads, sums.data(), hidden.data(), slopes.data(), shape, &progress);
  compare("learn_last", sums, gradient(sums.size(), rows, [&](std::size_t row, std::size_t i) {
            return (i < width ? hidden[row * pitch + i] : 1.0f) * slopes[row];
          }), 0);
  sums.assign(width, 0);
  CX_LAUNCH(surrogate::learn_bias<float>, shared, kThreads, sums.data(), deltas.data(), shape, &progress);
  compare("learn_bias", sums, gradient(sums.size(), rows, delta), 0);
}

inline void plain() {
  const unsigned rows = 80, width = 70;  // no multiples of the tile
  const Shape shape{rows, width, width};
  Progress progress{};
  const std::vector<float> in = around_zero(rows * width, 1), weights = around_zero(width * width, 2),
                           bias = around_zero(width, 3), outs = around_zero(rows * width, 4);
  std::vector<float> forward(rows * width), backward(forward), wanted_forward(forward), wanted_backward(forward);
  for (unsigned row = 0; row < rows; ++row)
    for (unsigned i = 0; i < width; ++i) {
      float sum = bias[i], back = 0;
      for (unsigned k = 0; k < width; ++k) {
        sum += in[row * width + k] * weights[k * width + i];
        back += outs[row * width + k] * weights[i * width + k];
      }
      const std::size_t at = row * width + i;
      wanted_forward[at] = surrogate::tanh_of(sum);
      wanted_backward[at] = back * (1 - in[at] * in[at]);
    }
  const dim3 tiles(2, 2);
  CX_LAUNCH(surrogate::plain::forward, tiles, kThreads, forward.data(), in.data(), weights.data(), bias.data(), shape);
  compare("plain_forward", forward, wanted_forward, 0);
  CX_LAUNCH(surrogate::plain::backward, tiles, kThreads, backward.data(), outs.data(), weights.data(), in.data(), shape, false);
  compare("plain_backward", backward, wanted_backward, 0);
  std::vector<long long> sums(width * width);
  CX_LAUNCH(surrogate::plain::learn, dim3(2, 2, 2), kThreads, sums.data(), in.data(), outs.data(), shape, &progress);
  compare("plain_learn", sums, gradient(sums.size(), rows, [&](std::size_t row, std::size_t i) {
            return in[row * width + i / width] * outs[row * width + i % width];
          }), 0);
}

// A matrix in bf16 with zeros behind the last of `width` columns.
inline std::vector<cx::Bf16> padded(unsigned rows, unsigned width, unsigned pitch, std::size_t seed) {
  std::vector<cx::Bf16> values = halves(std::size_t{rows} * pitch, seed);
  for (std::size_t i = 0; i < values.size(); ++i)
    if (i % pitch >= width) values[i] = 0;
  return values;
}

inline void half() {
  namespace kernels = surrogate::half;
  const unsigned rows = 256, width = 100, pitch = kernels::kBlock;
  const Shape shape{rows, width, pitch};
  Progress progress{};
  const std::vector<cx::Bf16> in = padded(rows, width, pitch, 1), outs = padded(rows, width, pitch, 2);
  std::vector<cx::Bf16> weights = padded(pitch, width, pitch, 3), got(rows * pitch);
  std::fill(weights.begin() + width * pitch, weights.end(), cx::Bf16{0});
  const std::vector<float> bias = around_zero(width, 4);
  std::vector<double> forward(got.size()), backward(got.size()), learn(width * width);
  for (unsigned row = 0; row < rows; ++row)
    for (unsigned i = 0; i < width; ++i) {
      double sum = static_cast<double>(bias[i]), back = 0;
      const auto a = static_cast<double>(number(in[row * pitch + i]));
      for (unsigned k = 0; k < width; ++k) {
        sum += static_cast<double>(number(in[row * pitch + k]) * number(weights[k * pitch + i]));
        back += static_cast<double>(number(outs[row * pitch + k]) * number(weights[i * pitch + k]));
        learn[i * width + k] += a * static_cast<double>(number(outs[row * pitch + k]));
      }
      forward[row * pitch + i] = std::tanh(sum);
      backward[row * pitch + i] = back * (1 - a * a);
    }
  const auto numbers_of = [](const std::vector<cx::Bf16>& values) {
    std::vector<double> out;
    for (const cx::Bf16 value : values) out.push_back(static_cast<double>(number(value)));
    return out;
  };
  const dim3 tiles(1, rows / kernels::kBlock);
  CX_LAUNCH(kernels::forward, tiles, kThreads, got.data(), in.data(), weights.data(), bias.data(), shape);
  compare("half_forward", numbers_of(got), forward, 0x1p-8);  // numbers up to 1, rounded to eight bits
  CX_LAUNCH(kernels::backward, tiles, kThreads, got.data(), outs.data(), weights.data(), in.data(), shape, false);
  compare("half_backward", numbers_of(got), backward, 0x1p-2);  // up to 64
  std::vector<long long> sums(width * width);
  CX_LAUNCH(kernels::learn, dim3(1, 1, 1), kThreads, sums.data(), in.data(), outs.data(), shape, rows / 2, &progress);
  std::vector<double> gradients;
  for (const long long sum : sums) gradients.push_back(surrogate::from_fixed(sum));
  compare("half_learn", gradients, learn, 1e-4);
}

inline void adam() {
  const unsigned ins = 30, outs = 20, pitch = 32, count = (ins + 1) * outs;
  Progress progress{{}, 0, 0, 0};
  surrogate::Adam host(count, 0.01, 5);
  std::vector<float> values = around_zero(count, 1), wanted(values);
  std::vector<double> mean(count), square(count);
  std::vector<long long> sums(count + 1), zeros(count + 1);
  std::vector<cx::Bf16> copy(ins * pitch), wanted_copy(copy);
  for (std::size_t step = 0; step < 3; ++step) {
    const std::vector<float> gradients = around_zero(count + 1, 2 + step);
    host.begin_step();
    for (std::size_t i = 0; i <= count; ++i) sums[i] = surrogate::units(gradients[i]);
    for (std::size_t i = 0; i < count; ++i) wanted[i] = host.step(i, wanted[i], surrogate::from_fixed(sums[i]) * 0.5);
    const long long loss = sums[count];
    CX_LAUNCH(surrogate::begin_step, 1, 1, &progress, &sums[count], 0.01, 5.0);
    CX_LAUNCH(surrogate::adam, 3, kThreads, (surrogate::Moments{values.data(), mean.data(), square.data(), sums.data()}),
              &progress, ins, outs, copy.data(), pitch, 0.5);
    if (step == 2) compare("begin_step", std::vector<long long>{progress.loss}, std::vector<long long>{loss}, 0);
  }
  compare("adam", values, wanted, 0);
  compare("adam_square", square, host.square, 0);
  compare("adam_sums", sums, zeros, 0);
  for (unsigned i = 0; i < ins * outs; ++i) wanted_copy[i / outs * pitch + i % outs] = cx::to_bf16(wanted[i]);
  compare("adam_copy", copy, wanted_copy, 0);
}

}  // namespace check
