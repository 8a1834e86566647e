// A libnvidia-ml.so.1 for tests: one GPU that draws 75 W at rest and 500 W once its energy was asked for. Time goes on by itself
// with every question; the counter moves in ticks. Its variables: FAKE_TICK (seconds), FAKE_WITHOUT (what it does not know or do).
#include <cmath>
#include <cstdlib>
#include <cstring>

namespace {

double seconds = 0;

double tick() {
  const char* given = std::getenv("FAKE_TICK");
  return given ? std::atof(given) : 0.1;
}

bool without(const char* what) {
  const char* given = std::getenv("FAKE_WITHOUT");
  return given && std::strcmp(given, what) == 0;
}

constexpr int kDone = 0, kNotSupported = 3, kNotFound = 6;
int gpu = 0;

}  // namespace

extern "C" {

double fake_seconds() { return seconds; }
void fake_wait(double time) { seconds += time; }

int nvmlInit_v2() { return without("driver") ? 9 : kDone; }
int nvmlShutdown() { return kDone; }

int nvmlSystemGetDriverVersion(char* text, unsigned length) {
  std::strncpy(text, "580.0.fake", length);
  return kDone;
}
int nvmlDeviceGetHandleByPciBusId_v2(const char* bus, void** device) {
  if (std::strncmp(bus, "0000:0", 6) != 0) return kNotFound;
  *device = &gpu;
  return kDone;
}

int nvmlDeviceGetTotalEnergyConsumption(void* device, unsigned long long* millijoules) {
  if (device != &gpu || without("counter")) return kNotSupported;
  seconds += 0.001;
  const double ticks = without("ticks") ? 7 : std::floor(seconds / tick());
  *millijoules = static_cast<unsigned long long>(std::llround(ticks * tick() * 500e3)) + 123456789;
  return kDone;
}

int nvmlDeviceGetMigMode(void*, unsigned* current, unsigned* pending) {
  *current = *pending = without("whole GPU");
  return kDone;
}
int nvmlDeviceGetPowerUsage(void*, unsigned* milliwatts) {
  *milliwatts = seconds == 0 ? 75'000 : 500'000;
  return kDone;
}
int nvmlDeviceGetEnforcedPowerLimit(void*, unsigned* milliwatts) {
  *milliwatts = 650'000;
  return kDone;
}
int nvmlDeviceGetPowerManagementDefaultLimit(void*, unsigned* milliwatts) {
  *milliwatts = 700'000;
  return kDone;
}
int nvmlDeviceGetPowerManagementLimitConstraints(void*, unsigned* least, unsigned* most) {
  *least = 200'000;
  *most = 700'000;
  return kDone;
}
int nvmlDeviceGetTemperature(void*, unsigned, unsigned* celsius) {
  *celsius = 30 + static_cast<unsigned>(seconds);
  return kDone;
}
int nvmlDeviceGetClockInfo(void*, unsigned, unsigned* mhz) {
  *mhz = 1900;
  return kDone;
}

// 74: nanoseconds under the power cap, here a quarter of the time.
int nvmlDeviceGetFieldValues(void*, int count, void* fields) {
  unsigned id = 0;
  std::memcpy(&id, fields, sizeof id);
  if (count != 1 || id != 74 || without("throttling")) return kNotSupported;
  const int type = 3, status = 0;
  const auto value = static_cast<unsigned long long>(seconds * 0.25e9);
  auto* bytes = static_cast<char*>(fields);
  std::memcpy(bytes + 24, &type, sizeof type);
  std::memcpy(bytes + 28, &status, sizeof status);
  std::memcpy(bytes + 32, &value, sizeof value);
  return kDone;
}

}  // extern "C"
