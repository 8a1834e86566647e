// How cells are divided among ranks: pure functions, so that --plan knows the same as the run, without MPI.
#pragma once
#include <algorithm>
#include <array>
#include <cstddef>
#include <cstdint>

namespace cx {

using Triple = std::array<int, 3>;  // x, y, z

struct Range {
  int begin = 0, end = 0;
  int size() const { return end - begin; }
};
using Box = std::array<Range, 3>;

// Part `index` of n cells cut into `parts`; the first n % parts ones are one cell longer.
inline Range part(int n, int parts, int index) {
  const auto cut = [&](int i) {
    return static_cast<int>(static_cast<std::int64_t>(i) * (n / parts) + std::min(i, n % parts));
  };
  return {cut(index), cut(index + 1)};
}

// Sample `index` of `samples` (two or more), spread over n things as evenly as whole numbers allow: the first one is of the first,
// and the last of the last.
inline std::size_t spread(std::size_t index, std::size_t samples, std::size_t n) {
  return (index * (n - 1) + (samples - 1) / 2) / (samples - 1);
}

inline double cells(const Box& box) {
  return static_cast<double>(box[0].size()) * box[1].size() * box[2].size();
}

}  // namespace cx
