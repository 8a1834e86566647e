// What a result says about GPUs: which they were, what they drew, and for how many joules. Unknown is null.
#pragma once
#include <algorithm>
#include <cstddef>
#include <limits>
#include <string>
#include <vector>

#include "common/json.hpp"

namespace cx {

struct GpuReport {
  static constexpr double kNone = std::numeric_limits<double>::quiet_NaN();

  int count = 0;
  std::string name;
  std::vector<std::string> uuids;
  int capability = 0;
  double memory = kNone;  // bytes
  std::string driver;
  int mig = -1;  // 0 or 1 where it is known

  // Of the first GPU, but for the joules and idle watts, which are sums over all.
  struct {
    double cap_w = kNone, default_w = kNone, min_w = kNone, max_w = kNone, throttled_ns = kNone, clock_mhz = kNone;
    double celsius_begin = kNone, celsius_end = kNone;
  } power;
  struct {
    double joules = kNone, window_s = kNone, ticks = kNone, idle_w = kNone;
    std::string source;
  } energy;

  // "gpus", "gpu" and "power". Without a GPU what it draws does not exist.
  void write(Json& out) const {
    out.integer("gpus", count);
    if (count == 0) {
      out.null("gpu").null("power");
      return;
    }
    out.object("gpu").string("name", name).array("uuid");
    // A result is at most 2 KB: of many GPUs the first ones are named.
    for (std::size_t i = 0; i < std::min<std::size_t>(uuids.size(), 8); ++i) out.string(nullptr, uuids[i]);
    out.end().string("sm", "sm_" + std::to_string(capability)).measured("hbm_gb", memory / 1e9);
    text(out, "driver", driver);
    if (mig < 0) out.null("mig");
    else out.boolean("mig", mig == 1);
    out.end();
    out.object("power").measured("cap_w", power.cap_w).measured("default_w", power.default_w);
    out.measured("min_w", power.min_w).measured("max_w", power.max_w);
    out.measured("sw_power_cap_ns", power.throttled_ns).measured("sm_clock_mhz_avg", power.clock_mhz);
    out.measured("temp_start_c", power.celsius_begin).measured("temp_end_c", power.celsius_end).end();
  }

  // Containers see no energy counter of the CPU (RAPL is for root and masked in pods): its joules are not known here.
  void write_energy(Json& out) const {
    out.object("energy").measured("gpu_j", energy.joules).null("cpu_j");
    text(out, "source", energy.source);
    out.measured("window_s", energy.window_s).measured("ticks", energy.ticks).measured("idle_w", energy.idle_w).end();
  }

 private:
  static void text(Json& out, const char* key, const std::string& value) {
    if (value.empty()) out.null(key);
    else out.string(key, value);
  }
};

}  // namespace cx
