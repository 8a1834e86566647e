// Which grid points are kept in the data set, and which rank holds them.
#pragma once
#include <cstddef>

#include "mpi/heat/decomposition.hpp"

namespace heat {

// The samples whose grid points lie in `cells` of one axis; sample i is grid point stride / 2 + i * stride.
inline Range samples_in(const Range& cells, int stride) {
  const auto first_at_or_after = [&](int cell) { return (cell - stride / 2 + stride - 1) / stride; };
  return {cells.begin <= stride / 2 ? 0 : first_at_or_after(cells.begin),
          cells.end <= stride / 2 ? 0 : first_at_or_after(cells.end)};
}

inline Box samples_of(const Box& box, int stride) {
  return {samples_in(box[0], stride), samples_in(box[1], stride), samples_in(box[2], stride)};
}

inline std::size_t count(const Box& box) {
  return static_cast<std::size_t>(box[0].size()) * static_cast<std::size_t>(box[1].size()) *
         static_cast<std::size_t>(box[2].size());
}

}  // namespace heat
