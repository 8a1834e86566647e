// How much memory this process may still take: asked before allocating, because a killed container explains nothing.
#pragma once
#include <algorithm>
#include <cstdint>
#include <cstdio>
#include <fstream>
#include <limits>
#include <string>

#include "common/failure.hpp"

namespace cx {

namespace detail {
// The number in a cgroup file; "max", a missing file and v1's huge default all mean no limit.
inline double cgroup_bytes(const char* path) {
  std::ifstream file(path);
  double value = 0;
  return file >> value ? value : std::numeric_limits<double>::infinity();
}

inline double machine_available() {
  std::ifstream file("/proc/meminfo");
  std::string key, unit;
  double kib = 0;
  while (file >> key >> kib >> unit)
    if (key == "MemAvailable:") return kib * 1024;
  return std::numeric_limits<double>::infinity();
}
}  // namespace detail

// Bytes free for all processes of this container together: the lesser of the machine's and the cgroup's (v2, v1) room.
inline double available_memory() {
  const double v2 = detail::cgroup_bytes("/sys/fs/cgroup/memory.max");
  const double v1 = detail::cgroup_bytes("/sys/fs/cgroup/memory/memory.limit_in_bytes");
  return std::min({detail::machine_available(), v2, v1});
}

// `place` would need more bytes than it has.
inline Failure too_large(const char* place, double need, double has) {
  char text[120];
  std::snprintf(text, sizeof text, "too large: one %s would need %.1f GiB (%.0f bytes) and has %.1f GiB (%.0f bytes)", place,
                need / 0x1p30, need, has / 0x1p30, has);
  return {kTooLarge, text};
}

}  // namespace cx
