// A window of so many seconds (the argument) by common/energy.hpp, on the clock of the library that pretends to be NVIDIA's; what it
// reports goes to stdout.
#include <cstdlib>
#include <string>

#include "common/energy.hpp"

namespace {
void* library = nullptr;
double clock_of_library() {
  return reinterpret_cast<double (*)()>(dlsym(library, "fake_seconds"))();
}
}  // namespace

int main(int, char** argv) {
  library = dlopen("libnvidia-ml.so.1", RTLD_NOW);
  const auto wait = library ? reinterpret_cast<void (*)(double)>(dlsym(library, "fake_wait")) : nullptr;
  cx::EnergyWindow window("0000:01:00.0", library ? clock_of_library : cx::now);
  window.begin();
  for (double left = std::atof(argv[1]); wait && left > 0; left -= 0.5) {
    wait(0.5);
    window.sample();
  }
  window.end();
  window.report.count = 1;
  cx::Json json;
  json.object();
  window.report.write(json);
  window.report.write_energy(json);
  json.array("warnings");
  for (const std::string& warning : window.warnings) json.string(nullptr, warning);
  std::puts(json.end().end().str().c_str());
}
