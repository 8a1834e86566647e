// Loops that stream does not use, to compare its triad with: all read and write, by other instructions and from other numbers
// of arrays. The fastest is what the machine can do. One copy loop would not show it: compilers turn that into memcpy.
#pragma once
#include <array>
#include <cstddef>
#include <cstring>

#include "common/vector.hpp"

namespace stream {

namespace loops {

inline void library_copy(double* a, double* b, double*, std::size_t count) {
  std::memcpy(a, b, count * sizeof(double));
}

CX_VECTOR inline void update_in_place(double* a, double* b, double*, std::size_t count) {
  for (std::size_t i = 0; i < count; ++i) a[i] += 0.5 * b[i];
}

CX_VECTOR inline void ordinary_triad(double* a, double* b, double* c, std::size_t count) {
  for (std::size_t i = 0; i < count; ++i) a[i] = b[i] + 0.5 * c[i];
}

CX_VECTOR inline void staged_copy(double* a, double* b, double*, std::size_t count) {
  constexpr std::size_t kPage = 512;
  double page[kPage];
  for (std::size_t i = 0; i + kPage <= count; i += kPage) {
    std::memcpy(page, b + i, sizeof page);
    cx::store_past_cache(a + i, kPage, [&](std::size_t j) { return page[j]; });
  }
  cx::settle();
}

CX_VECTOR inline void ordinary_scale(double* a, double* b, double*, std::size_t count) {
  for (std::size_t i = 0; i < count; ++i) a[i] = 0.5 * b[i];
}

// Reads two arrays and writes the third past the cache, by pages.
CX_VECTOR inline void staged_sum(double* a, double* b, double* c, std::size_t count) {
  constexpr std::size_t kPage = 512;
  double page[kPage];
  for (std::size_t i = 0; i + kPage <= count; i += kPage) {
    for (std::size_t j = 0; j < kPage; ++j) page[j] = b[i + j] - c[i + j];
    cx::store_past_cache(a + i, kPage, [&](std::size_t j) { return page[j]; });
  }
  cx::settle();
}

}  // namespace loops

struct Loop {
  const char* name;
  double bytes;  // per element, counting what the program reads and writes
  void (*run)(double* a, double* b, double* c, std::size_t count);
};

inline constexpr std::array<Loop, 6> kLoops = {{{"memcpy", 16, loops::library_copy},
                                                {"update in place", 24, loops::update_in_place},
                                                {"ordinary triad", 24, loops::ordinary_triad},
                                                {"ordinary scale", 16, loops::ordinary_scale},
                                                {"copy by pages", 16, loops::staged_copy},
                                                {"sum by pages", 24, loops::staged_sum}}};

}  // namespace stream
