// Joules of one GPU over a stretch of a run, by the energy counter of its driver (Volta and later).
//
// The counter moves in ticks of about 100 ms. So a window begins and ends at a tick, and one that is shorter than 10 s or 100
// ticks is not reported: better no figure than one that is wrong by several per cent.
#pragma once
#include <algorithm>
#include <cmath>
#include <cstdint>
#include <string>
#include <vector>

#include "common/gpu_report.hpp"
#include "common/nvml.hpp"
#include "common/timer.hpp"

namespace cx {

class EnergyWindow {
 public:
  using Clock = double (*)();  // seconds

  static constexpr double kLeastSeconds = 10, kLeastTicks = 100;
  static constexpr double kPatience = 2;  // seconds without a tick: this counter does not move

  // `bus` is the GPU's PCI address. The GPU should be at rest: what it draws now is what it draws idle.
  explicit EnergyWindow(const std::string& bus, Clock clock = now) : clock_(clock), device_(nvml_.device(bus)) {
    if (!device_) return;
    report.driver = nvml_.driver();
    unsigned current = 0, pending = 0;
    const bool told = nvml_.ask("nvmlDeviceGetMigMode", device_, &current, &pending);
    report.mig = told ? (current == 1) : -1;
    report.energy.idle_w = milli("nvmlDeviceGetPowerUsage");
    report.power.cap_w = milli("nvmlDeviceGetEnforcedPowerLimit");
    report.power.default_w = milli("nvmlDeviceGetPowerManagementDefaultLimit");
    unsigned low = 0, high = 0;
    if (nvml_.ask("nvmlDeviceGetPowerManagementLimitConstraints", device_, &low, &high)) {
      report.power.min_w = low / 1e3;
      report.power.max_w = high / 1e3;
    }
    // The counter is of the whole GPU: of a slice's share nothing is known.
    counts_ = report.mig != 1 && std::isfinite(joules());
  }

  // Waits for two ticks, at most kPatience each: the window begins at the second.
  void begin() {
    if (!device_) return;
    report.power.celsius_begin = celsius();
    throttled_ = throttled();
    if (!counts_) return;
    const double first = tick();
    if (!moves_) return;
    begun_ = tick();
    period_ = begun_ - first;
    joules_ = latest_;
  }

  // To be called now and then in between; looks at the clock of the GPU ten times a second.
  void sample() {
    if (!device_ || clock_() < next_sample_) return;
    next_sample_ = clock_() + 0.1;
    unsigned mhz = 0;
    constexpr unsigned kSm = 1;
    if (!nvml_.ask("nvmlDeviceGetClockInfo", device_, kSm, &mhz)) return;
    clocks_ += mhz;
    ++samples_;
  }

  // The GPU must have finished. Waits for a tick, and fills in the report.
  void end() {
    if (!device_) return;
    report.power.throttled_ns = throttled() - throttled_;
    report.power.celsius_end = celsius();
    if (samples_ > 0) report.power.clock_mhz = clocks_ / samples_;
    if (!counts_) return;
    const double elapsed = clock_() - begun_;
    const double ended = moves_ && elapsed >= kLeastSeconds ? tick() : clock_();  // a short one is thrown away: why wait
    if (!moves_) {
      warnings.push_back("the energy counter does not move");
      return;
    }
    report.energy.source = "nvml";
    report.energy.window_s = ended - begun_;
    report.energy.ticks = std::round((ended - begun_) / period_);
    if (report.energy.window_s >= kLeastSeconds && report.energy.ticks >= kLeastTicks)
      report.energy.joules = latest_ - joules_;
    else warnings.push_back("short_window");
  }

  GpuReport report;  // the parts that the driver knows
  std::vector<std::string> warnings;

 private:
  // Time of the next change of the counter, whose new value is then in latest_.
  double tick() {
    const double before = joules(), asked = clock_();
    while (clock_() - asked < kPatience) {
      latest_ = joules();
      if (latest_ != before) return clock_();
    }
    moves_ = false;
    return clock_();
  }

  double joules() const {
    unsigned long long millijoules = 0;
    return nvml_.ask("nvmlDeviceGetTotalEnergyConsumption", device_, &millijoules)
               ? static_cast<double>(millijoules) / 1e3
               : GpuReport::kNone;
  }

  double milli(const char* function) const {
    unsigned value = 0;
    return nvml_.ask(function, device_, &value) ? value / 1e3 : GpuReport::kNone;
  }

  double celsius() const {
    unsigned value = 0;
    constexpr unsigned kChip = 0;
    return nvml_.ask("nvmlDeviceGetTemperature", device_, kChip, &value) ? value : GpuReport::kNone;
  }

  // Nanoseconds for which the power cap held the clocks down, since the driver was loaded.
  double throttled() const {
    struct {  // nvmlFieldValue_t
      unsigned field, scope;
      long long timestamp, latency_us;
      int type, status;
      union {
        double real;
        unsigned whole;
        unsigned long long large;
      } value;
    } field{};
    constexpr unsigned kThrottledByCap = 74;  // NVML_FI_DEV_PERF_POLICY_POWER
    constexpr int kDouble = 0, kUnsigned = 1;
    field.field = kThrottledByCap;
    if (!nvml_.ask("nvmlDeviceGetFieldValues", device_, 1, static_cast<void*>(&field)) || field.status != 0)
      return GpuReport::kNone;
    if (field.type == kDouble) return field.value.real;
    return field.type == kUnsigned ? field.value.whole : static_cast<double>(field.value.large);
  }

  Nvml nvml_;
  Clock clock_;
  Nvml::Device device_;
  bool counts_ = false, moves_ = true;
  double latest_ = GpuReport::kNone, joules_ = GpuReport::kNone, begun_ = 0, period_ = GpuReport::kNone;
  double throttled_ = GpuReport::kNone, next_sample_ = 0, clocks_ = 0;
  int samples_ = 0;
};

}  // namespace cx
