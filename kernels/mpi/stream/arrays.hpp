// One rank's part of the three arrays, and what is in them after so many rounds.
#pragma once
#include <mpi.h>
#include <algorithm>
#include <cmath>
#include <cstdint>
#include <limits>
#include <vector>

#include "common/arrays.hpp"
#include "common/hash.hpp"
#include "common/result.hpp"
#include "mpi/stream/operations.hpp"

namespace stream {

// a's first values differ from element to element, with a period that no vector length divides: an operation that is off by
// one, or leaves some out, is seen.
inline constexpr long long kPeriod = 997;
inline double initial(long long element) {
  return 0.1 * (1.0 + static_cast<double>(element % kPeriod) / static_cast<double>(kPeriod));
}

struct Values {
  double a, b, c;
};

// The same arithmetic on one element, in the order of the operations.
inline Values after(long long rounds, long long element) {
  Values v{initial(element), 0.2, 0.0};
  for (long long round = 0; round < rounds; ++round) {
    v.c = v.a;
    v.b = kScalar * v.c;
    v.c = v.a + v.b;
    v.a = v.b + kScalar * v.c;
  }
  return v;
}

class Arrays {
 public:
  Arrays(long long begin, long long end)
      : a(static_cast<std::size_t>(end - begin)), b(a.size()), c(a.size()), begin_(begin) {
    for (std::size_t i = 0; i < a.size(); ++i) {
      a[i] = initial(begin + static_cast<long long>(i));
      b[i] = 0.2;
    }
  }

  // The largest error of any element relative to its value, and the sum of hashes of this rank's elements.
  struct Comparison {
    double error = 0;
    std::uint64_t hash = 0;
  };
  Comparison compare(long long rounds) const {
    std::vector<Values> wanted;
    for (long long i = 0; i < std::min<long long>(kPeriod, begin_ + static_cast<long long>(a.size())); ++i)
      wanted.push_back(after(rounds, i));
    Comparison all;
    for (std::size_t i = 0; i < a.size(); ++i) {
      const long long element = begin_ + static_cast<long long>(i);
      const Values& w = wanted[static_cast<std::size_t>(element % kPeriod)];
      for (const auto& [value, right] : {std::pair{a[i], w.a}, {b[i], w.b}, {c[i], w.c}}) {
        const double error = std::fabs(value - right) / std::fabs(right);
        // max() would pass over a NaN.
        all.error = std::isnan(error) ? std::numeric_limits<double>::infinity() : std::max(all.error, error);
      }
      all.hash += cx::cell_hash(static_cast<std::uint64_t>(element), a[i] + b[i] + c[i]);
    }
    return all;
  }

  cx::Array a, b, c;

 private:
  long long begin_;
};

}  // namespace stream
