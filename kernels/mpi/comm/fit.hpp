// The usual model of a message: t = alpha + size / beta.
#pragma once
#include <cmath>
#include <vector>

#include "common/result.hpp"

namespace comm {

struct Line {
  double alpha = cx::kUnknown;  // seconds
  double beta = cx::kUnknown;   // bytes per second
  double error = cx::kUnknown;  // root of the mean square of the relative error: libraries change protocols with the size
};

struct Point {
  double bytes, seconds;
};

// Least squares of the relative error, sum of ((alpha + bytes / beta) / seconds - 1)^2: otherwise the largest message alone would
// decide. Unknown where the points do not rise.
inline Line fit(const std::vector<Point>& points) {
  double w = 0, wx = 0, wy = 0, wxx = 0, wxy = 0;
  for (const Point& point : points) {
    const double weight = 1 / (point.seconds * point.seconds);
    w += weight;
    wx += weight * point.bytes;
    wy += weight * point.seconds;
    wxx += weight * point.bytes * point.bytes;
    wxy += weight * point.bytes * point.seconds;
  }
  const double slope = (w * wxy - wx * wy) / (w * wxx - wx * wx);
  Line line;
  if (!(slope > 0)) return line;
  line.alpha = (wy - slope * wx) / w;
  line.beta = 1 / slope;
  double squares = 0;
  for (const Point& point : points) {
    const double relative = (line.alpha + slope * point.bytes) / point.seconds - 1;
    squares += relative * relative;
  }
  line.error = std::sqrt(squares / static_cast<double>(points.size()));
  return line;
}

}  // namespace comm
